"""What is known of a saddle, and kept for all visitors."""

from __future__ import annotations

from dataclasses import replace

import pytest
from landscape_page import SQUARE

from app.jobs import landscapes, question
from app.jobs.cache import Cache, Memory
from app.jobs.question import Asked
from ulpm_core import RunConfig


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    monkeypatch.setattr(question, "AT_ONCE", 60.0)


def found(question):
    answer = Asked().ask(question, patient=True)
    assert answer is not None
    return answer


def test_what_is_known_of_a_saddle_is_computed_once_for_all_its_runs(monkeypatch):
    memory = Memory(2**24)
    monkeypatch.setattr(landscapes, "_landscapes", Cache(memory))
    monkeypatch.setattr(landscapes, "_slices", Cache(memory))
    one, other = replace(SQUARE, push=0.3, seed=1, log_time=5.0), replace(SQUARE, method="momentum", steps=7)
    assert found(landscapes.landscape_of(one)) is found(landscapes.landscape_of(other))
    assert found(landscapes.landscape_of(replace(one, margin=3.0))) is not found(landscapes.landscape_of(one))
    assert found(landscapes.slice_of(one, True)) is found(landscapes.slice_of(replace(one, push=0.7), True))
    assert found(landscapes.slice_of(one, True)) is not found(landscapes.slice_of(one, False))
    assert found(landscapes.slice_of(one, True)) is not found(landscapes.slice_of(replace(one, seed=2), True))


def test_a_slice_has_as_many_points_as_a_page_can_wait_for():
    small, large = (
        found(landscapes.slice_of(RunConfig(initialisation="polygon", classes=K, dimension=2, per_class=n), True))[0]
        for K, n in ((4, 1), (20, 60))
    )
    assert len(small.axis) == landscapes.MOST_POINTS
    assert len(large.axis) == landscapes.FEWEST_POINTS
    assert small.axis[len(small.axis) // 2] == large.axis[len(large.axis) // 2] == 0.0
