"""Cancelled, killed, torn: what goes on goes on bit for bit, and what cannot is refused."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from networks.small import LONG, LONG_STEPS, SMALL, same
from reference import refused

from ulpm_core import Outcome
from ulpm_core.files.npz import write_npz
from ulpm_core.files.recording import load_recording
from ulpm_core.networks import training
from ulpm_core.networks.checkpoint import restore, save
from ulpm_core.networks.run import TrainingRun
from ulpm_core.networks.training import train


@pytest.mark.parametrize("at", [1, 7, 9, 10, 20])
def test_cancelled_and_resumed_is_bit_for_bit_the_run_in_one_go(at, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "TELL_SECONDS", 0.0)
    path, calls = tmp_path / "net.checkpoint.npz", []

    def cancel(progress):
        calls.append(progress)
        return len(calls) < at

    stopped = train(SMALL, cancel, path)
    assert stopped.outcome is Outcome.CANCELLED
    assert stopped.step[-1] == at
    assert stopped.stop_reason.startswith("Cancelled at ")
    assert 0 < calls[-1].fraction < 1
    words = []
    resumed = train(SMALL, lambda p: words.append(p.words), path)
    assert len(words) == 21 - at
    assert same(resumed, train(SMALL))
    assert not path.exists()


def test_a_run_killed_between_checkpoints_goes_on_from_the_last(tmp_path):
    path = tmp_path / "c.npz"
    run = TrainingRun(SMALL)
    for step in range(17):
        run.advance()
        if step == 13:
            save(run, path)
    del run
    so_far = load_recording(path)
    assert so_far.outcome is Outcome.RUNNING
    assert so_far.stop_reason == "Interrupted after step 14 of 21."
    assert same(train(SMALL, checkpoint=path), train(SMALL))


def test_a_process_killed_in_mid_training_loses_nothing_that_was_written(tmp_path):
    """It writes a checkpoint after every step, so the kill comes in the middle of one or close to it."""
    path = tmp_path / "c.npz"
    code = f"""if True:
        import torch
        from pathlib import Path
        from ulpm_core.networks import training
        from ulpm_core.networks.config import NetworkConfig
        torch.set_num_threads(1)
        training.CHECKPOINT_SECONDS, training.CHECKPOINT_SHARE = 0.0, 1e9
        config = NetworkConfig.from_json({LONG.to_json()!r})
        training.train(config, lambda p: print(p.words, flush=True), Path({str(path)!r}))
    """
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        for _ in range(3):
            assert process.stdout.readline()
        process.kill()
    at = load_recording(path).stop_reason
    assert at.startswith("Interrupted after step ")
    assert int(at.split()[3]) < LONG_STEPS
    assert same(train(LONG, checkpoint=path), train(LONG))


def test_a_torn_write_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    path, run = tmp_path / "c.npz", TrainingRun(SMALL)
    run.advance()
    save(run, path)
    before = path.read_bytes()

    def torn(file, **_):
        file.write_bytes(b"PK half a file")
        raise OSError("no space left on device")

    run.advance()
    monkeypatch.setattr(np, "savez", torn)
    with pytest.raises(OSError, match="no space"):
        save(run, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "damage", ["half", "other run", "weights", "nan", "step", "last step", "time", "velocity", "empty"]
)
def test_a_checkpoint_that_is_no_checkpoint_is_refused_and_nothing_moves(damage, tmp_path):
    path, run = tmp_path / "c.npz", TrainingRun(SMALL)
    for _ in range(5):
        run.advance()
    save(run, path)
    with np.load(path) as data:
        arrays = dict(data)
    if damage == "half":
        path.write_bytes(path.read_bytes()[:2000])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage != "other run":
        changes = {
            "weights": {"parameter classifier.weight": np.zeros((2, 2))},
            "nan": {"parameter classifier.weight": np.full((3, 12), np.nan)},
            "step": {"at_step": np.array(10**6)},
            "last step": {"at_step": np.array(TrainingRun(SMALL).last_step)},  # would be gone beyond, for ever
            "time": {"at_log_time": np.array(np.inf)},
            "velocity": {"velocity body.1.weight": np.zeros(3)},
        }
        write_npz(path, arrays | changes[damage])
    config = SMALL.with_changes(seed=5) if damage == "other run" else SMALL
    fresh = TrainingRun(config)
    before = [p.clone() for p in fresh.network.parameters()]
    with refused("checkpoint"):
        restore(fresh, path)
    assert fresh.step == 0
    assert all(torch.equal(a, b) for a, b in zip(before, fresh.network.parameters(), strict=True))


def test_where_no_checkpoint_can_be_written_the_run_warns_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("ulpm_core.networks.training.CHECKPOINT_SECONDS", 0.0)
    with pytest.warns(RuntimeWarning, match="goes on without a checkpoint"):
        recording = train(SMALL, checkpoint=tmp_path / "missing" / "net.checkpoint.npz")
    assert recording.outcome is Outcome.DONE
