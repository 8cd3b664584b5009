"""Milliseconds of what happens between a knob and a film: the default run of 10,000 steps."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.timing import best_of, heading, row
from ulpm_core import RunConfig, simulate
from ulpm_core.analysis.measure import measured
from ulpm_core.dynamics import simulate as driver
from ulpm_core.film.film import build_film


def table(repeats: int) -> Iterator[str]:
    config = RunConfig()
    bare = driver.simulate(config)
    run = measured(bare)
    film = build_film(run)
    yield from heading(["A knob turn, default run"], ["ms"])
    for name, work in [
        (f"{config.steps:,} steps and their snapshots", lambda: driver.simulate(config)),
        ("metrics of every snapshot", lambda: measured(bare)),
        ("build_film", lambda: build_film(run)),
        (f"to_bytes ({len(film.to_bytes()) / 2**20:.2f} MiB)", film.to_bytes),
        ("all of it", lambda: build_film(simulate(config)).to_bytes()),
    ]:
        yield row([name, f"{best_of(repeats, work):.1f}"])
