"""Many starts that begin when a test says so."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest
from waiting import PATIENCE

from app.jobs import ensembles
from app.jobs.cache import Cache, Memory
from ulpm_core import Outcome
from ulpm_core.analysis import ensemble as ensemble_module
from ulpm_core.analysis.ensemble import ensemble
from ulpm_core.dynamics.progress import Progress


@pytest.fixture(autouse=True)
def few_starts(monkeypatch):
    """Four quick starts of each kind, on a server that has just started; whatever still runs at the end is left."""
    monkeypatch.setattr(ensembles, "RUNS", 4)
    monkeypatch.setattr(ensembles, "LOG_END", 30.0)
    monkeypatch.setattr(ensembles, "_groups", Cache(Memory(2**24)))
    jobs: dict[str, ensembles.Starts] = {}
    monkeypatch.setattr(ensembles.QUEUE, "_under_way", jobs)
    yield
    for job in list(jobs.values()):
        for one in list(job._watchers):
            job.leave(one)
        assert job.done.wait(PATIENCE)


@pytest.fixture
def held(monkeypatch):
    """Starts begin and wait until they are let go, or cancelled; the list says what has begun."""
    begun, go_on = [], threading.Event()

    def slowly(configs, progress):
        begun.append(configs[0])
        while not go_on.is_set():
            if not progress(Progress(0.25, "", list)):
                return SimpleNamespace(many=SimpleNamespace(outcomes=(Outcome.DONE, Outcome.CANCELLED)))
            time.sleep(0.005)
        return ensemble(configs, progress)

    monkeypatch.setattr(ensemble_module, "ensemble", slowly)
    yield begun, go_on
    go_on.set()
