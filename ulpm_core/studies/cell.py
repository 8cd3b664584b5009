"""One cell of a sweep: its runs, one after the other on one core, and the figures of their ends."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from threadpoolctl import threadpool_limits

from ulpm_core.model.config import RunConfig
from ulpm_core.model.refusal import ConfigError, shown

OF_THE_END: Final = ("step", "log_time", "log_loss", "value", "distance_to_ideal", "certificate")
"""What is kept of where a run ends, beside its metrics."""
FAILED: Final = "failed"
"""The outcome of the runs of a cell that could not be made."""


@dataclass(frozen=True)
class Cell:
    """What a cell of a sweep gave: how each of its runs ended, the figures of each end by name, or why it has none."""

    number: int
    outcomes: tuple[str, ...]
    figures: dict[str, tuple[float, ...]]
    trouble: str = ""

    def to_json(self) -> str:
        """The cell in one line; NaN and infinity as Python's JSON writes them, every number to the last bit."""
        return json.dumps([self.number, self.outcomes, self.figures, self.trouble], separators=(",", ":"))

    @classmethod
    def from_json(cls, line: str) -> Cell:
        """The cell of such a line. Raises ValueError for any other."""
        number, outcomes, figures, trouble = json.loads(line)
        named = {str(name): tuple(map(float, values)) for name, values in figures.items()}
        return cls(int(number), tuple(map(str, outcomes)), named, str(trouble))


Asked = tuple[int, RunConfig | str]
"""The number of a cell, and the config of its first run or the words for why there is none."""


def measured_cells(asked: Sequence[Asked], runs: int) -> list[Cell]:
    """The cells asked for. What goes wrong in one is said in it, and the others are made all the same.

    >>> (cell,) = measured_cells([(7, RunConfig(classes=3, dimension=2, per_class=2, steps=10))], runs=2)
    >>> cell.number, cell.outcomes, cell.figures["step"]
    (7, ('done', 'done'), (10.0, 10.0))
    """
    if threading.current_thread() is threading.main_thread() and _is_worker():
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches all processes of a terminal: the first decides
    with threadpool_limits(1):  # cells are what is shared out over the cores
        return [_measured(number, config, runs) for number, config in asked]


def _is_worker() -> bool:
    import multiprocessing

    return multiprocessing.parent_process() is not None


def _measured(number: int, config: RunConfig | str, runs: int) -> Cell:
    if isinstance(config, str):
        return Cell(number, (FAILED,) * runs, {}, config)
    try:
        return _made(number, config, runs)
    except ConfigError as refusal:
        trouble = str(refusal)
    except Exception as error:  # noqa: BLE001 - whatever one cell meets, the others go on
        trouble = f"{type(error).__name__}: {shown(error)}"
    return Cell(number, (FAILED,) * runs, {}, trouble)


def _made(number: int, config: RunConfig, runs: int) -> Cell:
    from ulpm_core.analysis.ensemble import starts  # here: who asks for cells elsewhere needs no Numba
    from ulpm_core.analysis.measure import measured
    from ulpm_core.dynamics.simulate import simulate

    outcomes: list[str] = []
    figures: dict[str, list[float]] = {}
    for r, each in enumerate(starts(config, runs)):
        run = measured(simulate(each))
        outcomes.append(str(run.outcome))
        ends: dict[str, Any] = {name: getattr(run, name) for name in OF_THE_END} | dict(run.metrics)
        for name, values in ends.items():
            figures.setdefault(name, [float("nan")] * runs)[r] = float(values[-1])
    return Cell(number, tuple(outcomes), {name: tuple(values) for name, values in figures.items()})
