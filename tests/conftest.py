"""Settings of every test: hypothesis without chance or deadline, seeded numbers; and the flag that checks shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "house",
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shapes", action="store_true", help="check the shapes that annotations of the core say")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--shapes"):
        from shapes import check_shapes

        check_shapes()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(2110_02796)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder for outputs, empty at the start."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder
