"""The many starts that all visitors share."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from starts import few_starts as few_starts
from starts import held as held
from waiting import PATIENCE, until

from app.jobs import ensembles
from app.jobs.queue import Busy
from ulpm_core import Outcome, RunConfig
from ulpm_core.analysis import ensemble as ensemble_module
from ulpm_core.analysis.ensemble import ensemble, starts
from ulpm_core.dynamics.progress import Progress

PAIR = (
    RunConfig(classes=3, dimension=6, per_class=2, method="gradient-flow", log_time=30.0, snapshots=10, seed=0),
    RunConfig(classes=3, dimension=2, per_class=2, method="gradient-flow", log_time=30.0, snapshots=10, seed=4),
)


def test_the_groups_are_the_starts_of_the_command_line():
    configs = ensembles.roomy_and_tight(RunConfig(classes=5, per_class=3, seed=9, learning_rate=0.7))
    assert [(c.classes, c.per_class, c.dimension, c.seed) for c in configs] == [(5, 3, 10, 0), (5, 3, 4, 4)]
    assert {(c.method, c.log_time, c.initialisation) for c in configs} == {("gradient-flow", 30.0, "gaussian")}
    job = ensembles.start(PAIR, "me")
    assert job.done.wait(PATIENCE)
    assert (job.failure, job.fraction) == ("", 1.0)
    for group, config in zip(ensembles.starts_of(PAIR), PAIR, strict=True):
        found = ensemble(starts(config, 4))
        assert group.name == f"d = {config.dimension}"
        assert group.seeds.tolist() == list(range(config.seed, config.seed + 4))
        assert np.array_equal(group.gamma, found.metrics["gamma"], equal_nan=True)
        assert np.array_equal(group.log_time, found.many.log_time)
    run = ensembles.run_of(PAIR, 5)
    assert run == PAIR[1].with_changes(seed=5, snapshots=240)


def test_all_who_ask_share_one_computation(held):
    begun, go_on = held
    jobs = []
    asking = [
        threading.Thread(target=lambda i=i: jobs.append(ensembles.start(PAIR, f"visitor {i}"))) for i in range(10)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    until(lambda: begun)
    assert len({id(job) for job in jobs}) == 1
    assert ensembles.under_way(PAIR, "visitor 3") is jobs[0]
    assert ensembles.under_way(PAIR, "somebody else") is None
    go_on.set()
    assert jobs[0].done.wait(PATIENCE)
    assert [config.dimension for config in begun] == [6, 2]
    assert ensembles.under_way(PAIR, "visitor 3") is None
    assert ensembles.starts_of(PAIR) is not None


def test_what_the_last_visitor_leaves_stops_in_the_middle_and_is_not_kept(monkeypatch):
    """Eighty runs of seconds each, and none of them is waited for."""
    monkeypatch.setattr(ensembles, "RUNS", 40)
    long = tuple(config.with_changes(log_time=1e8, snapshots=40) for config in PAIR)
    job = ensembles.start(long, "one")
    ensembles.start(long, "two")
    until(lambda: job.fraction > 0)
    job.leave("one")
    at = job.fraction
    until(lambda: job.fraction > at)
    assert not job.done.is_set()
    job.leave("two")
    assert job.done.wait(PATIENCE)
    assert (job.failure, ensembles.starts_of(long)) == ("", None)
    assert 0 < job.fraction < 1
    assert ensembles.QUEUE._under_way == {}


def test_what_no_page_asks_about_any_more_stops(held, monkeypatch):
    """A closed tab says nothing."""
    begun, _ = held
    job = ensembles.start(PAIR, "me")
    until(lambda: begun)
    assert ensembles.under_way(PAIR, "me") is job
    monkeypatch.setattr("app.jobs.queue.UNWATCHED_SECONDS", 0.05)
    assert job.done.wait(PATIENCE)
    assert ensembles.starts_of(PAIR) is None


def test_after_a_failure_others_can_still_start(monkeypatch, caplog):
    def broken(configs, done):
        raise MemoryError("too much")

    monkeypatch.setattr(ensemble_module, "ensemble", broken)
    job = ensembles.start(PAIR, "me")
    assert job.done.wait(PATIENCE)
    assert job.failure == "These starts failed on our side. Try other values."
    assert "too much" in caplog.text
    assert (ensembles.QUEUE._under_way, ensembles.starts_of(PAIR)) == ({}, None)
    monkeypatch.setattr(ensemble_module, "ensemble", ensemble)
    again = ensembles.start(PAIR, "me")
    assert again is not job
    assert again.done.wait(PATIENCE)
    assert ensembles.starts_of(PAIR) is not None


def test_more_than_may_wait_are_refused_and_a_shared_one_is_not(held):
    begun, _ = held
    ensembles.start(PAIR, "me")
    until(lambda: begun)
    waiting = [
        ensembles.start(tuple(config.with_changes(per_class=n) for config in PAIR), "me")
        for n in range(3, 3 + ensembles.WAITING)
    ]
    with pytest.raises(Busy, match="starts wait already: try again in a minute"):
        ensembles.start(tuple(config.with_changes(per_class=9) for config in PAIR), "me")
    assert ensembles.start(waiting[-1].configs, "another") is waiting[-1]


def test_starts_asked_for_again_while_they_are_being_cancelled_come(monkeypatch):
    stopping, go_on = threading.Event(), threading.Event()

    def slowly(configs, progress):
        while progress(Progress(0.25, "", list)):
            time.sleep(0.005)
        stopping.set()
        assert go_on.wait(60)
        return SimpleNamespace(many=SimpleNamespace(outcomes=(Outcome.CANCELLED,)))

    monkeypatch.setattr(ensemble_module, "ensemble", slowly)
    job = ensembles.start(PAIR, "me")
    until(lambda: job.fraction > 0)
    job.leave("me")
    assert stopping.wait(60)
    monkeypatch.setattr(ensemble_module, "ensemble", ensemble)
    again = ensembles.start(PAIR, "another")
    go_on.set()
    assert again.done.wait(60)
    assert ensembles.starts_of(PAIR) is not None
