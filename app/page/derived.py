"""`Derived`: knobs that are read off several parameters of a run at once and write them: its rule, its imbalance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from app.page.facts import ALWAYS, When
from app.views.siblings import SIBLINGS
from ulpm_core import RunConfig
from ulpm_core.model.objective import ULPM, Objective
from ulpm_core.model.parameters import PARAMETERS

LARGEST_SIZE: Final = 1000
"""Most samples of a class on the page; where another ratio needs more, the small classes get smaller."""


@dataclass(frozen=True)
class Rule:
    """A rule as a person chooses it: its name (:attr:`Objective.name`), and what choosing it sets; the other parameters
    of what is minimised go back to their defaults. `room` asks for a dimension of at least K.
    """

    name: str
    sets: Mapping[str, Any] = field(default_factory=dict)
    room: bool = False

    @property
    def label(self) -> str:
        """Returns its name on the page."""
        return SIBLINGS[self.name].label

    @property
    def sentence(self) -> str:
        """Returns one short sentence that says what it does."""
        return SIBLINGS[self.name].brief


RULES: Final = (
    Rule(ULPM),
    Rule("weight-decay", {"weight_decay": 0.1}),
    Rule("norm-bound", {"norm_bound_w": 3.0, "norm_bound_h": 3.0}),
    Rule("squared-error", {"loss": "squared-error", "weight_decay": 0.1}, room=True),
    Rule("label-smoothing", {"loss": "label-smoothing"}),
    Rule("feature-norm", {"feature_norm": 3.0}),
)
SETTINGS: Final = tuple(dict.fromkeys(name for rule in RULES for name in rule.sets))
"""The parameters that choosing a rule sets."""


def rule_of(run: RunConfig) -> str:
    """Returns the name of what a run minimises.

    >>> rule_of(RunConfig()), rule_of(RunConfig(weight_decay=0.1, loss="squared-error"))
    ('ulpm', 'squared-error')
    """
    return Objective.of(run).name


def with_rule(run: RunConfig, name: str) -> dict[str, Any]:
    """Returns the values that make a run follow a rule."""
    rule = next(rule for rule in RULES if rule.name == name)
    values = {setting: PARAMETERS[setting].default for setting in (*SETTINGS, "weight_decay_h", "smoothing")}
    values |= rule.sets
    return values | ({"dimension": max(run.dimension, run.classes)} if rule.room else {})


@dataclass(frozen=True)
class Imbalance:
    """Two sizes of classes: `majority` large ones first, then small ones of `few` samples each; a large one has `ratio`
    times as many.
    """

    majority: int
    few: int
    ratio: float

    @classmethod
    def of(cls, run: RunConfig) -> Imbalance:
        """Reads a run's sizes; where they do not differ half of the classes would be large.

        >>> Imbalance.of(RunConfig(class_sizes=(10, 10, 2, 2))), Imbalance.of(RunConfig(classes=5))
        (Imbalance(majority=2, few=2, ratio=5.0), Imbalance(majority=2, few=30, ratio=1.0))
        """
        few, many = min(run.sizes), max(run.sizes)
        majority = run.sizes.count(many) if few < many else run.classes // 2
        return cls(majority, few, many / few)

    def sizes(self, classes: int) -> dict[str, Any]:
        """Returns the values that give so many classes these sizes.

        >>> Imbalance(2, 30, 100.0).sizes(4)
        {'class_sizes': (1000, 1000, 10, 10), 'classes': 4, 'per_class': 10}
        >>> Imbalance(2, 30, 1.0).sizes(4)
        {'class_sizes': (), 'classes': 4, 'per_class': 30}
        """
        few = min(self.few, max(1, int(LARGEST_SIZE // self.ratio)))
        many = min(LARGEST_SIZE, round(few * self.ratio))
        sizes = (many,) * self.majority + (few,) * (classes - self.majority)
        return {"class_sizes": sizes if many > few else (), "classes": classes, "per_class": few}


@dataclass(frozen=True)
class Derived:
    """A knob without a parameter of its own: `read` gives its value in a run, and `write` the values that turning it
    sets. `kind` is that of its widget; `options` are its values in a run, and `words` what they are called, `said` a
    sentence for each. It stands at the top, or after the knob of a parameter, where `matters`. What `falls_back` gets
    its default back where the run would not take the value otherwise.
    """

    name: str
    label: str
    help: str
    kind: Literal["choice", "ladder"]
    read: Callable[[RunConfig], Any]
    write: Callable[[RunConfig, Any], dict[str, Any]]
    options: Callable[[RunConfig], Sequence[Any]]
    words: Mapping[Any, str] = field(default_factory=dict)
    said: Mapping[Any, str] = field(default_factory=dict)
    after: str = ""
    matters: When = ALWAYS
    falls_back: tuple[str, ...] = ()


def _imbalance(**changed: Callable[[Any], Any]) -> Callable[[RunConfig, Any], dict[str, Any]]:
    (name, kind), *_ = changed.items()

    def write(run: RunConfig, value: Any) -> dict[str, Any]:
        held = vars(Imbalance.of(run)) | {name: kind(value)}
        return Imbalance(**held).sizes(run.classes)

    return write


RATIOS: Final = (1.0, 2.0, 3.0, 5.0, 10.0, 12.0, 13.0, 20.0, 30.0, 50.0, 100.0, 200.0, 300.0, 500.0, 1000.0)
FEW: Final = (1, 2, 3, 4, 5, 10, 20, 30, 50, 100, 200)
DERIVED: Final = (
    Derived(
        "rule",
        "Rule",
        "What is minimised. " + " ".join(f"{rule.label}: {rule.sentence}" for rule in RULES),
        "choice",
        read=rule_of,
        write=with_rule,
        options=lambda run: [rule.name for rule in RULES],
        words={rule.name: rule.label for rule in RULES},
        said={rule.name: rule.sentence for rule in RULES},
        matters=When("no-saddle"),
        falls_back=("method", "fast_forward", "initialisation"),
    ),
    Derived(
        "ratio",
        "Imbalance R",
        "How many times as many samples the large classes have as the small ones; 1: all classes have one size.",
        "ladder",
        read=lambda run: Imbalance.of(run).ratio,
        write=_imbalance(ratio=float),
        options=lambda run: RATIOS,
        after="per_class",
        matters=When("no-saddle", "two-sizes"),
    ),
    Derived(
        "majority",
        "Majority classes",
        "How many of the classes are large.",
        "ladder",
        read=lambda run: Imbalance.of(run).majority,
        write=_imbalance(majority=int),
        options=lambda run: range(1, run.classes),
        after="per_class",
        matters=When("no-saddle", "two-sizes", "sizes-differ"),
    ),
    Derived(
        "minority_size",
        "Samples, small class",
        "How many samples each of the small classes has.",
        "ladder",
        read=lambda run: Imbalance.of(run).few,
        write=_imbalance(few=int),
        options=lambda run: FEW,
        after="per_class",
        matters=When("no-saddle", "two-sizes", "sizes-differ"),
    ),
)
"""The derived knobs of a run, in their order."""
OF_SIZES: Final = tuple(knob for knob in DERIVED if knob.name != "rule")
"""Those of class sizes alone."""
