"""What the player needs to make claims as `ulpm_core/claims` does: words, checks, defaults, and LaTeX's signs."""

from __future__ import annotations

import json
from typing import Any

from ulpm_core.analysis.curves import CURVES
from ulpm_core.claims import checks, command, digits, latex, words
from ulpm_core.model.parameters import AS_FOR_W, PARAMETERS
from ulpm_core.networks.analysis import GIVEN
from ulpm_core.networks.parameters import NETWORK_PARAMETERS


def table() -> dict[str, Any]:
    """Returns the table, which JSON can hold; defaults are as the command line writes them."""
    return {
        "words": words.WORDS,
        "headings": words.HEADINGS,
        "code": words.CODE,
        "sources": words.SOURCES,
        "figures": [*CURVES, *words.OF_AN_ESCAPE, *checks.SPECTRA],
        "formulas": {curve.name: curve.formula for curve in CURVES.values() if curve.formula},
        "signs": latex.SIGNS,
        "run": checks.RUN,
        "net": checks.NET,
        "features": checks.FEATURES,
        "given": GIVEN,
        "where": checks.WHERE,
        "needs": checks.NEEDS,
        "losses": checks.LOSSES,
        "mean": checks.MEAN,
        "value": checks.VALUE,
        "checks": checks.CHECKS,
        "of_a_recording": checks.IN_NET,
        "of_features": {name: checks.CHECKS[name] for name in checks.OF_FEATURES},
        "digits": digits.DIGITS,
        "near_one": digits.NEAR_ONE,
        "counted": digits.COUNTED,
        "most_letters": latex.MOST_LETTERS,
        "least_loss": digits.LEAST_LOSS,
        "as_for_w": AS_FOR_W,
        "always_said": command.ALWAYS_SAID,
        "floats": [name for name, each in PARAMETERS.items() if each.kind is float],
        "defaults": {
            kind: {name: each.write(each.default) for name, each in known.items()}
            for kind, known in (("run", PARAMETERS), ("network", NETWORK_PARAMETERS))
        },
    }


def with_claims(module: str) -> str:
    """Returns the text of the player's `claims.js` with the table in the place of none."""
    text = json.dumps(table(), ensure_ascii=False, separators=(",", ":"))
    return module.replace("({})", f"({text})")
