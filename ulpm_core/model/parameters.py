"""The one table of a run's parameters: names, ranges, defaults and the words that refuse a bad value.

The command line, the page's controls, links, files and :class:`ulpm_core.RunConfig` all read this table.
"""

from __future__ import annotations

from typing import Final

from ulpm_core.model.class_sizes import SizeList
from ulpm_core.model.limits import MOST_CLASSES, MOST_DIMENSIONS
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.parameter import Bound, Parameter
from ulpm_core.model.rules.known import RULES
from ulpm_core.model.saddles.gallery import SADDLES

METHODS: Final = (*RULES, "gradient-flow")
DEVICES: Final = ("cpu", "cuda")
RANDOM_STARTS: Final = ("gaussian", "small", "collapsed", "etf-perturbed")
AS_FOR_W: Final = -1.0
"""A weight decay of H that is the same as that of W."""

PARAMETERS: Final[dict[str, Parameter]] = {
    p.name: p
    for p in (
        Parameter("classes", "Classes K", "How many classes the samples belong to.", 4, 2, MOST_CLASSES),
        Parameter(
            "dimension",
            "Dimension d",
            "How many numbers describe one feature. A simplex of K classes needs d ≥ K − 1.",
            3,
            1,
            MOST_DIMENSIONS,
        ),
        Parameter("per_class", "Samples per class n", "How many samples each class has.", 30, 1, 100_000),
        SizeList(
            "class_sizes",
            "Class sizes",
            "How many samples each class has, where their numbers differ. Sets classes, and takes per_class's place.",
            low=1,
            high=100_000,
        ),
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
            "; ".join(rule.definition for rule in RULES.values())
            + "; or gradient flow, the limit of small steps, in log time.",
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
            choices=RANDOM_STARTS + tuple(SADDLES),
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
            "loss",
            "Loss",
            "What a sample costs. " + " ".join(f"{name}: {loss.words}." for name, loss in LOSSES.items()),
            "cross-entropy",
            choices=tuple(LOSSES),
        ),
        Parameter(
            "weight_decay",
            "Weight decay λ",
            "Adds λ/2 times the squared norms of W and H to the loss, which then has a least value at a finite scale.",
            0.0,
            0.0,
            1e6,
        ),
        Parameter(
            "weight_decay_h",
            "Weight decay of H",
            "The factor of ‖H‖²/2 where it differs from that of ‖W‖²/2; -1: the same.",
            AS_FOR_W,
            AS_FOR_W,
            1e6,
        ),
        Bound(
            "norm_bound_w",
            "Bound of ‖w‖²",
            "Keeps the mean over classes of ‖w‖² at most this: after each step W is brought back; none: free.",
            low=1e-6,
            high=1e6,
        ),
        Bound(
            "norm_bound_h",
            "Bound of ‖h‖²",
            "Keeps the mean over classes of the mean over their samples of ‖h‖² at most this; none: free.",
            low=1e-6,
            high=1e6,
        ),
        Parameter(
            "loss_reduction",
            "Reduction",
            "sum: the loss is summed over samples, as in the paper. mean: divided by their number N = nK.",
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
