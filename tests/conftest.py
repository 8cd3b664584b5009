"""What every test shares: no stale compiled code, hypothesis without chance or deadline, seeded numbers; and the flag
that checks shapes.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
COMPILED = ("dynamics", "model/losses", "model/regularisers")
FILES = sorted(path for folder in COMPILED for path in (ROOT / "ulpm_core" / folder).rglob("*.py"))
SOURCES = hashlib.sha256(b"".join(path.read_bytes() for path in FILES))
# Numba's cache does not see that a function inlined from another file has changed; a cache for each source does.
os.environ["NUMBA_CACHE_DIR"] = str(ROOT / ".pytest_cache" / f"numba-{SOURCES.hexdigest()[:12]}")

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
