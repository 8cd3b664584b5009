"""The key of kept trainings: of the code that a training runs, no more and no less; and what earlier code kept."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.jobs import trainings
from app.trainer import code
from app.trainer.store import TrainingFiles, kept_paths
from ulpm_core.files.npz import write_npz
from ulpm_core.files.recording import load_recording
from ulpm_core.model.refusal import UnusedWarning

ROOT = Path(__file__).parents[2]
KEPT = next((ROOT / "tests/fixtures/trainings").glob("*.npz"))
OLDER = load_recording(KEPT)


def test_the_sources_are_what_a_process_that_trains_has_imported():
    config = OLDER.config.to_json()
    run = f"from ulpm_core.networks import training; training.train(training.NetworkConfig.from_json({config!r}))"
    ask = "import sys; print(*(name for name in sys.modules if name.split('.')[0] == 'ulpm_core'))"
    done = subprocess.run([sys.executable, "-c", f"{run}; {ask}"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(code.sources()) == set(done.stdout.split())


@pytest.fixture
def house(tmp_path) -> Path:
    for package in ("app", "ulpm_core"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.parametrize(
    ("touched", "changes"),
    [
        ("ulpm_core/networks/streaming.py", True),
        ("ulpm_core/networks/training.py", True),
        ("ulpm_core/analysis/collapse.py", True),
        ("ulpm_core/analysis/rounding.py", True),
        ("ulpm_core/files/recording.py", True),
        ("ulpm_core/film/network.py", False),
        ("ulpm_core/networks/recorder.py", False),
        ("app/screens/networks/networks.py", False),
        ("app/trainer/process.py", False),
    ],
)
def test_the_key_changes_with_what_measures_and_with_no_screen(touched, changes, house):
    before = code.key(house)
    assert before == code.todays_key()
    with (house / touched).open("a", encoding="utf-8") as source:
        source.write("# touched\n")
    assert (code.key(house) != before) == changes


@pytest.mark.parametrize("package", ["numpy", "torch"])
def test_the_key_changes_with_the_versions_of_what_it_adds_up_with(package, monkeypatch):
    monkeypatch.setattr(code, "version", lambda name: "0.0" if name == package else "1.0")
    one = code.key()
    monkeypatch.setattr(code, "version", lambda name: "1.0")
    assert code.key() != one


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("COLLAPSE_LAB_CACHE", str(tmp_path))
    (tmp_path / "trainings").mkdir()
    return tmp_path / "trainings"


def test_what_commit_2c6888d_kept_is_shown_and_not_trained_again(cache):
    """That its figures are those of a training today is said in tests/files/test_older_files.py."""
    assert not trainings.kept(OLDER.config)
    shutil.copy(KEPT, cache)
    assert trainings.kept(OLDER.config)
    traces = TrainingFiles(OLDER.config)
    kept = traces.kept()
    assert kept.measured() == OLDER.measured()
    traces.end(kept)
    assert [path.name for path in cache.iterdir()] == [KEPT.name]


def test_it_is_shown_after_a_metric_was_added_too(cache):
    with np.load(KEPT) as held:
        arrays = {name: array for name, array in held.items() if name != "nc1"}
    write_npz(cache / KEPT.name, arrays | {"nc5": arrays["nc4"]})
    with pytest.warns(UnusedWarning, match="nc5"):
        kept = TrainingFiles(OLDER.config).kept()
    assert np.isnan(kept.metrics["nc1"]).all() and kept.metrics["nc4"].tolist() == OLDER.metrics["nc4"].tolist()


def test_a_damaged_one_of_earlier_code_is_forgotten(cache):
    (cache / KEPT.name).write_bytes(KEPT.read_bytes()[:1000])
    assert TrainingFiles(OLDER.config).kept() is None
    assert not any(path.exists() for path in kept_paths(OLDER.config))
