"""Files of tests/fixtures, saved by the code of an earlier commit: they open, say the same figures, go on and play."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.__main__ import film_of
from app.player.picture import picture
from ulpm_core import ConfigError, Outcome, cli, simulate
from ulpm_core.analysis.ensemble import ensemble, starts
from ulpm_core.analysis.metrics import metric_names
from ulpm_core.files.features import load_snapshots
from ulpm_core.files.npz import write_npz
from ulpm_core.files.recording import load_recording
from ulpm_core.files.run import load_run
from ulpm_core.film.film import Film
from ulpm_core.model.config import RunConfig
from ulpm_core.model.refusal import UnusedWarning
from ulpm_core.networks.training import train

HERE = Path(__file__).parents[1] / "fixtures"
RUNS = ("steps", "momentum", "flow", "fast-forward", "escape")
STATED = {
    "steps": "The run took all its 200 steps.",
    "momentum": "The run took all its 200 steps.",
    "flow": "The flow reached t = e^300.",
    "fast-forward": "The run took all its 200 steps, and the flow carried it on to t = e^300.",
    "escape": "The flow reached t = e^20.",
}
CLOSE = {"rel": 1e-9, "abs": 1e-12, "nan_ok": True}
"""Metrics are measured anew, and a share of nothing is rounding."""
TRAINED = {"rel": 1e-6, "abs": 1e-9, "nan_ok": True}
"""Whatever kernels multiply the matrices."""


def arrays_of(name: str) -> dict[str, np.ndarray]:
    with np.load(HERE / name) as held:
        return dict(held)


def with_another_metric(name: str, without: str, folder: Path) -> Path:
    """The file as a version would have saved it that knew another metric, and not one of ours."""
    arrays = arrays_of(name)
    any_metric = arrays.pop(without)
    write_npz(folder / name, arrays | {"nc5": any_metric})
    return folder / name


@pytest.mark.parametrize("name", RUNS)
def test_a_run_opens_with_the_figures_that_it_was_saved_with(name):
    run, saved = load_run(HERE / f"{name}.npz"), arrays_of(f"{name}.npz")
    assert run.config.to_json() == RunConfig.from_json(str(saved["config"])).to_json()
    assert (run.outcome, run.stop_reason) == (Outcome.DONE, STATED[name])
    measured = set(run.metrics) & set(saved)
    assert len(measured) == 25
    for metric in measured:
        assert run.metrics[metric] == pytest.approx(saved[metric], **CLOSE), metric
    for array in ("W", "H", "step", "log_time", "log_loss"):
        assert np.array_equal(getattr(run, array), saved[array]), array
    assert (run.hand_over is not None) == (name == "fast-forward")
    assert run.velocity is not None and np.array_equal(run.velocity.W, saved["velocity_W"])


@pytest.mark.parametrize(("name", "longer"), [("steps", {"steps": 400}), ("momentum", {"steps": 400}),
                                              ("fast-forward", {"fast_forward": 400.0})])  # fmt: skip
def test_a_run_by_steps_goes_on_from_its_file(name, longer):
    past = load_run(HERE / f"{name}.npz")
    config = past.config.with_changes(**longer)
    gone_on, in_one_go = simulate(config, resume=past), simulate(config)
    assert gone_on.outcome is in_one_go.outcome is Outcome.DONE
    assert gone_on.step.tolist() == in_one_go.step.tolist()
    assert gone_on.log_loss == pytest.approx(in_one_go.log_loss, rel=1e-6)
    assert gone_on.nc2_angles[-1] == pytest.approx(in_one_go.nc2_angles[-1], rel=1e-4)


def test_a_flow_is_run_again_as_its_refusal_says():
    past = load_run(HERE / "flow.npz")
    with pytest.raises(ConfigError, match="run it again to a later log_time"):
        simulate(past.config.with_changes(log_time=400.0), resume=past)
    again = simulate(past.config)
    assert again.gamma[-1] == pytest.approx(past.gamma[-1], rel=1e-6)


def test_a_run_opens_whatever_is_measured_in_it(tmp_path):
    run = load_run(HERE / "steps.npz")
    with pytest.warns(UnusedWarning, match="holds nc5, not used here"):
        other = load_run(with_another_metric("steps.npz", "nc1", tmp_path))
    assert other.nc1 == pytest.approx(run.nc1, rel=1e-12)


def test_a_network_opens_with_its_figures_and_trains_to_the_same():
    net, again = load_recording(HERE / "net.npz"), train(load_recording(HERE / "net.npz").config)
    said = json.loads((HERE / "measured.jsonl").read_text().splitlines()[1])
    for name, value in said.items():
        assert net.measured()[name] == pytest.approx(value, rel=1e-12), name
        assert again.measured()[name] == pytest.approx(value, **TRAINED), name
    assert net.stop_reason == again.stop_reason


@pytest.mark.parametrize("metric", metric_names())
def test_a_network_from_before_a_metric_opens_without_it(metric, tmp_path):
    """What was not measured is not known, unless it follows from what was: from W, class means, margin and gamma."""
    net = load_recording(HERE / "net.npz")
    with pytest.warns(UnusedWarning, match="holds nc5, not used here"):
        older = load_recording(with_another_metric("net.npz", metric, tmp_path))
    assert list(older.metrics) == list(net.metrics)
    for name, values in older.metrics.items():
        if name != metric:
            assert np.array_equal(values, net.metrics[name]), name
    if metric == "gamma_balanced" or metric.startswith(("nc2", "nc3")):
        assert older.metrics[metric] == pytest.approx(net.metrics[metric], rel=1e-9)
    else:
        assert np.isnan(older.metrics[metric]).all()
        assert older.figures()[metric] is None
    with pytest.warns(UnusedWarning):
        film = Film.from_bytes(film_of(str(tmp_path / "net.npz")).to_bytes())
    assert not any("nan" in sentence.lower() for sentence in film.header["sentences"])
    assert picture(film)


def test_a_training_goes_on_from_its_checkpoint_to_the_same_figures(tmp_path):
    """Of an earlier version, and of one that measured something else."""
    whole = load_recording(HERE / "net.npz")
    path = tmp_path / "checkpoint.npz"
    for older in (False, True):
        if older:
            with_another_metric("checkpoint.npz", "nc4", tmp_path)
            with pytest.warns(UnusedWarning, match="checkpoint.* holds nc5, not used here"):
                gone_on = train(whole.config, checkpoint=path)
        else:
            path.write_bytes((HERE / "checkpoint.npz").read_bytes())
            begun = load_recording(path)
            assert (begun.outcome, begun.stop_reason) == (Outcome.RUNNING, "Interrupted after step 8 of 12.")
            gone_on = train(whole.config, checkpoint=path)
        assert not path.exists()
        assert gone_on.step.tolist() == whole.step.tolist()
        for name, values in gone_on.metrics.items():
            known = values[-2:] if older and name == "nc4" else values
            assert known == pytest.approx(whole.metrics[name][-len(known) :], **TRAINED), name
        assert np.isnan(gone_on.metrics["nc4"][:-2]).all() == older


def test_features_are_measured_as_before(capsys):
    assert cli.main(["measure", str(HERE / "moment.npz")]) == 0
    said = json.loads(capsys.readouterr().out)
    before = json.loads((HERE / "measured.jsonl").read_text().splitlines()[0])
    for name, value in before.items():
        assert said[name] == (None if value is None else pytest.approx(value, **CLOSE)), name
    assert load_snapshots(HERE / "features.npz").epoch.tolist() == [0.0, 1.0]


def test_an_ensemble_opens_with_the_figures_that_its_runs_have_today():
    saved = arrays_of("ensemble.npz")
    config = RunConfig.from_json(str(saved["config"]))
    again = ensemble(starts(config, len(saved["seed"])))
    assert saved["outcome"].tolist() == [str(outcome) for outcome in again.many.outcomes]
    assert saved["seed"].tolist() == [each.seed for each in again.many.configs]
    for name, values in again.metrics.items():
        assert values[:, -1] == pytest.approx(saved[name][:, -1], rel=1e-3, abs=1e-9), name
    with pytest.raises(ConfigError, match="is an ensemble, which keeps only where its runs end"):
        load_run(HERE / "ensemble.npz")


GEOMETRY = ("features", "means", "classifiers", "ideal")
"""Arrays of a film that hold coordinates along its axes."""


@pytest.mark.parametrize(("document", "saved"), [("run", "fast-forward"), ("net", "net")])
def test_a_film_plays_as_the_film_of_today_does(document, saved):
    older = Film.from_bytes((HERE / f"{document}.film").read_bytes())
    today = film_of(str(HERE / f"{saved}.npz"))
    for key in ("format", "digest", "frames", "axes", "labels", "clock", "flow_from"):
        assert today.header[key] == older.header[key], key
    mirrored = np.sign(
        (today.arrays["means"] * older.arrays["means"]).sum(axis=(0, 1))
    )  # axes had no sign of their own
    for name, array in older.arrays.items():
        if name in GEOMETRY:
            array = array * mirrored
        assert today.arrays[name] == pytest.approx(array, rel=1e-5, abs=1e-6, nan_ok=True), name
    assert picture(older).count("<") == picture(today).count("<") > 10


@pytest.mark.parametrize("name", [*RUNS, "net", "checkpoint", "features", "moment"])
def test_everything_saved_plays(name):
    film = film_of(str(HERE / f"{name}.npz"))
    assert picture(Film.from_bytes(film.to_bytes()))
