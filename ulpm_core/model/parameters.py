"""The one table of a run's parameters: names, ranges, defaults and the words that refuse a bad value.

The command line, the page's controls, links, files and :class:`ulpm_core.RunConfig` all read this table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final

from ulpm_core.model.class_sizes import SizeList
from ulpm_core.model.limits import MOST_CLASSES, MOST_DIMENSIONS
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.parameter import Bound, knob, row, table
from ulpm_core.model.rules.known import RULES
from ulpm_core.model.saddles.gallery import SADDLES

METHODS: Final = (*RULES, "gradient-flow")
DEVICES: Final = ("cpu", "cuda")
RANDOM_STARTS: Final = ("gaussian", "small", "collapsed", "etf-perturbed")
DECAYS: Final = ("coupled", "decoupled")
AS_FOR_W: Final = -1.0
"""A weight decay of H that is the same as that of W."""


@dataclass(frozen=True, repr=False)
class RunParameters:
    """The parameters of a run: each is a field of :class:`ulpm_core.RunConfig` and a row of the table at once."""

    classes: int = knob("Classes K", "How many classes the samples belong to.", 4, (2, MOST_CLASSES))
    dimension: int = knob(
        "Dimension d",
        "How many numbers describe one feature. A simplex of K classes needs d ≥ K − 1.",
        3,
        (1, MOST_DIMENSIONS),
    )
    per_class: int = knob("Samples per class n", "How many samples each class has.", 30, (1, 100_000))
    class_sizes: tuple[int, ...] = field(
        default=(),
        kw_only=True,  # it came later: what is given by position means what it did
        metadata=row(
            "Class sizes",
            "How many samples each class has, where their numbers differ. Sets classes, and takes per_class's place.",
            (1, 100_000),
            kind=SizeList,
        ),
    )
    learning_rate: float = knob("Learning rate", "What the gradient is multiplied with at each step.", 0.1, (1e-9, 1e6))
    method: str = knob(
        "Method",
        "; ".join(rule.definition for rule in RULES.values())
        + "; or gradient flow, the limit of small steps, in log time.",
        "gradient-descent",
        choices=METHODS,
    )
    steps: int = knob("Steps", "How many updates the run takes.", 10_000, (1, 10_000_000))
    log_time: float = knob(
        "Log time log t",
        "Natural logarithm of the time at which a gradient flow ends: 690 is t = 10^300.",
        1000.0,
        (-20.0, 1e9),
    )
    fast_forward: float = knob(
        "Fast-forward to log t",
        "After its last step, carries a run of another method on by gradient flow to this log time; 0: not at all.",
        0.0,
        (0.0, 1e9),
    )
    initialisation: str = knob(
        "Start",
        "gaussian: independent normal entries. small: the same at a hundredth of the scale, next to the saddle"
        " at the origin. collapsed: every class on one point. etf-perturbed: the ideal frame plus noise. The"
        " others: a state that is stationary on its sphere, and a push.",
        "gaussian",
        choices=RANDOM_STARTS + tuple(SADDLES),
    )
    margin: float = knob(
        "Margin μ", "Of a saddle W = aU, H = bUᵀ: how far along its ray it is taken, μ = ab.", 2.0, (1e-6, 1e6)
    )
    push: float = knob(
        "Push ε", "How far off its saddle a run starts, as a share of the saddle's norm.", 0.1, (0.0, 1.0)
    )
    push_along: int = knob(
        "Push along",
        "0: a random direction. 1: that of the lowest curvature, 2: of the next higher one, and so on; past the"
        " last, of the highest.",
        1,
        (0, 1000),
    )
    initial_scale: float = knob("Start scale", "Standard deviation of the random entries.", 0.3, (0.0, 100.0))
    seed: int = knob("Seed", "Picks the random start; the same seed gives the same run.", 4, (0, 2**32 - 1))
    tolerance: float = knob(
        "Tolerance",
        "Largest estimated error of one step of gradient flow, relative to the norm of (W, H).",
        1e-8,
        (1e-12, 1e-3),
    )
    momentum: float = knob(
        "Momentum β", "How much of the last step is kept (method momentum); of adam, β₁.", 0.9, (0.0, 0.9999)
    )
    beta2: float = field(
        default=0.999,
        kw_only=True,
        metadata=row("Adam's β₂", "How much of the mean of squares is kept (method adam).", (0.0, 0.999999)),
    )
    epsilon: float = field(
        default=1e-8,
        kw_only=True,
        metadata=row("Adam's ε", "What is added to the root of the mean of squares (method adam).", (1e-12, 1.0)),
    )
    loss: str = knob(
        "Loss",
        "What a sample costs. " + " ".join(f"{name}: {loss.words}." for name, loss in LOSSES.items()),
        "cross-entropy",
        choices=tuple(LOSSES),
    )
    smoothing: float = knob(
        "Smoothing a",
        "The share of the probability that label smoothing gives to all classes alike (loss label-smoothing).",
        0.1,
        (1e-6, 0.999),
    )
    weight_decay: float = knob(
        "Weight decay λ",
        "Adds λ/2 times the squared norms of W and H to the loss, which then has a least value at a finite scale.",
        0.0,
        (0.0, 1e6),
    )
    weight_decay_h: float = knob(
        "Weight decay of H",
        "The factor of ‖H‖²/2 where it differs from that of ‖W‖²/2; -1: the same.",
        AS_FOR_W,
        (AS_FOR_W, 1e6),
    )
    decay: str = field(
        default=DECAYS[0],
        kw_only=True,
        metadata=row(
            "Decay",
            "How weight decay acts. coupled: through the gradient, as part of the value. decoupled: each step takes"
            " learning_rate λ of W and H off beside it, as AdamW does; for gradient-descent the two are one.",
            choices=DECAYS,
        ),
    )
    norm_bound_w: float = knob(
        "Bound of ‖w‖²",
        "Keeps the mean over classes of ‖w‖² at most this: after each step W is brought back; none: free.",
        math.inf,
        (1e-6, 1e6),
        kind=Bound,
    )
    norm_bound_h: float = knob(
        "Bound of ‖h‖²",
        "Keeps the mean over classes of the mean over their samples of ‖h‖² at most this; none: free.",
        math.inf,
        (1e-6, 1e6),
        kind=Bound,
    )
    feature_norm: float = knob(
        "Feature norm",
        "Keeps every classifier at length 1 and every feature at this length, to which they are brought after each"
        " step; none: free.",
        math.inf,
        (1e-3, 1e3),
        kind=Bound,
    )
    loss_reduction: str = knob(
        "Reduction",
        "sum: the loss is summed over samples, as in the paper. mean: divided by their number N = nK.",
        "sum",
        choices=("sum", "mean"),
    )
    snapshots: int = knob(
        "Snapshots",
        "How finely a run is recorded: at most this many states on the way to a million steps.",
        240,
        (3, 2000),
    )
    engine: str = knob(
        "Engine",
        "Which code takes the steps. compiled: one processor core a run. batched: torch, on all cores or a GPU."
        " auto: the one foretold to be faster.",
        "auto",
        choices=("auto", "compiled", "batched"),
    )
    device: str = knob("Device", "Where the steps are taken: cpu, or cuda for a GPU.", "cpu", choices=DEVICES)
    dtype: str = knob(
        "Precision",
        "Floating-point type of the steps. float32 takes half the time, and sees margins of at most about 80.",
        "float64",
        choices=("float64", "float32"),
    )


PARAMETERS: Final = table(RunParameters)


def checked_sizes(value: object) -> tuple[int, ...]:
    """Class sizes, checked. Raises :class:`ConfigError`.

    >>> checked_sizes([6, 4, 2])
    (6, 4, 2)
    """
    sizes: Any = PARAMETERS["class_sizes"].check(value)
    return tuple(sizes)
