"""The moments of a film: every frame has one in words, and it is found again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tours.moments import read_moment
from app.tours.record import Record
from ulpm_core import RunConfig, simulate
from ulpm_core.files.features import load_snapshots
from ulpm_core.files.recording import load_recording
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.network import network_film

FILMS = {
    "steps": lambda: build_film(simulate(RunConfig(steps=200))),
    "flow": lambda: build_film(simulate(RunConfig(method="gradient-flow", log_time=300.0))),
    "hand-over": lambda: build_film(simulate(RunConfig(steps=50, fast_forward=40.0))),
    "network": lambda: network_film(load_recording("tests/fixtures/net.npz")),
    "features": lambda: network_film(load_snapshots("tests/fixtures/features.npz")),
}


def found_again(record: Record) -> list[str]:
    """The moments of all frames, once each is read back as its own frame."""
    said = [record.moment(frame) for frame in range(record.frames)]
    assert [record.frame("at", read_moment("at", text)) for text in said] == [*range(record.frames)]
    return said


@pytest.mark.parametrize("name", FILMS)
def test_every_frame_of_a_film_is_found_by_its_moment(name):
    said = found_again(Record.of(FILMS[name]()))
    assert said[0] == "start" and said[-1] == "end" and len(set(said)) == len(said)


def test_a_moment_is_as_short_as_its_frame_allows():
    record = of_clock(by="log_time", step=[0, 1, 2, 3, 4], log_time=[None, 5.0, 49.98765432, 49.98765433, 300.0])
    said = found_again(record)
    assert [*said[:2], *said[3:]] == ["start", "log_time=5", "log_time=50", "end"]
    assert found_again(of_clock(by="step", step=[0, 1 / 3, 2 / 3, 1], epoch=[0, 1 / 3, 2 / 3, 1]))[1] == "epoch=0.5"


@given(st.lists(st.floats(-1e3, 1e6).map(lambda t: round(t, 3)), min_size=3, max_size=9, unique=True))
def test_any_log_times_are_told_apart(times):
    found_again(of_clock(by="log_time", step=[*range(len(times))], log_time=sorted(times)))


def of_clock(**clock) -> Record:
    header = {"clock": clock, "frames": len(clock["step"]), "events": [], "curves": []}
    return Record.of(Film(header, {"cosines": np.empty(0), "means": np.empty(0)}))
