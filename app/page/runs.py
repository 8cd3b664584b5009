"""`RUNS`: the page of a run of the model, one row for each knob, with its range on the page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from app.page.derived import DERIVED, LARGEST_SIZE
from app.page.facts import BY_STEPS, GOES_ON_BY_FLOW, When
from app.page.run_widgets import LEARNING_RATE, PUSH_ALONG, SEED, START
from app.page.spec import Knob, PageSpec
from app.page.state import PageState
from app.page.widgets import CHOICE, DEVICE, LADDER, NUMBER, OF_DEVICES, SLIDER
from app.views.phase_pictures import PICTURES
from app.views.presets import PRESETS
from ulpm_core import RunConfig
from ulpm_core.dynamics.engines.choice import devices
from ulpm_core.dynamics.engines.cost import refuse_beyond
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.losses.label_smoothing import LabelSmoothing
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.rules.known import RULES
from ulpm_core.model.saddles.gallery import SADDLES

P: Final = PARAMETERS
FAST_FORWARD_END: Final = 1000.0
"""log t to which the button "Fast-forward" goes: milliseconds for the flow, beyond any computer's steps."""
OTHER_OBJECTIVES: Final = (
    "loss",
    "smoothing",
    "weight_decay",
    "weight_decay_h",
    "norm_bound_w",
    "norm_bound_h",
    "feature_norm",
)
"""The parameters of what is minimised."""
BESIDE_A_GRADIENT: Final = ("norm_bound_w", "norm_bound_h", "feature_norm", "decay")
"""Those that give way to a flow, which goes along the gradient of one value and nowhere else."""
LOG_TIMES: Final = (30.0, 100.0, 300.0, 690.0, 1000.0, 1e4, 1e5, 1e6, 1e8)


OTHER_OBJECTIVE_FITS: Final = ("no-saddle",)
"""The facts of a run that may minimise another objective than the model's: saddles are known of the model alone."""


