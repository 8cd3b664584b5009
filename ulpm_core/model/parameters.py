"""The one table of a run's parameters: names, ranges, defaults and the words that refuse a bad value.

The command line, the page's controls, links, files and :class:`ulpm_core.RunConfig` all read this table.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from ulpm_core.model.refusal import LONGEST, ConfigError, shown

Value = int | float | str


@dataclass(frozen=True)
class Parameter:
    """One parameter: its type, default, range (inclusive) or choices, and what it means.

    >>> PARAMETERS["classes"].check(4)
    4
    >>> PARAMETERS["classes"].parse("four")
    Traceback (most recent call last):
        ...
    ulpm_core.model.refusal.ConfigError: classes = four is not a whole number: use 2 to 1000, for example 4.
    """

    name: str
    label: str
    help: str
    default: Value
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()

    @property
    def kind(self) -> type:
        return type(self.default)

    def allowed(self) -> str:
        """The allowed values in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        return f"{self.low:.12g} to {self.high:.12g}"

    def refuse(self, value: object, why: str) -> ConfigError:
        example = f"{self.default:.12g}" if isinstance(self.default, float) else self.default
        return ConfigError(
            self.name, f"{self.name} = {shown(value)} {why}: use {self.allowed()}, for example {example}."
        )

    def check(self, value: object, written: str | None = None) -> Value:
        """The value in its own type, or :class:`ConfigError`. Booleans and text are not numbers here.

        `written` is how the person wrote the value, for the refusal to repeat.
        """
        value = value.item() if isinstance(value, np.generic) else value
        said = value if written is None else written
        if self.choices:
            if value not in self.choices:
                raise self.refuse(said, "is not a known choice")
            return str(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.refuse(said, self._not_a_number)
        if not -1e300 < value < 1e300:
            raise self.refuse(said, "is out of range" if value == value else "is not a number")
        if not self.low <= value <= self.high:
            raise self.refuse(said, "is out of range")
        if self.kind is int and value != int(value):
            raise self.refuse(said, self._not_a_number)
        return self.kind(value) + 0  # -0.0 becomes 0.0: equal configs, equal digests

    @property
    def _not_a_number(self) -> str:
        return "is not a whole number" if self.kind is int else "is not a number"

    def parse(self, text: str) -> Value:
        """The value written as text, from a link, a file or the command line."""
        if self.choices:
            return self.check(text)
        plain = text.strip()
        if GROUPED.fullmatch(plain):  # a comma may only group thousands: 0,3 is not 3
            plain = plain.replace(",", "")
        plain = plain.replace("_", "")
        if len(plain) > LONGEST or not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", plain, re.ASCII):
            raise self.refuse(text, self._not_a_number)
        whole = self.kind is int and plain.lstrip("+-").isdigit()
        return self.check(int(plain) if whole else float(plain), written=text)


GROUPED: Final = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", re.ASCII)
METHODS: Final = ("gradient-descent", "momentum", "normalised-gradient-descent", "gradient-flow")
DEVICES: Final = ("cpu", "cuda")
RANDOM_STARTS: Final = ("gaussian", "small", "collapsed", "etf-perturbed")
SADDLES: Final = (
    "origin", "neglected-class", "merged-classes", "merged-pairs", "square", "polygon", "cross-polytope", "simplex",
)  # fmt: skip
"""States that are stationary on their sphere; the simplex is the one that is no saddle."""
MAX_ENTRIES: Final = {"cpu": 20_000_000, "cuda": 2_000_000_000}
"""Most entries W and H may have together: 160 MB in float64, which a laptop steps through; what a large GPU holds."""

PARAMETERS: Final[dict[str, Parameter]] = {
    p.name: p
    for p in (
        Parameter("classes", "Classes K", "How many classes the samples belong to.", 4, 2, 1000),
        Parameter(
            "dimension",
            "Dimension d",
            "How many numbers describe one feature. A simplex of K classes needs d ≥ K − 1.",
            3,
            1,
            4096,
        ),
        Parameter("per_class", "Samples per class n", "How many samples each class has.", 30, 1, 100_000),
        Parameter(
            "learning_rate",
            "Learning rate",
            "What the gradient is multiplied with at each step.",
            0.1,
            1e-9,
            1e6,
        ),
        Parameter(
            "method",
            "Method",
            "Gradient descent; heavy-ball momentum, v ← βv + g; a step of fixed length along the gradient; or gradient"
            " flow, the limit of small steps, in log time.",
            "gradient-descent",
            choices=METHODS,
        ),
        Parameter("steps", "Steps", "How many updates the run takes.", 10_000, 1, 10_000_000),
        Parameter(
            "log_time",
            "Log time log t",
            "Natural logarithm of the time at which a gradient flow ends: 690 is t = 10^300.",
            1000.0,
            -20.0,
            1e9,
        ),
        Parameter(
            "fast_forward",
            "Fast-forward to log t",
            "After its last step, carries a run of another method on by gradient flow to this log time; 0: not at all.",
            0.0,
            0.0,
            1e9,
        ),
        Parameter(
            "initialisation",
            "Start",
            "gaussian: independent normal entries. small: the same at a hundredth of the scale, next to the saddle"
            " at the origin. collapsed: every class on one point. etf-perturbed: the ideal frame plus noise. The"
            " others: a state that is stationary on its sphere, and a push.",
            "gaussian",
            choices=RANDOM_STARTS + SADDLES,
        ),
        Parameter(
            "margin",
            "Margin μ",
            "Of a saddle W = aU, H = bUᵀ: how far along its ray it is taken, μ = ab.",
            2.0,
            1e-6,
            1e6,
        ),
        Parameter(
            "push", "Push ε", "How far off its saddle a run starts, as a share of the saddle's norm.", 0.1, 0.0, 1.0
        ),
        Parameter(
            "push_along",
            "Push along",
            "0: a random direction. 1: that of the lowest curvature, 2: of the next higher one, and so on; past the"
            " last, of the highest.",
            1,
            0,
            1000,
        ),
        Parameter("initial_scale", "Start scale", "Standard deviation of the random entries.", 0.3, 0.0, 100.0),
        Parameter("seed", "Seed", "Picks the random start; the same seed gives the same run.", 4, 0, 2**32 - 1),
        Parameter(
            "tolerance",
            "Tolerance",
            "Largest estimated error of one step of gradient flow, relative to the norm of (W, H).",
            1e-8,
            1e-12,
            1e-3,
        ),
        Parameter("momentum", "Momentum β", "How much of the last step is kept (method momentum).", 0.9, 0.0, 0.9999),
        Parameter(
            "loss_reduction",
            "Loss",
            "sum: cross-entropy summed over samples, as in the paper. mean: divided by their number N = nK.",
            "sum",
            choices=("sum", "mean"),
        ),
        Parameter(
            "snapshots",
            "Snapshots",
            "How finely a run is recorded: at most this many states on the way to a million steps.",
            240,
            3,
            2000,
        ),
        Parameter(
            "engine",
            "Engine",
            "Which code takes the steps. compiled: one processor core a run. batched: torch, on all cores or a GPU."
            " auto: the one foretold to be faster.",
            "auto",
            choices=("auto", "compiled", "batched"),
        ),
        Parameter("device", "Device", "Where the steps are taken: cpu, or cuda for a GPU.", "cpu", choices=DEVICES),
        Parameter(
            "dtype",
            "Precision",
            "Floating-point type of the steps. float32 takes half the time, and sees margins of at most about 80.",
            "float64",
            choices=("float64", "float32"),
        ),
    )
}
