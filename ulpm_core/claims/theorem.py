"""The claims of a whole flow: the theorem's figures at its end, and the slopes that were fitted to its curves.

They are made from what a film says of a flow (:func:`ulpm_core.analysis.theory.theory`), so that a page can make them
where the run itself is no longer held.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ulpm_core.analysis.curve import Curve
from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.rates import PREDICTED, WIDE_FROM, floor_of_fit
from ulpm_core.claims.at_a_moment import claim_at
from ulpm_core.claims.claim import Claim
from ulpm_core.claims.digits import DIGITS, digits_of
from ulpm_core.claims.whole_checks import DRIFT, slope_check, smoothed_check
from ulpm_core.claims.words import WORDS
from ulpm_core.film.curves import defined_for
from ulpm_core.model.config import RunConfig

SLOPE: Final = "slope_"
WIDE: Final = "wide_slope_"
OF_THE_END: Final[Mapping[str, Curve]] = {
    curve.name: curve
    for curve in (
        Curve(
            "kkt_feasibility",
            "feasibility",
            "By how much a margin falls short of 1 at most, where (W, H) is scaled so that the smallest is 1.",
            scale="signed",
        ),
        Curve(
            "kkt_signs",
            "multiplier signs",
            "Largest negative part of the multipliers over the largest of them; they are exponentials.",
            scale="signed",
        ),
        Curve(
            "smoothed_margin_decrease",
            "smoothed margin",
            "By how much −log(e^L − 1)/‖θ‖² ever fell below an earlier value at most, over all snapshots with L < log"
            " 2; L is the sum over samples. The flow never lets it fall.",
            scale="signed",
        ),
        Curve(
            "drift",
            "drift",
            "Change of WᵀW − HHᵀ since the flow began, in Frobenius norm, over its size there. The flow conserves it.",
        ),
    )
}
"""Figures of a flow's end that are no curves of its film."""
OF_A_FLOW: Final = (*OF_THE_END, *(start + name for start in (SLOPE, WIDE) for name in PREDICTED))
"""Names of the figures of a whole flow that are no curves."""


def theorem_claims(
    config: RunConfig, said: Mapping[str, Any], at: Mapping[str, float], ended: Mapping[str, object] | None = None
) -> dict[str, Claim]:
    """Returns the claims of a flow that ends at a moment, by their names, where they are defined.

    `said` is what :func:`ulpm_core.analysis.theory.theory` returns, as JSON holds it. `ended` are the parameters that
    end the run where it was stopped.

    >>> from ulpm_core import simulate
    >>> from ulpm_core.analysis.theory import theory
    >>> from ulpm_core.model.plain import plain
    >>> config = RunConfig(method="gradient-flow", classes=3, dimension=3, per_class=2, log_time=50)
    >>> claims = theorem_claims(config, plain(theory(simulate(config))), {"step": 9, "log_time": 50.0})
    >>> claims["kkt_feasibility"].value, claims["gamma"].command[1]
    (0.0, 'python -m ulpm_core claim run.npz gamma --log-time 50')
    """
    found, gamma = {}, said["theorem"]["gamma"]
    lacks = {} if gamma is None else {"gamma_gap": 1.0 - gamma}
    for name, value in (said["theorem"] | lacks).items():
        if value is not None:
            curve = OF_THE_END.get(name) or defined_for(config, CURVES[name])
            check = smoothed_check() if name == "smoothed_margin_decrease" else None
            interval = interval_of(name, said["theorem"])
            found[name] = claim_at(config, curve, value, at, interval=interval, ended=ended, check=check)
    if said["drift"] is not None:
        drift, floor = OF_THE_END["drift"], said["drift_rounding"]
        claim = claim_at(config, drift, said["drift"], at, ended=ended, check=DRIFT)
        found["drift"] = replace(claim, floor=floor, digits=digits_of(claim.value, floor))
    return found | {claim.name: claim for rate in said["rates"] for claim in _slopes(config, rate, at, ended)}


def _slopes(
    config: RunConfig, rate: Mapping[str, Any], at: Mapping[str, float], ended: Mapping[str, object] | None
) -> Iterator[Claim]:
    """Yields the claims of the slopes of a :class:`ulpm_core.analysis.rates.Rate`, as JSON holds it."""
    of, wide = rate["name"], (WIDE_FROM, at["log_time"])
    for start, value, window in ((SLOPE, rate["slope"], rate["window"]), (WIDE, rate["wide_slope"], wide)):
        if value is None:
            continue
        low, high = window
        definition = WORDS["slope"].format(
            of=of, low=f"{low:.6g}", high=f"{high:.6g}", definition=defined_for(config, CURVES[of]).definition
        )
        curve = Curve(start + of, "", definition, scale="signed")
        check = slope_check(of, config, low, high, floor_of_fit(of))
        claim = claim_at(config, curve, value, at, ended=ended, check=check)
        most, error = DIGITS["float64"], rate["rounding"]
        digits = min(most, int(-math.log10(error / abs(value)))) if error < abs(value) else 0
        yield replace(claim, digits=digits, floor=error)


def interval_of(name: str, end: Mapping[str, float | None]) -> tuple[float, float] | None:
    """Returns where the best objective, gamma or 1 - gamma lies: gamma is a constant over the objective, whose optimum
    is between the dual bound and it. `end` has the figures of one moment; None where they prove nothing.

    >>> interval_of("gamma", {"duality_gap": 0.25, "gamma": 0.5, "objective": 8.0})
    (0.5, 0.625)
    """
    gap, gamma, objective = (end.get(each) for each in ("duality_gap", "gamma", "objective"))
    if gap is None or gamma is None or objective is None or not gap >= 0.0:
        return None
    most = min(1.0, gamma * (1.0 + gap))
    known = {
        "objective": (objective / (1.0 + gap), objective),
        "gamma": (gamma, max(gamma, most)),
        "gamma_gap": (min(1.0 - most, 1.0 - gamma), 1.0 - gamma),
    }
    return known.get(name)
