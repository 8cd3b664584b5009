"""Times what happens between a knob and a film, in milliseconds: the default run of 10,000 steps."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.timing import best_of, heading, row
from ulpm_core import RunConfig
from ulpm_core.analysis.analysis import analyse
from ulpm_core.dynamics import simulate as driver
from ulpm_core.film.film import Film, build_film


def table(repeats: int) -> Iterator[str]:
    config = RunConfig()
    run = driver.simulate(config)
    analysis = analyse(run)
    film = build_film(run, analysis)

    def all_of_it() -> Film:
        made = driver.simulate(config)
        return build_film(made, analyse(made))

    yield from heading(["A knob turn, default run"], ["ms"])
    for name, work in [
        (f"{config.steps:,} steps and their snapshots", lambda: driver.simulate(config)),
        ("analysis", lambda: analyse(run)),
        ("build_film", lambda: build_film(run, analysis)),
        (f"to_bytes ({len(film.to_bytes()) / 2**20:.2f} MiB)", film.to_bytes),
        ("all of it", lambda: all_of_it().to_bytes()),
    ]:
        yield row([name, f"{best_of(repeats, work):.1f}"])
