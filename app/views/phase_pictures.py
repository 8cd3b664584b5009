"""The phase pictures there are: what each sweeps over, what it shows of a cell, and the words beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ulpm_core import RunConfig
from ulpm_core.analysis.minority import Threshold, threshold
from ulpm_core.model.objective import Objective
from ulpm_core.model.shapes import Array
from ulpm_core.studies.axes import Axis, axis
from ulpm_core.studies.study import Study
from ulpm_core.studies.sweep import Sweep

COLLAPSED: Final = 0.9
"""A margin ratio from which a run counts as collapsed."""
ENDS: Final = ("diverged", "caught", "separated", "collapsed")
"""How a cell of the picture of rates ends, from worst to best."""
LOG_END: Final = 300.0
LOG_END_OF_RARE: Final = 1e6
"""The same for classes of differing sizes, whose flow is held by saddles for long."""
DECAY: Final = 0.03
"""The decay of both blocks under which small classes merge in the picture of rare classes."""
RARE: Final = 2
"""Samples of a small class there."""
SHOWN: Final = ("q_min", "gamma", "minority_cosine")
"""The figures of a cell that pictures show."""
RATIOS: Final = (1, 2, 3, 4, 6, 8, 10, 12, 14, 17, 20, 30, 50, 70, 100)
RULES: Final[dict[str, dict[str, Any]]] = {
    "ULPM, by its flow": {"method": "gradient-flow"},
    f"weight decay {DECAY:g}": {"weight_decay": DECAY},
    "norm balls 1 and 5": {"norm_bound_w": 1.0, "norm_bound_h": 5.0},
}
TOLERANCES: Final = tuple(10.0**-p for p in range(3, 12))
LOG_TIMES: Final = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)


@dataclass(frozen=True)
class Picture:
    """A phase picture: `study` says its cells for the page's run, `shown` the number that stands in each, (axes ...).

    `takes` names the parameters that it takes from the page's run, and `fixed` says what all its runs have in common.
    `figures` are those of a cell that its number is made of. `watch` is the line over it, `warning` what is not to be
    concluded; `title` names the number, whose range is `low` to `high`. `across` and `up` name the axes, the first axis
    of the study across. `foretold` finds where along it theory expects something of a line.
    """

    label: str
    takes: tuple[str, ...]
    fixed: str
    figures: tuple[str, ...]
    watch: str
    warning: str
    study: Callable[[RunConfig], Study]
    shown: Callable[[Sweep], Array]
    title: str
    across: str
    up: str = ""
    low: float = 0.0
    high: float = 1.0
    foretold: Callable[[Study], Mapping[str, float]] = lambda study: {}


def first(name: str) -> Callable[[Sweep], Array]:
    """What shows this figure of each cell's first run, (axes ...); NaN where it is not made yet, or not defined."""

    def shown(found: Sweep) -> Array:
        return found.figures[name][..., 0] if name in found.figures else np.full(found.study.shape, np.nan)

    return shown


def _plain(config: RunConfig, **changes: Any) -> RunConfig:
    """The page's run without what these pictures vary or leave out: other rules, a saddle, sizes that differ."""
    names = ("classes", "dimension", "per_class", "seed", "loss_reduction")
    kept: dict[str, Any] = {name: getattr(config, name) for name in names}
    return RunConfig(**(kept | {"per_class": min(config.per_class, 30)} | changes))


def _rates(config: RunConfig) -> Study:
    scales = [float(f"{10.0**p:.3g}") for p in np.linspace(-3.0, 1.0, 13)]
    rates = [float(f"{10.0**p:.3g}") for p in np.linspace(-3.0, 1.0, 21)]
    return Study(_plain(config, steps=1000), (axis("learning_rate", rates), axis("initial_scale", scales)))


def ends(found: Sweep) -> Array:
    """The number of each cell's end in `ENDS`, (rates, scales): diverged; caught, where a sample is still wrong; apart,
    with all samples right; collapsed, with a margin of `COLLAPSED` of the best there is. NaN where it is not made yet.
    """
    q_min, gamma, outcome = first("q_min")(found), first("gamma")(found), found.outcome[..., 0]
    level = np.where(q_min > 0.0, np.where(gamma > COLLAPSED, 3.0, 2.0), 1.0)
    return np.where(outcome == "diverged", 0.0, np.where(outcome == "done", level, np.nan))


def _room(config: RunConfig) -> Study:
    on_axes = {"classes": RunConfig.classes, "dimension": RunConfig.dimension}
    few = _plain(config, **on_axes, per_class=5, method="gradient-flow", log_time=LOG_END)
    return Study(few, (axis("dimension", range(1, 11)), axis("classes", range(2, 11))))


