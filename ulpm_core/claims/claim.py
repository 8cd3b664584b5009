"""`Claim`: one figure of one moment, with all that somebody needs who does not believe it; as text, JSON or LaTeX."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from ulpm_core.claims.latex import broken, code, escaped
from ulpm_core.claims.words import CODE, HEADINGS, WORDS

FORMATS: Final = ("text", "json", "latex")


def full(value: float) -> str:
    """Returns a number with all digits that tell it from its neighbours, a whole one without a point.

    >>> full(0.1), full(690.0), full(1e-07)
    ('0.1', '690', '1e-07')
    """
    return repr(value).removesuffix(".0")


@dataclass(frozen=True)
class Claim:
    """The value of the figure `name` at a moment `at`, a step, a log time or an epoch.

    `digits` of the value's hold for the W and H that it is of: what lies behind them, and all below `floor`, is
    rounding. `interval` is where the best possible value lies, where the state itself proves it. `config` are the
    fields of the run's or the training's config, None of a recording by others, and `digest` is its SHA-256 (of such a
    recording, of its arrays). `link` is what follows the address of a lab, `versions` are those of what measured it;
    `command` makes it again and `check` computes it by NumPy alone. `notes` name sentences of
    :data:`ulpm_core.claims.words.WORDS`, with what is filled in.

    >>> claim = Claim("norm_w", 2.5, 12, at={"step": 100}, definition="Frobenius norm of W.", command=("make it",))
    >>> print(claim.to_text())
    Claim: norm_w = 2.5 at step 100
    Digits: 12 digits hold for these W and H, those behind them are rounding; another machine may round a run otherwise
    Definition: Frobenius norm of W.
    Made by:
      make it
    >>> Claim.from_json(claim.to_json()) == claim
    True
    """

    name: str
    value: float
    digits: int
    floor: float = 0.0
    at: Mapping[str, float] = field(default_factory=dict)
    definition: str = ""
    formula: str = ""
    source: str = ""
    interval: tuple[float, float] | None = None
    config: Mapping[str, Any] | None = None
    digest: str = ""
    link: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    check: str = ""

    @classmethod
    def from_json(cls, text: str) -> Claim:
        """The claim that :meth:`to_json` wrote; a text of another form raises ValueError or TypeError."""
        fields = json.loads(text)
        for name in ("command", "notes"):
            fields[name] = tuple(fields[name])
        return cls(**fields | {"interval": fields["interval"] and tuple(fields["interval"])})

    def to_json(self) -> str:
        """One line of JSON, an object with the fields; numbers have all their digits."""
        return json.dumps(asdict(self), allow_nan=False)

    def to_text(self) -> str:
        """Lines for a message or a notebook, code indented."""
        return "\n".join(
            f"{HEADINGS[part]}:" + ("\n" + _indented(said) if part in CODE else f" {said}")
            for part, said in self.parts().items()
        )

    def to_latex(self) -> str:
        r"""A `description` for a document that uses the package amsmath; code stands in `verbatim`."""
        lines = []
        for part, said in self.parts().items():
            if part in CODE:
                said = code(said)
            elif part == "digest":
                said = broken(said)
            else:
                said = f"${said}$" if part == "formula" else escaped(said)
            lines.append(f"\\item[{HEADINGS[part]}] {said}")
        return "\n".join(["\\begin{description}\\sloppy", *lines, "\\end{description}"])

    def parts(self) -> dict[str, str]:
        """The parts that are not empty, in words, in the order of :data:`ulpm_core.claims.words.HEADINGS`."""
        parts = {
            "value": WORDS["value"].format(name=self.name, value=full(self.value), moment=moment(self.at)),
            "digits": self._digits(),
            "definition": self.definition,
            "formula": self.formula,
            "source": self.source,
            "certificate": self._interval(),
            "config": "; ".join(f"{name} = {written(value)}" for name, value in (self.config or {}).items()),
            "digest": self.digest,
            "link": WORDS["behind"].format(link=self.link) if self.link.startswith(RELATIVE) else self.link,
            "versions": ", ".join(f"{name} {version}" for name, version in self.versions.items()),
            "command": "\n".join(self.command),
            "note": "; ".join(self.notes),
            "check": self.check,
        }
        return {part: said for part, said in parts.items() if said}

    def _digits(self) -> str:
        said = WORDS["digit" if self.digits == 1 else "digits" if self.digits else "no-digits"]
        return said.format(digits=self.digits, floor=full(self.floor))

    def _interval(self) -> str:
        low, high = self.interval or (math.nan, math.nan)
        return WORDS["interval"].format(low=full(low), high=full(high)) if self.interval else ""


RELATIVE: Final = ("?", "networks?")
"""How a link begins that leads nowhere without a lab's address."""


def moment(at: Mapping[str, float]) -> str:
    """Returns a moment in words.

    >>> moment({"step": 1000, "log_time": 2.5})
    'step 1000, log t = 2.5'
    """
    return ", ".join(WORDS[name].format(**{name: full(value)}) for name, value in at.items())


def written(value: object) -> str:
    """Returns a value of a config as the command line takes it.

    >>> written((10, 10, 2)), written(0.1), written("sum")
    ('10,10,2', '0.1', 'sum')
    """
    if isinstance(value, (list, tuple)):
        return ",".join(map(written, value))
    return "none" if value == math.inf else full(value) if isinstance(value, float) else str(value)


def _indented(code: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in code.split("\n"))
