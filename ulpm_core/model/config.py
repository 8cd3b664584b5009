"""`RunConfig`: everything that decides a run, validated once, the same as JSON, as a link and as a digest."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Final, Self

from ulpm_core.model.class_sizes import (
    grouped_labels,
    refuse_contradiction,
    refuse_uneven_saddle,
    too_many_samples,
)
from ulpm_core.model.config_base import Described
from ulpm_core.model.idle import decays_at_rest, idle_fields
from ulpm_core.model.limits import MAX_ENTRIES
from ulpm_core.model.objective_refusals import (
    refuse_beside_spheres,
    refuse_beside_ulpm,
    refuse_between,
    refuse_bounds_beside_decay,
    refuse_flow_of_decoupled,
    refuse_held_flow,
    refuse_idle_smoothing,
)
from ulpm_core.model.parameters import AS_FOR_W, PARAMETERS, RunParameters, checked_sizes
from ulpm_core.model.refusal import ConfigError, refuse
from ulpm_core.model.rules.known import RULES
from ulpm_core.model.rules.rule import Rule
from ulpm_core.model.saddles.gallery import SADDLES
from ulpm_core.model.saddles.saddle import Saddle
from ulpm_core.model.shapes import Labels, Shaped

__all__ = ["MAX_ENTRIES", "ConfigError", "RunConfig"]

VARIES: Final = ("seed", "learning_rate", "initial_scale", "initialisation")
"""The parameters in which runs made at once may differ."""
WHY: Final = {
    "crowd": "makes {entries} numbers with classes = {classes} and dimension = {dimension}",
    "no-simplex": "needs a simplex, and {classes} classes do not fit one in dimension = {dimension}",
    "simplex-fits": "dimension {least} or more, or initialisation gaussian",
    "digest": "is not a digest",
    "digests": "64 hexadecimal digits, or leave it empty for a random start",
}
"""Why fields are refused that do not go together, and what is allowed in their place."""


@dataclass(frozen=True, repr=False)
class RunConfig(Described, RunParameters):
    """Everything that decides a run. Frozen; construction refuses what cannot run.

    Shapes: K = classes, d = dimension, N = sum of `sizes`; W is (K, d), H is (d, N). `class_sizes` is for classes of
    sizes that differ: it sets `classes`, and `per_class` is the smallest of them. Given equal sizes it is put into
    `classes` and `per_class`, and empty. A `classes` or `per_class` given beside it that says another is refused.
    `initial_digest` is empty for a random start, else the SHA-256 of the given start state.

    Raises :class:`ConfigError` naming field, value, range and a value that works.

    >>> RunConfig(classes=4).label_count
    120
    >>> RunConfig(class_sizes=(6, 4, 2)).label_count
    12
    >>> RunConfig(class_sizes=(5, 5, 5)) == RunConfig(classes=3, per_class=5)
    True
    >>> RunConfig.from_json(RunConfig(seed=7).to_json()) == RunConfig(seed=7)
    True
    >>> RunConfig(classes=5, learning_rate=0.3).to_link()
    {'classes': '5', 'learning_rate': '0.3'}
    """

    KIND = "run"
    EXAMPLE = '{"classes": 4, "dimension": 3}'
    PARAMETERS = PARAMETERS
    ADDED = frozenset({
        "class_sizes", "loss", "smoothing", "weight_decay", "weight_decay_h", "norm_bound_w", "norm_bound_h",
        "feature_norm", "beta2", "epsilon", "decay",
    })  # fmt: skip

    initial_digest: str = ""

    def __new__(cls, *values: Any, **named: Any) -> Self:
        """Refuses what is given beside class sizes and contradicts them."""
        config = super().__new__(cls, *values, **named)
        beside = {name: named[name] for name in ("classes", "per_class") if name in named}
        refuse_contradiction(checked_sizes(named.get("class_sizes", ())), **beside)
        return config

    def __post_init__(self) -> None:
        self.check_values()
        self._settle_sizes()
        if self.entries > MAX_ENTRIES[self.device]:
            fits = max(1, MAX_ENTRIES[self.device] // (self.dimension * self.classes) - 1)
            why = WHY["crowd"].format(entries=f"{self.entries:,}", classes=self.classes, dimension=self.dimension)
            raise too_many_samples(self.sizes, why, fits)
        if self.initialisation == "etf-perturbed" and not self.simplex_fits:
            raise refuse(
                "initialisation",
                "etf-perturbed",
                WHY["no-simplex"].format(classes=self.classes, dimension=self.dimension),
                WHY["simplex-fits"].format(least=self.classes - 1),
            )
        if self.saddle is not None:
            refuse_uneven_saddle(self.class_sizes, self.initialisation)
            self.saddle.check(self.classes, self.dimension, self.per_class)
        if self.method == "gradient-flow":
            object.__setattr__(self, "fast_forward", 0.0)  # it is the flow already: equal runs, equal digests
        if self.engine == "compiled" and self.device != "cpu":
            raise refuse("engine", "compiled", f"runs on a CPU, not on device = {self.device}", "auto or batched")
        if self.dtype == "float32" and self.flows:
            raise refuse("dtype", "float32", "is too coarse for the margins of gradient flow", "float64")
        refuse_idle_smoothing(self.loss, self.smoothing)
        refuse_between(self.weight_decay_h)
        if self.weight_decay_h == self.weight_decay:
            object.__setattr__(self, "weight_decay_h", AS_FOR_W)  # equal runs, equal digests
        for name in idle_fields(self.step_rule, self.decays):
            object.__setattr__(self, name, PARAMETERS[name].default)
        refuse_bounds_beside_decay(self.bounds, self.decays)
        refuse_beside_spheres(self.feature_norm, self.bounds, self.decays)
        refuse_flow_of_decoupled(self.decay, self.fast_forward)
        if self.is_held:
            refuse_held_flow(self.bounds, self.method, self.fast_forward)
        if not self.is_ulpm:
            refuse_beside_ulpm(self.loss, self.decays, self.bounds, self.initialisation)
        if self.initial_digest and not re.fullmatch("[0-9a-f]{64}", self.initial_digest):
            raise refuse("initial_digest", self.initial_digest, WHY["digest"], WHY["digests"])

    def _settle_sizes(self) -> None:
        """Equal sizes become `classes` and `per_class`: equal runs, equal digests."""
        if sizes := self.class_sizes:
            settled = {"classes": len(sizes), "per_class": min(sizes)}
            for name, value in (settled | ({"class_sizes": ()} if len(set(sizes)) == 1 else {})).items():
                object.__setattr__(self, name, value)

    @property
    def sizes(self) -> tuple[int, ...]:
        """n_k, the number of samples of each of the K classes."""
        return self.class_sizes or (self.per_class,) * self.classes

    @property
    def decays(self) -> tuple[float, float]:
        """The weight decays of W and of H.

        >>> RunConfig(weight_decay=0.01).decays, RunConfig(weight_decay=0.01, weight_decay_h=0.0).decays
        ((0.01, 0.01), (0.01, 0.0))
        """
        return self.weight_decay, self.weight_decay if self.weight_decay_h == AS_FOR_W else self.weight_decay_h

    @property
    def decays_at_rest(self) -> tuple[float, float] | None:
        """The decays whose value is at rest where the run is; None where decoupled decay leads elsewhere."""
        return self.decays if self.decay == RunConfig.decay else decays_at_rest(self.step_rule, self.decays)

    @property
    def bounds(self) -> tuple[float, float]:
        """The bounds of the mean squared norms of classifiers and features; infinity for none."""
        return self.norm_bound_w, self.norm_bound_h

    @property
    def is_ulpm(self) -> bool:
        """Whether this is the unconstrained layer-peeled model itself: cross-entropy, nothing beside it, norms free."""
        return self.loss == RunConfig.loss and not any(self.decays) and not self.is_held

    @property
    def is_held(self) -> bool:
        """Whether norms are kept within bounds, or at one length each."""
        return min(*self.bounds, self.feature_norm) < math.inf

    @property
    def endless(self) -> bool:
        """Whether gradient flow follows the model towards its limit at infinity; other objectives let it rest."""
        return self.flows and self.is_ulpm

    @property
    def label_count(self) -> int:
        """N, the number of samples."""
        return sum(self.class_sizes) if self.class_sizes else self.classes * self.per_class

    @property
    def entries(self) -> int:
        """d (K + N), the entries of W and H together."""
        return self.dimension * (self.classes + self.label_count)

    @property
    def labels(self) -> Shaped[Labels, "N"]:
        """The class of each sample, grouped: all of class 0 first."""
        return grouped_labels(self.sizes)

    def with_changes(self, **changes: Any) -> Self:
        """A new config with some parameters changed; new class sizes replace `classes` and `per_class`."""
        if sizes := checked_sizes(changes.get("class_sizes", ())):
            changes = {"classes": len(sizes), "per_class": min(sizes)} | changes
        return super().with_changes(**changes)

    def capped(self, most: int) -> Self:
        """The same with at most so many samples of each class.

        >>> RunConfig(class_sizes=(6, 4, 2)).capped(3).sizes, RunConfig().capped(3).sizes
        ((3, 3, 2), (3, 3, 3, 3))
        """
        return self.with_changes(class_sizes=tuple(min(size, most) for size in self.sizes))

    def to_link(self) -> dict[str, str]:
        """The parameters that differ from their defaults, as text for a link; class sizes say the number of classes."""
        link = super().to_link()
        if self.class_sizes:
            link = {name: text for name, text in link.items() if name not in ("classes", "per_class")}
        return link

    @property
    def step_rule(self) -> Rule:
        """The rule of the run's steps; of a flow, that of which it is the limit."""
        return RULES.get(self.method, next(iter(RULES.values()))).of(self)

    @property
    def step_time(self) -> float:
        """Gradient-flow time of one step; NaN where that depends on the gradient, and for the flow, which has none."""
        time = None if self.method == "gradient-flow" else self.step_rule.step_time(self.learning_rate)
        return math.nan if time is None else time

    @property
    def flows(self) -> bool:
        """True if gradient flow has a part in this run."""
        return self.flow_end > -math.inf

    @property
    def flow_end(self) -> float:
        """log t at which gradient flow ends, or -inf where none runs."""
        if self.method == "gradient-flow":
            return self.log_time
        return self.fast_forward if self.fast_forward > 0.0 else -math.inf

    @property
    def saddle(self) -> Saddle | None:
        """The saddle beside which the run starts, if it starts at one."""
        return SADDLES.get(self.initialisation)

    @property
    def simplex_fits(self) -> bool:
        """True if a simplex ETF of K classes exists in d dimensions: d >= K - 1 (docs/theory.md 1.3)."""
        return self.dimension >= self.classes - 1

    @property
    def simplex_is_ideal(self) -> bool:
        """Whether the run's best geometry is the simplex ETF: it fits, and the classes have one size."""
        return self.simplex_fits and not self.class_sizes
