"""A wrong shape fails under `pytest --shapes`, and without the flag nobody looks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WRONG = """
import numpy as np
import pytest
from ulpm_core.analysis.marks import Mark
from ulpm_core.analysis.rates import fit_slope
from ulpm_core.model.losses.cross_entropy import log_sample_losses
from ulpm_core.model.sphere import norm


def test_one_letter_has_one_size_in_a_call():
    norm(np.ones((4, 3)), np.ones((5, 20)))  # W (K, d) beside H (d + 2, N)


def test_axes_in_front_agree():
    norm(np.ones((7, 4, 3)), np.ones((3, 20)))


def test_labels_are_as_many_as_samples():
    log_sample_losses(np.zeros((4, 1)), np.array([0, 0]))


def test_what_comes_out_is_looked_at_too(monkeypatch):
    monkeypatch.setattr("ulpm_core.model.sphere.np.hypot", lambda *norms: np.ones(3))
    norm(np.ones((2, 4, 3)), np.ones((2, 3, 20)))


def test_right_shapes_pass():
    assert norm(np.ones((2, 4, 3)), np.ones((2, 3, 20))).shape == (2,)
    assert Mark("a snapshot that is a word", 3).name == 3  # what says no shape is left alone
"""


@pytest.fixture
def wrong(tmp_path):
    """A file of tests that pass wrong shapes to the core."""
    path = tmp_path / "test_wrong_shapes.py"
    path.write_text(WRONG)
    return path


def outcome(path: Path, *flags: str) -> str:
    """The words of pytest; beside `path` it is given a file of ours, for the sake of conftest.py."""
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "no:cacheprovider", "-rf", *flags]
    command += ["tests/shapes.py", str(path)]
    briefly = {name: value for name, value in os.environ.items() if name != "CI"}  # there the summary tells all again
    found = subprocess.run(command, cwd=ROOT, env=briefly, capture_output=True, text=True)
    return found.stdout


def test_wrong_shapes_are_caught_under_the_flag(wrong):
    said = outcome(wrong, "--shapes")
    failed = {line.split("::")[1].split(" ")[0] for line in said.splitlines() if line.startswith("FAILED")}
    assert failed == {
        "test_one_letter_has_one_size_in_a_call",
        "test_axes_in_front_agree",
        "test_labels_are_as_many_as_samples",
        "test_what_comes_out_is_looked_at_too",
    }, said
    told = [line.split("whilst checking the ")[1] for line in said.splitlines() if "whilst checking the " in line]
    assert told == [
        "parameters of ulpm_core.model.sphere.norm.",
        "parameters of ulpm_core.model.sphere.norm.",
        "parameters of ulpm_core.model.losses.cross_entropy.log_sample_losses.",
        "return value of ulpm_core.model.sphere.norm.",
    ]


def test_without_the_flag_and_in_production_nobody_looks(wrong):
    assert "TypeCheckError" not in outcome(wrong)
    loads = "import sys, ulpm_core; ulpm_core.simulate; print({'jaxtyping', 'beartype'} & sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", loads], cwd=ROOT, capture_output=True, text=True).stdout == "set()\n"
