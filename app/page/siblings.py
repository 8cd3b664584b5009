"""`SIBLINGS_PAGE`: the page of four rules from one start, and the runs that its state asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from app.page.derived import LARGEST_SIZE
from app.page.runs import ROWS, RUNS, RunState
from app.page.spec import PageSpec
from app.page.widgets import LADDER
from app.views.siblings import SIBLINGS
from app.views.siblings_presets import SIBLINGS_PRESETS
from ulpm_core import RunConfig

SEATS: Final = {"a": "ulpm", "b": "weight-decay", "c": "norm-bound", "d": "label-smoothing"}
"""The keys of a link that name the four rules, and whom they name usually."""
RATIOS: Final = (1, 2, 3, 5, 10, 15, 20, 30, 50, 100, 200, 300, 500, 1000)
_SAMPLES: Final = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, LARGEST_SIZE)
_KNOBS: Final = ("classes", "dimension", "per_class", "learning_rate", "steps", "initial_scale", "seed")


def _ladder(usual: str, *others: str) -> dict[str, str]:
    """Returns the values of a key, the usual one first, as words."""
    return {value: value for value in (usual, *others)}


def _rules(usual: str) -> dict[str, str]:
    return {name: SIBLINGS[name].label for name in (usual, *(name for name in SIBLINGS if name != usual))}


SIBLINGS_PAGE: Final = PageSpec(
    screen="rules",
    family="siblings",
    key="siblings",
    prefix="siblings-",
    config=RunConfig,
    rows=tuple(
        replace(row, widget=LADDER, high=LARGEST_SIZE, ladder=_SAMPLES, help="How many samples a large class has.")
        if row.name == "per_class"
        else row
        for row in ROWS
        if row.name in _KNOBS
    ),
    refuse_beyond=RUNS.refuse_beyond,
    example=RunConfig(classes=3, seed=7),
    usual=("classes", "seed"),
    asks="Which of the four merge the small classes?",
    what="run",
    a_link="this link",
    presets=SIBLINGS_PRESETS,
    choices={
        **{key: _rules(usual) for key, usual in SEATS.items()},
        "ratio": _ladder(*map(str, RATIOS)),
        "small": {"half": "half of them", **{str(count): str(count) for count in range(1, 20)}},
        "decay": _ladder("1", "0.01", "0.03", "0.1", "0.3", "1.4", "1.5", "2", "3", "5", "10"),
        "bound": _ladder("2", "0.5", "1", "1.5", "3", "4", "5", "10"),
        "smoothing": _ladder("0.1", "0.01", "0.03", "0.3", "0.5"),
        "radius": _ladder("2", "1", "3", "5", "10"),
        "rate": _ladder("0.01", "0.001", "0.003", "0.03", "0.1"),
    },
)
"""The page of the screen Rules: `a` to `d` of a link name the four rules, `ratio` is that of class sizes and `small`
says how many classes are small; `decay`, `bound`, `smoothing`, `radius` and `rate` are the parameters of rules.
"""


def names_of(lab: RunState) -> list[str]:
    """Returns the names of the four rules."""
    return [lab.chosen(SIBLINGS_PAGE, key) for key in SEATS]


def parameters_of(lab: RunState) -> dict[str, str]:
    """Returns the parameters of rules, as the page has them."""
    return {name: lab.chosen(SIBLINGS_PAGE, name) for name in ("decay", "bound", "smoothing", "radius", "rate")}


def ratios_for(samples: int) -> list[str]:
    """Returns the ratios of sizes that classes of at most so many samples can have.

    >>> ratios_for(10)
    ['1', '2', '3', '5', '10']
    """
    return [str(ratio) for ratio in RATIOS if ratio <= samples]


def ratio_of(lab: RunState) -> str:
    """Returns the ratio of sizes on stage: the chosen one, or the largest that the number of samples allows."""
    return min(lab.chosen(SIBLINGS_PAGE, "ratio"), ratios_for(lab.config.per_class)[-1], key=int)


def sizes_of(lab: RunState) -> tuple[int, int, int, int]:
    """Returns how many classes are large and small, at least one being large, and how many samples each of both has."""
    classes, most = lab.config.classes, lab.config.per_class
    chosen = lab.chosen(SIBLINGS_PAGE, "small")
    small = min((classes + 1) // 2 if chosen == "half" else int(chosen), classes - 1)
    return classes - small, small, most, max(1, round(most / int(ratio_of(lab))))


def runs_of(lab: RunState) -> list[RunConfig]:
    """Returns the four runs: one start, and the rules of the page. Raises :class:`ConfigError` where the page would
    have to wait too long for one of them.
    """
    large, small, many, few = sizes_of(lab)
    uneven = {"class_sizes": (many,) * large + (few,) * small} if few < many else {}
    parameters = parameters_of(lab)
    runs = [lab.config.with_changes(**uneven, **SIBLINGS[name].changes(parameters)) for name in names_of(lab)]
    for run in runs:
        SIBLINGS_PAGE.refuse_beyond(run, SIBLINGS_PAGE.seconds)
    return runs
