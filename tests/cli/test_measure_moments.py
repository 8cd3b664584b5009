"""`measure` of files of several moments: a recording, a run, features; and `--peers` of each."""

from __future__ import annotations

import numpy as np
import pytest
from analysis import peers_reference
from cli.lines import refusal, strict
from networks.small import SMALL
from reference import gaussian, labels_of

from ulpm_core import RunConfig, simulate
from ulpm_core.analysis.peers import PEERS
from ulpm_core.files.ensemble import save_ensemble
from ulpm_core.files.recording import array_names, load_recording, save_recording
from ulpm_core.files.run import save_run
from ulpm_core.model.plain import plain
from ulpm_core.networks.training import train
from ulpm_core.terminal import figures_at

RUN = RunConfig(classes=3, dimension=2, per_class=4, steps=40, snapshots=6)


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    path = tmp_path_factory.mktemp("net") / "net.npz"
    save_recording(train(SMALL), path)
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "run.npz"
    save_run(simulate(RUN), path)
    return path


def figures(answer) -> dict:
    code, out, err = answer
    assert (code, err) == (0, "")
    return strict(out)


def test_a_recording_is_measured_at_any_moment(call, net):
    recording = load_recording(net)
    assert figures(call("measure", net)) == figures(call("measure", net, "--frame", "-1"))
    for frame in (0, 3, -2):
        said = figures(call("measure", net, "--frame", frame))
        assert said["epoch"] == recording.epoch[frame]
        for name in ("nc1", "nc2_angles", "nc3", "q_min"):
            assert said[name] == recording.metrics[name][frame]
    assert figures(call("measure", net, "--frame", 0))["nc2_angles_drop"] is None  # long before zero training error


def test_all_moments_come_as_lists(call, net):
    every, recording = figures(call("measure", net, "--frame", "all")), load_recording(net)
    assert every["epoch"] == recording.epoch.tolist()
    assert every["nc1"] == plain(recording.metrics["nc1"])
    assert {len(values) for values in every.values()} == {len(recording)}


def test_a_run_is_measured_as_its_own_line_says_it(call, run):
    trajectory = simulate(RUN)
    for frame in (-1, 2):
        said = figures(call("measure", run, "--frame", frame))
        for name, value in plain(figures_at(trajectory, frame)).items():
            assert said[name] == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value), name
    assert said["samples"] == 12
    assert figures(call("measure", run)) == figures(call("measure", run, "--frame", -1))


def test_features_of_several_moments_need_one(call, tmp_path, rng):
    W, H, labels = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 4, 9)), labels_of(3, 3)
    np.savez(tmp_path / "f.npz", W=W, H=H, labels=labels, epoch=[0.0, 7.0])
    refusal(call("measure", tmp_path / "f.npz"), "choose one of its moments by --frame", "H[-1]")
    np.savez(tmp_path / "one.npz", W=W[0], H=H[0], labels=labels)
    said = figures(call("measure", tmp_path / "f.npz", "--frame", 0))
    assert said.pop("epoch") == 0.0
    assert said == figures(call("measure", tmp_path / "one.npz"))
    assert figures(call("measure", tmp_path / "f.npz", "--frame", "all"))["epoch"] == [0.0, 7.0]


@pytest.mark.parametrize("frame", ["2", "-3", "1.5", "last"])
def test_a_moment_that_is_not_there_is_refused(call, tmp_path, rng, frame):
    W, H = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 4, 9))
    np.savez(tmp_path / "f.npz", W=W, H=H, labels=labels_of(3, 3))
    refusal(call("measure", tmp_path / "f.npz", "--frame", frame), "--frame: frame = ", "all", "for example -1")


def test_an_epoch_that_a_frame_would_use_is_not_called_unused(call, tmp_path, rng):
    H = rng.standard_normal((2, 4, 9))
    np.savez(tmp_path / "f.npz", H=H, labels=labels_of(3, 3), epoch=[0.0, 7.0], names=np.array(list("abc")))
    named = "holds names, not used here: H, labels and epoch, and with W also bias, are."
    refusal(call("measure", tmp_path / "f.npz"), "choose one of its moments by --frame", named)
    code, _, said = call("measure", tmp_path / "f.npz", "--frame", 1)
    assert code == 0 and named in said
    np.savez(tmp_path / "f.npz", H=H[0], labels=labels_of(3, 3), epoch=[7.0])
    assert "holds epoch, not used here: H and labels, and" in call("measure", tmp_path / "f.npz")[2]


