"""Runs of every kind and their films, made once for all tests of films."""

from __future__ import annotations

import pytest
from film import escapes as beside_saddles
from film.films import CONFIGS
from film.recordings import DECAYED, foreign
from networks.small import SMALL

from ulpm_core import simulate
from ulpm_core.film.film import build_film
from ulpm_core.networks.training import train


@pytest.fixture(scope="session")
def runs():
    return {name: simulate(config) for name, config in CONFIGS.items()}


@pytest.fixture(scope="session")
def films(runs):
    return {name: build_film(run) for name, run in runs.items()}


@pytest.fixture(scope="session")
def escapes():
    return {name: simulate(config) for name, config in beside_saddles.CONFIGS.items()}


@pytest.fixture(scope="session")
def escape_films(escapes):
    return {name: build_film(run) for name, run in escapes.items()}


@pytest.fixture(scope="session")
def recordings():
    log_time = train(SMALL)
    return {"log time": log_time, "decayed": train(DECAYED), "foreign": foreign(log_time)}
