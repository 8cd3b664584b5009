"""`python -m ulpm_core train`: one JSON line, net.npz as the recording it holds, refusals, and nothing half written."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ulpm_core import commands
from ulpm_core.cli import main
from ulpm_core.files.features import load_snapshots
from ulpm_core.files.recording import load_recording, save_recording
from ulpm_core.networks import training
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.parameters import NETWORK_PARAMETERS

SMALL = ["--classes", "0,1,2", "--per-class", "20", "--width", "12", "--depth", "2", "--epochs", "3"]


def never(word: str) -> None:
    raise ValueError(word)


def test_a_training_prints_accuracies_and_metrics_and_saves_its_recording(tmp_path, capsys):
    out = tmp_path / "net.npz"
    assert main(["train", *SMALL, "--log-time-steps", "5", "--seed", "3", "--out", str(out)]) == 0
    said = json.loads(capsys.readouterr().out, parse_constant=never)
    recording = load_recording(out)
    config = NetworkConfig(classes="0,1,2", per_class=20, width=12, depth=2, epochs=3, log_time_steps=5, seed=3)
    assert recording.config == config
    assert said["digest"] == config.digest
    assert said["train_accuracy"] == recording.train_accuracy[-1]
    assert said["test_accuracy"] == recording.test_accuracy[-1] > 0.5
    for name, values in recording.metrics.items():
        assert said[name] == (values[-1] if np.isfinite(values[-1]) else None), name
    assert said["stop_reason"].startswith("The network took its 3 epochs, and log time carried it on")
    assert said["seconds"] > 0


def test_every_option_reaches_the_config(tmp_path, capsys, monkeypatch):
    given = {
        "dataset": "digits", "classes": "0,3", "per_class": "30", "model": "convnet", "width": "4", "depth": "2",
        "dimension": "5", "batch_norm": "off", "last_activation": "none", "bias": "on", "epochs": "2",
        "batch_size": "16", "learning_rate": "0.05", "schedule": "cosine", "momentum": "0.5", "weight_decay": "0.001",
        "log_time_steps": "0", "relative_rate": "1", "seed": "9", "dtype": "float32", "device": "cpu",
        "snapshots": "20", "shown_per_class": "7",
    }  # fmt: skip
    assert set(given) == set(NETWORK_PARAMETERS)
    options = [word for name, value in given.items() for word in ("--" + name.replace("_", "-"), value)]
    assert main(["train", *options, "--out", str(tmp_path / "n.npz")]) == 0
    assert json.loads(capsys.readouterr().out)["digest"] == NetworkConfig.from_mapping(given).digest


def test_weight_decay_alone_leaves_log_time_out(tmp_path, capsys):
    assert main(["train", *SMALL, "--weight-decay", "5e-4", "--out", str(tmp_path / "n.npz")]) == 0
    assert json.loads(capsys.readouterr().out)["stop_reason"] == "The network took its 3 epochs."
    assert main(["train", *SMALL, "--weight-decay", "5e-4", "--log-time-steps", "9", "--out", str(tmp_path / "m")]) == 2
    assert "--log-time-steps: log_time_steps = 9 does not go with weight_decay" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--dataset", "foo"], ("--dataset: dataset = foo", "digits, mnist", "for example digits")),
        (["--classes", "3"], ("--classes: classes = 3", "for example all")),
        (["--epochs", "0"], ("--epochs: epochs = 0", "1 to 10000", "for example 10")),
        (["--learning-rate", "nan"], ("--learning-rate: learning_rate = nan", "for example 0.1")),
        (["--model", "gpt"], ("--model: model = gpt", "one of mlp")),
        (["--epoch", "3"], ("--epoch",)),
        (["--out", "/nowhere/at/all/n.npz"], ("--out",)),
    ],
)
def test_bad_options_are_refused_and_nothing_is_written(options, parts, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    out = [] if "--out" in options else ["--out", "n.npz"]
    try:
        code = main(["train", *SMALL, *options, *out])
    except SystemExit as leaving:
        code = leaving.code
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 1
    assert all(part in said.err for part in parts)
    assert not list(tmp_path.iterdir())


def test_a_cancelled_training_is_saved_up_to_there(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(training, "TELL_SECONDS", 0.0)
    monkeypatch.setattr(commands.Watch, "__call__", lambda self, now: not now.words.startswith("epoch 2"))
    out = tmp_path / "net.npz"
    assert main(["train", *SMALL, "--out", str(out)]) == 3
    assert json.loads(capsys.readouterr().out)["stop_reason"].startswith("Cancelled at epoch")
    assert len(load_recording(out)) > 1


def test_measure_reads_a_recording_of_more_classes_than_a_film_shows(tmp_path, capsys):
    labels = np.repeat(np.arange(100), 2)
    H = np.eye(100)[:, labels] + 0.01 * np.random.default_rng(0).standard_normal((100, 200))
    np.savez(tmp_path / "features.npz", H=np.stack([H, 2 * H]), labels=labels, W=np.stack([np.eye(100)] * 2))
    recording = load_snapshots(tmp_path / "features.npz")
    save_recording(recording, tmp_path / "net.npz")
    assert main(["measure", str(tmp_path / "net.npz")]) == 0
    said = json.loads(capsys.readouterr().out, parse_constant=never)
    assert (said["classes"], said["dimension"], said["samples"], said["epoch"]) == (100, 100, 200, 1.0)
    for name, values in recording.metrics.items():
        assert said[name] == pytest.approx(float(values[-1]), rel=1e-12), name