def _settled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values of which what is no gradient gives way to a flow, another objective to a saddle, a smoothing
    to a loss that has none, and sizes that differ to a number of classes, or of samples a class.
    """
    settled, sizes = dict(values), values["class_sizes"]
    if sizes and (values["classes"], values["per_class"]) != (len(sizes), min(sizes)):
        settled["class_sizes"] = ()
    if values["loss"] != LabelSmoothing.name:
        settled["smoothing"] = P["smoothing"].default
    flows = values["method"] == "gradient-flow" or values["fast_forward"] > 0.0
    gone = OTHER_OBJECTIVES if values["initialisation"] in SADDLES else BESIDE_A_GRADIENT if flows else ()
    settled |= {name: P[name].default for name in gone}
    return settled


def _sizes_from_the_link(run: RunConfig) -> str:
    """Says sizes that no knob shows."""
    shown = not run.class_sizes or When("two-sizes")(run)
    return "" if shown else f"Class sizes {', '.join(map(str, run.class_sizes))}, from the link"


def _on_the_processor(run: RunConfig) -> RunConfig:
    """Returns the run, and a flow without a device and an engine: it chooses them itself."""
    return run if BY_STEPS(run) else run.with_changes(device="cpu", engine="auto")


# fmt: off
ROWS: Final[tuple[Knob[RunConfig], ...]] = (
    Knob(P["classes"], SLIDER, 2, 20,
         matters=When("one-size", "any-classes")),
    Knob(P["dimension"], SLIDER, 1, 64),
    Knob(P["per_class"], SLIDER, 1, 200, matters=When("one-size")),
    Knob(P["class_sizes"], low=1, high=LARGEST_SIZE, most=20, words={(): "equal"}),
    Knob(P["learning_rate"], LEARNING_RATE, matters=BY_STEPS,
         ladder=(*(float(f"{m}e{e}") for e in range(-3, 2) for m in (1, 2, 5)), 100.0)),
    Knob(P["method"], CHOICE,
         words={name: rule.label for name, rule in RULES.items()} | {"gradient-flow": "Gradient flow (log time)"}),
    Knob(P["steps"], LADDER, 10, 1_000_000, matters=BY_STEPS,
         ladder=(10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)),
    Knob(P["log_time"], LADDER, 1.0, 1e8, ladder=(3.0, 10.0, *LOG_TIMES), matters=When("flow")),
    Knob(P["fast_forward"], LADDER, 0.0, 1e8, ladder=(0.0, *LOG_TIMES), matters=GOES_ON_BY_FLOW,
         advanced=True),
    Knob(P["initialisation"], START,
         words={"gaussian": "Gaussian", "small": "Small, near the saddle", "collapsed": "Classes collapsed",
                "etf-perturbed": "Ideal frame plus noise", **{name: saddle.title for name, saddle in SADDLES.items()}},
         help="Gaussian: independent normal entries. Small: the same at a hundredth of the scale, next to the saddle at"
              " the origin. Classes collapsed: every class on one point. Ideal frame plus noise: nearly there."),
    Knob(P["margin"], LADDER, 0.01, 50.0, ladder=(0.01, 0.1, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 50.0),
         matters=When("saddle", "off-origin")),
    Knob(P["push"], LADDER, ladder=(0.0, 1e-4, 1e-3, 0.003, 0.01, 0.03, 0.1, 0.2, 0.5, 1.0), matters=When("saddle")),
    Knob(P["push_along"], PUSH_ALONG, 0, 100, matters=When("saddle", "pushed"),
         help="At random, or along a curvature of the saddle: 1 is the lowest, 2 the next higher one, and so on."),
    Knob(P["initial_scale"], LADDER, ladder=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
         matters=When("scaled")),
    Knob(P["seed"], SEED, matters=When("random")),
    Knob(P["tolerance"], LADDER, ladder=(*(float(f"1e{e}") for e in range(-12, -3)), 1e-3),
         matters=When("flows"), advanced=True),
    Knob(P["momentum"], NUMBER, matters=When("momentum"), advanced=True, help="How much of the last step is kept."),
    Knob(P["beta2"], NUMBER, matters=When("adam"), advanced=True,
         help="How much of the running mean of squared gradients is kept."),
    Knob(P["epsilon"], LADDER, ladder=tuple(float(f"1e{e}") for e in range(-12, 1)),
         matters=When("adam"), advanced=True,
         help="Added to the root of that mean: where gradients are far below it, it decides the step."),
    Knob(P["loss"], CHOICE, words={name: loss.label for name, loss in LOSSES.items()}, advanced=True,
         matters=When(*OTHER_OBJECTIVE_FITS),
         help="What a sample costs. " + " ".join(f"{loss.label}: {loss.words}." for loss in LOSSES.values())),
    Knob(P["smoothing"], LADDER, 0.001, 0.9, ladder=(0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9),
         matters=When("smoothed"), advanced=True, unfolded=When("smoothed"),
         help="The target of each other class is a/K, and that of the true one 1 − a more: the best margin is then"
              " finite, log(1 + K(1 − a)/a)."),
    Knob(P["weight_decay"], LADDER, ladder=(0.0, *(float(f"{m}e{e}") for e in range(-5, 1) for m in (1, 3)), 10.0),
         advanced=True, unfolded=When("decayed"),
         matters=When(*OTHER_OBJECTIVE_FITS, "no-bound", "free-lengths"),
         help="Adds λ/2 times ‖W‖² and ‖H‖² to the loss: the best scale is then finite, and 0 if λ is too large. At 0"
              " there is none, as in the paper."),
    Knob(P["weight_decay_h"]),
    Knob(P["decay"], CHOICE, words={"coupled": "In the gradient", "decoupled": "Beside the step (AdamW)"},
         advanced=True, matters=When("never-flows", "decays-apart"),
         help="Whether weight decay is part of the gradient, or takes its share of W and H off beside each step."),
    *(Knob(P[name], LADDER, ladder=(*(float(f"{m}e{e}") for e in range(-2, 2) for m in (1, 3)), 100.0, math.inf),
           words={math.inf: "none"}, advanced=True, unfolded=When("bounded"),
           matters=When(*OTHER_OBJECTIVE_FITS, "never-flows", "no-decay", "free-lengths"), help=help)
      for name, help in (
          ("norm_bound_w", "Keeps the mean of ‖w‖² over classes at most this, by bringing W back after each step."),
          ("norm_bound_h", "The same for the mean of ‖h‖², each class counting once. With both bounds the best is the"
                           " simplex at a finite scale; with one alone there is no best."))),
    Knob(P["feature_norm"], LADDER, 0.1, 100.0, ladder=(0.1, 0.3, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0, math.inf),
         words={math.inf: "none"}, advanced=True, unfolded=When("normed"),
         matters=When(*OTHER_OBJECTIVE_FITS, "never-flows", "no-decay", "no-bound"),
         help="Brings every w to length 1 and every h to length R after each step. The best is then the simplex, at"
              " margin RK/(K − 1)."),
    Knob(P["loss_reduction"], CHOICE, words={"sum": "Sum over samples", "mean": "Mean over samples"}, advanced=True,
         help="The loss summed over samples, as in the paper, or divided by their number N = nK."),
    Knob(P["snapshots"], NUMBER, advanced=True),
    Knob(P["engine"]),  # by which code and in which precision leaves nothing to see
    Knob(P["device"], DEVICE, choices=devices(), words=OF_DEVICES, matters=BY_STEPS,
         help="Where the steps are taken.", advanced=True),
    Knob(P["dtype"]),
)
# fmt: on
RUNS: Final = PageSpec(
    screen="playground",
    family="runs",
    key="lab",
    config=RunConfig,
    rows=ROWS,
    refuse_beyond=refuse_beyond,
    example=RunConfig(classes=3, seed=7),
    usual=("classes", "dimension", "seed"),
    asks="What happens when d is smaller than K − 1?",
    what="run",
    presets=PRESETS,
    derived=DERIVED,
    choices={
        "curves": {
            "figure-2": "Figure 2, centred",
            "figure-2-uncentred": "Figure 2, uncentred",
            "theorem": "The theorem",
        },
        "picture": {name: picture.label for name, picture in PICTURES.items()},
        "plane": {"simplex": "Down, and to the simplex", "curvatures": "Down, and the next curvature"},
    },
    gives_way=("class_sizes", "initialisation"),
    unseen=("engine", "dtype"),
    settle=_settled,
    note=_sizes_from_the_link,
    whole=_on_the_processor,
)
"""The page of the playground; the theory and the landscape screen are this one with a few fields changed."""
RunState = PageState[RunConfig]
"""The state of such a page."""