def _rare(config: RunConfig) -> Study:
    K = max(4, min(config.classes, 10))
    small = K // 2
    base = RunConfig(classes=K, dimension=K - 1, seed=config.seed, loss_reduction="mean", learning_rate=1.0)
    sizes = tuple((RARE * ratio,) * (K - small) + (RARE,) * small for ratio in RATIOS)
    names = dict.fromkeys(name for rule in RULES.values() for name in rule)
    rules = {name: tuple(rule.get(name, getattr(RunConfig, name)) for rule in RULES.values()) for name in names}
    base = base.with_changes(steps=20_000, log_time=LOG_END_OF_RARE)
    sized = Axis("ratio", {"class_sizes": tuple(size if len(set(size)) > 1 else () for size in sizes[1:])})
    return Study(base, (sized, Axis("rule", rules)))


def thresholds(study: Study) -> dict[str, float]:
    """The ratio of sizes from which small classes merge, by the rule, where there is one."""
    found = {}
    for i, name in enumerate(RULES):
        config = study.config_of(study.shape[1] + i)  # of ratio 3, which is past no threshold and known for all
        at: Threshold | None = threshold(Objective.of(config))
        if at is not None:
            found[name] = at.at if at.quantity == "ratio" else ratio_of(config, at.here)
    return found


def ratio_of(config: RunConfig, decay: float) -> float:
    """The ratio R at which sqrt(n_B) / N is this decay, for N = n_B (K_A R + K_B): docs/theory.md 6.3.

    >>> round(ratio_of(RunConfig(class_sizes=(4, 4, 2, 2)), 2**0.5 / 44), 6)
    10.0
    """
    small = config.sizes.count(min(config.sizes))
    return (1.0 / (math.sqrt(min(config.sizes)) * decay) - small) / (config.classes - small)


def _tolerances(config: RunConfig) -> Study:
    flow = _plain(config, method="gradient-flow")
    return Study(flow, (axis("log_time", LOG_TIMES), axis("tolerance", TOLERANCES)))


def digits(found: Sweep) -> Array:
    """The digits of the margin ratio that a cell shares with the most careful one at its time, (times, tolerances)."""
    gamma = first("gamma")(found)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = -np.log10(np.abs(gamma - gamma[:, -1:]))
    return np.where(np.isfinite(gamma) & np.isfinite(gamma[:, -1:]), np.clip(apart, 0.0, 15.0), np.nan)


PICTURES: Final[dict[str, Picture]] = {
    "rates": Picture(
        "Rate and start",
        ("classes", "dimension", "per_class", "seed", "loss_reduction"),
        "All have {run.classes} classes of {few} samples in {run.dimension} dimensions, the {run.loss_reduction} of the"
        " loss, {steps:,} steps and seed {run.seed}.",
        ("gamma", "q_min"),
        "Each square is one run of 1,000 steps from one seed: its learning rate across, the scale of its start up.",
        "Do not conclude that a run which is caught stays so: with more steps, or in log time, most get away.",
        _rates,
        ends,
        "after 1,000 steps",
        "learning rate",
        "start scale",
        high=3.0,
    ),
    "room": Picture(
        "Room",
        ("seed", "loss_reduction"),
        "All have {few} samples in each class, the {run.loss_reduction} of the loss and seed {run.seed}.",
        ("gamma",),
        f"Each square is one flow to t = e^{LOG_END:g}: its dimension across, its classes up. Right of the line, where"
        " d ≥ K − 1, a simplex fits.",
        "Do not conclude that nothing collapses left of the line: there the best is another shape, with a smaller"
        " margin.",
        _room,
        first("gamma"),
        "margin γ over the simplex's",
        "dimension d",
        "classes K",
    ),
    "rare": Picture(
        "Rare classes",
        ("classes", "seed"),
        "All have {run.classes} classes in {run.dimension} dimensions, {few} samples in each small class, the mean of"
        " the loss and seed {run.seed}: {steps:,} steps at learning rate {run.learning_rate:g}, or a flow to"
        " t = e^{end:,.10g}.",
        ("minority_cosine",),
        "The mean cosine between classifiers of small classes against how much larger the others are: 1 is one point"
        " for all of them; a line ends where nothing is left of them.",
        "Do not conclude that imbalance alone merges classes: the model without decay never does, at any ratio.",
        _rare,
        first("minority_cosine"),
        "cosine of small classes",
        "ratio R of class sizes",
        low=-1.0,
        foretold=thresholds,
    ),
    "tolerance": Picture(
        "Tolerance",
        ("classes", "dimension", "per_class", "seed", "loss_reduction"),
        "All are flows of {run.classes} classes of {few} samples in {run.dimension} dimensions, of the"
        " {run.loss_reduction} of the loss, from seed {run.seed}.",
        ("gamma",),
        "How many digits of the margin each tolerance of the flow gives, against the log time at which it ends: beside"
        " a tolerance of 1e-11.",
        "Do not read accuracy off the row of 1e-11: it is what the others are held to.",
        _tolerances,
        digits,
        "digits of γ",
        "log t at the end",
        "tolerance",
        high=12.0,
    ),
}
"""By the name that stands in links."""
