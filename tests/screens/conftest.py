"""What tests of screens share: patience, and trainings that are made once and here instead of in a process."""

from __future__ import annotations

import pytest
from networks_page import DECAYED, TINY

from app.jobs import question, trainings
from app.jobs.cache import Cache, Memory
from app.trainer.messages import News
from ulpm_core.film.network import network_film
from ulpm_core.networks.training import train


@pytest.fixture(scope="session")
def recordings():
    """Each config that these tests train, trained here."""
    return {c: train(c) for c in (TINY, DECAYED, DECAYED.with_changes(weight_decay=0.0))}


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Each page waits for its film and its figures: on a busy machine too, none is shown half-way."""
    monkeypatch.setattr(question, "AT_ONCE", 60.0)


@pytest.fixture
def no_process(monkeypatch, recordings):
    """A training is known at once if its recording is here, and never ends otherwise."""
    asked = []

    def run(_, job, stopping):
        asked.append(job.config)
        if job.config in recordings:
            recording = recordings[job.config]
            job._take_in(News(1.0, "", "", network_film(recording).to_bytes(), recording))
            trainings.QUEUE._under_way.pop(job.key)
            job.done.set()

    monkeypatch.setattr(trainings, "_trained", Cache(Memory(2**30)))
    monkeypatch.setattr(trainings.QUEUE, "_under_way", {})
    monkeypatch.setattr(trainings.QUEUE._pool, "submit", run)
    return asked
