"""`RunConfig`: everything that decides a run, validated once, the same as JSON, as a link and as a digest."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ulpm_core.model.parameters import MAX_ENTRIES, PARAMETERS, ConfigError, Value, shown
from ulpm_core.model.saddles import SADDLES, Saddle

__all__ = ["MAX_ENTRIES", "ConfigError", "RunConfig"]

DIGEST_LENGTH: Final = 64
VARIES: Final = ("seed", "learning_rate", "initial_scale", "initialisation")
"""The parameters in which runs made at once may differ."""


@dataclass(frozen=True)
class RunConfig:
    """Everything that decides a run. Frozen; construction refuses what cannot run.

    Shapes: K = classes, d = dimension, n = per_class, N = nK; W is (K, d), H is (d, N).
    `initial_digest` is empty for a random start, else the SHA-256 of the given start state.

    Raises :class:`ConfigError` naming field, value, range and a value that works.

    >>> RunConfig(classes=4).label_count
    120
    >>> RunConfig.from_json(RunConfig(seed=7).to_json()) == RunConfig(seed=7)
    True
    """

    classes: int = 4
    dimension: int = 3
    per_class: int = 30
    learning_rate: float = 0.1
    method: str = "gradient-descent"
    steps: int = 10_000
    log_time: float = 1000.0
    fast_forward: float = 0.0
    initialisation: str = "gaussian"
    margin: float = 2.0
    push: float = 0.1
    push_along: int = 1
    initial_scale: float = 0.3
    seed: int = 4
    tolerance: float = 1e-8
    momentum: float = 0.9
    loss_reduction: str = "sum"
    snapshots: int = 240
    engine: str = "auto"
    device: str = "cpu"
    dtype: str = "float64"
    initial_digest: str = ""

    def __post_init__(self) -> None:
        for name, parameter in PARAMETERS.items():
            object.__setattr__(self, name, parameter.check(getattr(self, name)))
        entries = self.dimension * (self.classes + self.label_count)
        if entries > MAX_ENTRIES[self.device]:
            fits = max(1, MAX_ENTRIES[self.device] // (self.dimension * self.classes) - 1)
            raise ConfigError(
                "per_class",
                f"per_class = {self.per_class} makes {entries:,} numbers with classes = {self.classes} and"
                f" dimension = {self.dimension}: use 1 to {fits}, for example {fits}.",
            )
        if self.initialisation == "etf-perturbed" and not self.simplex_fits:
            raise ConfigError(
                "initialisation",
                f"initialisation = etf-perturbed needs a simplex, and {self.classes} classes do not fit one in"
                f" dimension = {self.dimension}: use dimension {self.classes - 1} or more, or initialisation gaussian.",
            )
        if self.saddle is not None:
            self.saddle.check(self.classes, self.dimension, self.per_class)
        if self.method == "gradient-flow":
            object.__setattr__(self, "fast_forward", 0.0)  # it is the flow already: equal runs, equal digests
        if self.engine == "compiled" and self.device != "cpu":
            raise ConfigError(
                "engine", f"engine = compiled runs on a CPU, not on device = {self.device}: use auto or batched."
            )
        if self.dtype == "float32" and self.flows:
            raise ConfigError(
                "dtype",
                "dtype = float32 is too coarse for the margins of gradient flow: use float64, for example float64.",
            )
        hexadecimal = set(self.initial_digest) <= set("0123456789abcdef")
        if self.initial_digest and not (hexadecimal and len(self.initial_digest) == DIGEST_LENGTH):
            raise ConfigError(
                "initial_digest",
                f"initial_digest = {shown(self.initial_digest)} is not a digest:"
                " use 64 hexadecimal digits, or leave it empty for a random start.",
            )

    @property
    def label_count(self) -> int:
        """N = nK, the number of samples."""
        return self.classes * self.per_class

    @property
    def labels(self) -> NDArray[np.int64]:
        """(N,): the class of each sample, grouped: all of class 0 first."""
        return np.repeat(np.arange(self.classes), self.per_class)

    @property
    def step_time(self) -> float:
        """Gradient-flow time of one step: a step of heavy ball moves learning_rate / (1 - beta) far.

        NaN for normalised steps, whose time depends on the gradient, and for the flow, which has none.
        """
        match self.method:
            case "gradient-descent":
                return self.learning_rate
            case "momentum":
                return self.learning_rate / (1.0 - self.momentum)
        return math.nan

    @property
    def flows(self) -> bool:
        """Whether gradient flow has a part in this run."""
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
        """Whether a simplex ETF of K classes exists in d dimensions: d >= K - 1."""
        return self.dimension >= self.classes - 1

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: same digest, same run."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces, an explicit `kind`."""
        return json.dumps({"kind": "run", **asdict(self)}, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> RunConfig:
        """A config from JSON text; missing fields take their defaults, unknown ones are refused."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:  # ValueError: also whole numbers of over 4,300 digits
            raise ConfigError(
                "config", f'config is not JSON ({shown(error)}): write it like {{"classes": 4, "dimension": 3}}.'
            ) from None
        if not isinstance(data, dict):
            raise ConfigError(
                "config", f'config = {shown(data)} is not an object: write it like {{"classes": 4, "dimension": 3}}.'
            )
        if data.pop("kind", "run") != "run":
            raise ConfigError("kind", 'kind must be "run", or be left out.')
        return cls.from_mapping(data)

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> RunConfig:
        """A config from names and values; text is parsed, so a link and a file go the same way."""
        known = {f.name for f in fields(cls)}
        for name in data:
            if name not in known:
                raise ConfigError(
                    shown(name), f"{shown(name)} is not a parameter: use one of {', '.join(sorted(known))}."
                )
        values: dict[str, Value] = {}
        for name, value in data.items():
            if name == "initial_digest":
                values[name] = str(value)
            elif isinstance(value, str):
                values[name] = PARAMETERS[name].parse(value)
            else:
                values[name] = PARAMETERS[name].check(value)
        return cls(**values)  # type: ignore[arg-type]

    def to_link(self) -> dict[str, str]:
        """The parameters that differ from their defaults, as text for a link.

        >>> RunConfig(classes=5, learning_rate=0.3).to_link()
        {'classes': '5', 'learning_rate': '0.3'}
        """
        return {
            name: str(value).removesuffix(".0")
            for name, parameter in PARAMETERS.items()
            if (value := getattr(self, name)) != parameter.default
        }

    def with_changes(self, **changes: Value) -> RunConfig:
        """A new config with some parameters changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def refuse_idle_fast_forward(config: RunConfig, given: str) -> None:
    """Raises :class:`ConfigError` for a --fast-forward that would do nothing."""
    if config.method == "gradient-flow" and PARAMETERS["fast_forward"].parse(given):
        raise ConfigError(
            "fast_forward",
            f"fast_forward = {shown(given)} is for runs by steps, and gradient-flow is the flow already: leave it out,"
            " and use log_time, for example 690.",
        )
    reached = math.log(config.steps * config.step_time)
    if 0.0 < config.fast_forward <= reached:
        raise ConfigError(
            "fast_forward",
            f"fast_forward = {shown(given)} lies before log t = {reached:.4g}, which the steps reach by themselves: use"
            f" {math.floor(reached) + 1} to 1e9, for example 1000, or 0 for no fast-forward.",
        )
