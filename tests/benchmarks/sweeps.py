"""Measures what a sweep costs over its bare runs, by the length of a cell: `python -m tests.benchmarks.sweeps`.

The bare runs are the same simulations, measured, one after the other in this process; the sweep makes them with one
worker, so that nothing but the sweep itself stands between the two. Then on all cores, against a perfect share of the
bare runs. Least of a few rounds, in turn within one run. Prints Markdown.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from tests.benchmarks.timing import heading, row, seconds_of
from ulpm_core import RunConfig, simulate
from ulpm_core.dynamics.engines.cost import cores
from ulpm_core.studies.axes import axis
from ulpm_core.studies.study import Study
from ulpm_core.sweep import sweep

CELLS: Final = {"3 ms": (200, 5_000), "a fortieth of a second": (60, 60_000), "a fifth": (20, 600_000)}
"""Cells of each kind, and their steps."""
RUN: Final = RunConfig(per_class=10, learning_rate=0.05)


def table(repeats: int) -> Iterator[str]:
    """The rows of the table, one for each length of a cell."""
    many = cores()
    simulate(RUN)  # compiled before, for all
    yield from heading(
        ["Cells of about"],
        ["cells", "ms a bare run", "sweep over bare, one worker", f"over a perfect share, {many} workers"],
    )
    for words, (cells, steps) in CELLS.items():
        study = Study(RUN.with_changes(steps=steps), (axis("initial_scale", np.linspace(0.1, 0.4, cells).tolist()),))
        configs = [study.config_of(cell) for cell in range(cells)]

        def bare(configs: list[RunConfig] = configs) -> None:
            for config in configs:
                simulate(config)

        def swept(workers: int, study: Study = study) -> None:
            with TemporaryDirectory() as folder:
                sweep(study.config, study.axes, workers=workers, out=Path(folder) / "sweep.npz")

        rounds = [[seconds_of(work) for work in (bare, lambda: swept(1), lambda: swept(many))] for _ in range(repeats)]
        alone, one, all_of = (min(times) for times in zip(*rounds, strict=True))
        figures = [f"{cells}", f"{alone / cells * 1000:.1f}", f"{one / alone:.2f}", f"{all_of * many / alone:.2f}"]
        yield row([words, *figures])


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--times", type=int, default=3)
    for line in table(options.parse_args().times):
        print(line, flush=True)
