"""`Study`: a config, the axes along which it is changed, and how many seeds each of its cells has."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from ulpm_core.model.config import RunConfig
from ulpm_core.model.refusal import ConfigError, refuse, span
from ulpm_core.studies.axes import EXAMPLE, Axis, refuse_shared

MOST_RUNS: Final = 5_000_000
"""Most runs of a sweep: its figures then take 2 GB."""
FEWEST_SNAPSHOTS: Final = 3
"""A cell keeps what its runs end with, and nothing on the way."""


@dataclass(frozen=True)
class Study:
    """What a sweep makes: `runs` runs of `config`, from seeds seed, seed + 1 and so on, in each cell of its axes.

    Cells are numbered row by row, the last axis fastest. Raises :class:`ConfigError` for two axes of one parameter, for
    one of snapshots and for more runs than can be kept.

    >>> from ulpm_core.studies.axes import parse_axis
    >>> study = Study(RunConfig(steps=10), (parse_axis("classes=3,4"), parse_axis("learning_rate=0.1,0.2,0.3")), 2)
    >>> study.shape, study.cells, study.settings(4)
    ((2, 3), 6, {'classes': 4, 'learning_rate': 0.2})
    """

    config: RunConfig
    axes: tuple[Axis, ...]
    runs: int = 1

    def __post_init__(self) -> None:
        refuse_shared(self.axes)
        if any("snapshots" in axis.parameters for axis in self.axes):
            raise refuse(
                "grid", "snapshots", "changes nothing: a cell keeps what its runs end with", "another", EXAMPLE
            )
        if self.cells * self.runs > MOST_RUNS:
            why = f"makes {self.cells * self.runs:,} runs in {self.cells:,} cells"
            most = max(1, MOST_RUNS // self.cells)
            raise refuse("runs", self.runs, why, f"{span(1, most)}, or fewer cells", most)

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of values on each axis."""
        return tuple(len(axis) for axis in self.axes)

    @property
    def cells(self) -> int:
        return math.prod(self.shape)

    def place(self, cell: int) -> tuple[int, ...]:
        """Where on each axis a cell lies."""
        place: list[int] = []
        for length in reversed(self.shape):
            cell, at = divmod(cell, length)
            place.append(at)
        return tuple(reversed(place))

    def settings(self, cell: int) -> dict[str, Any]:
        """The parameters in which a cell differs from the config."""
        found: dict[str, Any] = {}
        for axis, i in zip(self.axes, self.place(cell), strict=True):
            found |= axis.settings(i)
        return found

    def config_of(self, cell: int) -> RunConfig:
        """The config of a cell's first run. Raises :class:`ConfigError` where its parameters do not go together.

        The engine is fixed in it, so that every machine takes the same steps.
        """
        config = self.config.with_changes(**self.settings(cell), snapshots=FEWEST_SNAPSHOTS)
        engine = config.engine if config.engine != "auto" else "compiled" if config.device == "cpu" else "batched"
        return config.with_changes(engine=engine)

    def asked(self, cell: int) -> RunConfig | str:
        """The config of a cell's first run, or why there is none, in words."""
        try:
            return self.config_of(cell)
        except ConfigError as refusal:
            return str(refusal)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of config, axes and runs: same digest, same sweep."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The study as JSON, canonical."""
        axes = [{"name": axis.name, "parameters": dict(axis.parameters)} for axis in self.axes]
        said = {"config": json.loads(self.config.to_json()), "axes": axes, "runs": self.runs}
        return json.dumps(said, sort_keys=True, separators=(",", ":"))
