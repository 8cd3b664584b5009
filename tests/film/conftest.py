"""Runs of every kind and their films, made once for all tests of films."""

from __future__ import annotations

import pytest
from film.films import CONFIGS

from ulpm_core import simulate
from ulpm_core.film.film import build_film


@pytest.fixture(scope="session")
def runs():
    return {name: simulate(config) for name, config in CONFIGS.items()}


@pytest.fixture(scope="session")
def films(runs):
    return {name: build_film(run) for name, run in runs.items()}