def test_files_of_many_runs_are_refused_in_words(call, tmp_path):
    from ulpm_core.analysis.ensemble import ensemble, starts

    config = RUN.with_changes(method="gradient-flow", log_time=5.0)
    save_ensemble(ensemble(starts(config, 2), None), tmp_path / "e.npz")
    np.savez(tmp_path / "s.npz", study="{}")
    refusal(call("measure", tmp_path / "e.npz"), "is an ensemble", "measure one run")
    refusal(call("measure", tmp_path / "s.npz"), "is a sweep", "measure one run")


@pytest.mark.parametrize("sizes", [(5, 5, 5), (6, 2, 4)])
@pytest.mark.parametrize("kind", ["bare", "W", "bias"])
def test_peers_of_features(call, tmp_path, rng, sizes, kind):
    labels = rng.permutation(labels_of(3, sizes))
    H, W, bias = rng.standard_normal((4, len(labels))), rng.standard_normal((3, 4)), rng.standard_normal(3)
    more = {"bare": {}, "W": {"W": W}, "bias": {"W": W, "bias": bias}}[kind]
    np.savez(tmp_path / "f.npz", H=H, labels=labels, **more)
    own, said = (figures(call("measure", *words, tmp_path / "f.npz")) for words in ([], ["--peers"]))
    expected = peers_reference.peers(H.T, labels, more.get("W"), more.get("bias"), len(set(sizes)) > 1)
    assert {name: said[name] for name in own} == own
    assert set(said) - set(own) == set(expected)
    for name, value in expected.items():
        assert said[name] == pytest.approx(value, rel=1e-9, abs=1e-12), name


def test_peers_of_a_run_are_those_of_its_features(call, run, tmp_path):
    trajectory = simulate(RUN)
    said = figures(call("measure", run, "--frame", 3, "--peers"))
    expected = peers_reference.peers(trajectory.H[3].T, trajectory.labels, trajectory.W[3], None, False)
    for name, value in expected.items():
        assert said[name] == pytest.approx(value, rel=1e-9), name


def test_peers_of_a_recording_are_those_of_all_that_it_saw(call, tmp_path):
    """All samples are shown here, so that what the recording holds can be measured once more, in float32."""
    recording = train(SMALL.with_changes(shown_per_class=40))
    save_recording(recording, tmp_path / "net.npz")
    said = figures(call("measure", tmp_path / "net.npz", "--peers"))
    bias = None if recording.bias is None else recording.bias[-1]
    expected = peers_reference.peers(recording.H[-1].astype(float).T, recording.labels, recording.W[-1], bias, False)
    for peer in PEERS:
        assert said[peer.name] == pytest.approx(expected[peer.name], rel=1e-3), peer.name


def test_older_recordings_say_null_of_what_they_lack(call, tmp_path, net):
    with np.load(net) as file:
        np.savez(tmp_path / "older.npz", **{name: file[name] for name in file.files if name != "spread"})
    said, now = (figures(call("measure", path, "--peers")) for path in (tmp_path / "older.npz", net))
    assert said.pop("cdnv") is None and now.pop("cdnv") > 0
    assert said == now
    assert "spread" in array_names()


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_a_spread_that_is_none_is_refused(call, tmp_path, net, value):
    with np.load(net) as file:
        arrays = dict(file)
    arrays["spread"][0, 0] = value
    np.savez(tmp_path / "net.npz", **arrays)
    refusal(call("measure", tmp_path / "net.npz"), "holds spread that is no sum of squares")


def test_a_start_is_no_moment_of_features(call, tmp_path):
    W, H = gaussian(3, 2, 2)
    np.savez(tmp_path / "start.npz", W=W, H=H)
    refusal(call("measure", tmp_path / "start.npz", "--peers"), "no array labels")
