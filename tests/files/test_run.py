"""run.npz, start.npz, features.npz: the contract, damage, and contents that are wrong."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import METHODS, refused, slow_metrics

from ulpm_core import ConfigError, Outcome, RunConfig, simulate
from ulpm_core.files.features import load_features
from ulpm_core.files.run import RUN_ARRAYS, load_run, save_run
from ulpm_core.files.start import load_state
from ulpm_core.film.film import build_film

CONFIG = RunConfig(classes=3, dimension=2, per_class=4, steps=60)


METRICS = {
    "nc1_trace_ratio", "nc1", "nc2_norms", "nc2_angles", "nc2_norms_w", "nc2_angles_w", "nc3", "nc4", "q_min", "gamma",
    "nc1_trace_ratio_uncentred", "nc1_uncentred", "nc2_norms_uncentred", "nc2_angles_uncentred",
    "nc2_norms_w_uncentred", "nc2_angles_w_uncentred", "nc3_uncentred",
}  # fmt: skip


@pytest.fixture(scope="module")
def run():
    return simulate(CONFIG.with_changes(method="momentum"))


def npz(path: Path, **arrays) -> Path:
    np.savez(path, **arrays)
    return path


# -- the contract --------------------------------------------------------------------------------------------------


def test_run_npz_holds_the_contract_and_needs_no_pickle(run, empty):
    save_run(run, empty / "run.npz")
    assert [p.name for p in empty.iterdir()] == ["run.npz"]
    T, K, d, N = len(run), 3, 2, 12
    with np.load(empty / "run.npz", allow_pickle=False) as data:
        shapes = {name: data[name].shape for name in data.files}
        assert json.loads(str(data["config"])) == json.loads(run.config.to_json())
        assert str(data["stop_reason"]) == "The run took all its 60 steps."
        assert data["step"][-1] == 60
        assert data["time"][-1] == pytest.approx(60.0)  # heavy ball: 0.1 / (1 - 0.9) a step
        assert data["log_time"][-1] == pytest.approx(np.log(60.0))
        assert data["loss"] == pytest.approx(np.exp(data["log_loss"]))
        slow = slow_metrics(data["W"][-1], data["H"][-1], data["labels"])
        for name, value in slow.items():
            assert data[name][-1] == pytest.approx(value, rel=1e-9, abs=1e-12), name
    assert {"W": (T, K, d), "H": (T, d, N), "labels": (N,), "config": (), "stop_reason": ()}.items() <= shapes.items()
    for name in METRICS | {"step", "time", "log_time", "loss", "log_loss"}:
        assert shapes[name] == (T,), name


@pytest.mark.parametrize("method", METHODS)
def test_a_run_comes_back_whole(method, tmp_path):
    run = simulate(CONFIG.with_changes(method=method))
    save_run(run, tmp_path / "run.npz")
    again = load_run(tmp_path / "run.npz")
    for name in ("W", "H", "labels", "step", "log_time", "log_loss", "time", "loss"):
        assert np.array_equal(getattr(run, name), getattr(again, name)), name
    assert (again.config, again.outcome, again.stop_reason) == (run.config, run.outcome, run.stop_reason)
    assert again.velocity.digest == run.velocity.digest
    assert set(again.metrics) == set(run.metrics) > METRICS
    assert build_film(again).to_bytes() == build_film(run).to_bytes()


@pytest.mark.parametrize(
    "changes", [{"method": "gradient-flow", "log_time": 1e4}, {"fast_forward": 50.0}, {"fast_forward": 1e9}], ids=str
)
def test_a_flow_comes_back_whole_but_for_its_memory(changes, tmp_path):
    run = simulate(CONFIG.with_changes(**changes))
    save_run(run, tmp_path / "run.npz")
    again = load_run(tmp_path / "run.npz")
    for name in ("W", "H", "labels", "step", "log_time", "log_loss"):
        assert np.array_equal(getattr(run, name), getattr(again, name)), name
    assert (again.config, again.outcome, again.stop_reason) == (run.config, run.outcome, run.stop_reason)
    assert again.hand_over == run.hand_over
    assert (run.hand_over is None) == (changes.get("method") == "gradient-flow")
    assert again.flow is None
    assert set(again.metrics) == set(run.metrics) > METRICS


@pytest.mark.parametrize(
    "hand_over",
    [
        np.zeros(4),
        np.zeros((5, 1)),
        np.array([-1.0, 60, 2, 6, 0.1]),
        np.array([10_000.0, 60, 2, 6, 0.1]),
        np.array([np.nan, 60, 2, 6, 0.1]),
        np.array([3, 60, np.inf, 6, 0.1]),
        np.array(list("abcde")),
    ],
    ids=str,
)
def test_a_hand_over_that_is_none_is_refused(saved, hand_over):
    path = saved(hand_over=hand_over)
    with refused("hand_over", "hand_over"):
        load_run(path)


def test_a_flow_may_repeat_a_step_but_never_a_time(tmp_path):
    run = simulate(CONFIG.with_changes(fast_forward=50.0))
    save_run(run, tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as data:
        good = dict(data)
    assert (np.diff(run.step) == 0).any()
    for wrong in (run.log_time[::-1], np.maximum(run.log_time, 1.0)):
        with refused("log_time", "does not grow", "in order of time"):
            load_run(npz(tmp_path / "wrong.npz", **good | {"log_time": wrong}))
    with refused("step", "count up"):
        load_run(npz(tmp_path / "wrong.npz", **good | {"step": run.step[::-1]}))
    steps_only = RunConfig.from_json(str(good["config"])).with_changes(fast_forward=0.0).to_json()
    with refused("step", "count up"):
        load_run(npz(tmp_path / "wrong.npz", **good | {"config": steps_only}))


def test_a_diverged_run_comes_back_diverged(tmp_path):
    run = simulate(RunConfig(learning_rate=20.0))
    save_run(run, tmp_path / "run.npz")
    assert load_run(tmp_path / "run.npz").outcome is Outcome.DIVERGED is run.outcome


@pytest.mark.parametrize("existing", [False, True])
def test_a_save_that_fails_leaves_what_was_there(run, empty, monkeypatch, existing):
    path = empty / "run.npz"
    if existing:
        path.write_bytes(b"before")

    def disk_full(target, **arrays):
        Path(target).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", disk_full)
    with pytest.raises(OSError, match="No space"):
        save_run(run, path)
    assert [p.name for p in empty.iterdir()] == (["run.npz"] if existing else [])
    assert not existing or path.read_bytes() == b"before"


def test_a_save_replaces_an_older_file(run, empty):
    (empty / "run.npz").write_bytes(b"old")
    save_run(run, empty / "run.npz")
    assert load_run(empty / "run.npz").config == run.config
    assert len(list(empty.iterdir())) == 1


def test_state_and_features_come_back(tmp_path, rng):
    W, H = rng.standard_normal((3, 2)), rng.standard_normal((2, 6))
    state = load_state(npz(tmp_path / "start.npz", W=W.astype(">f8"), H=H.astype(np.float32)))
    assert np.array_equal(state.W, W)
    assert np.array_equal(state.H, H.astype(np.float32))
    labels = np.array([2, 0, 1, 0, 2, 1])
    found_H, found, found_W, bias, _ = load_features(npz(tmp_path / "f.npz", W=W, H=H, labels=labels)).grouped()
    assert bias is None
    assert found.tolist() == [0, 0, 1, 1, 2, 2]
    assert np.array_equal(found_W, W)
    assert np.array_equal(found_H, H[:, [1, 3, 2, 5, 0, 4]])
    assert load_features(npz(tmp_path / "f.npz", H=H, labels=labels)).W is None


@pytest.mark.parametrize("dtype", [np.uint8, np.uint64, np.int8, np.int32, np.int64, ">i4"])
def test_labels_of_every_integer_type_are_read(tmp_path, dtype):
    path = npz(tmp_path / "f.npz", H=np.eye(2, dtype=np.float32), labels=np.array([1, 0], dtype=dtype))
    H, labels, *_ = load_features(path).grouped()
    assert labels.tolist() == [0, 1]
    assert labels.dtype == np.int64
    assert H.dtype == np.float64


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6), st.floats(0.2, 2))
@settings(max_examples=60)
def test_any_damage_is_a_run_or_a_refusal(run, tmp_path, changes, cut):
    path = tmp_path / "damaged.npz"
    buffer = io.BytesIO()
    np.savez(buffer, **{n: getattr(run, n) for n in RUN_ARRAYS}, config=run.config.to_json())
    data = bytearray(buffer.getvalue())
    for where, byte in changes:
        data[int(where * (len(data) - 1))] = byte
    path.write_bytes(data[: int(len(data) * min(cut, 1))])
    try:
        again = load_run(path)
    except ConfigError as refusal:
        assert str(refusal).isprintable()
    else:
        assert np.isfinite(again.W).all()


# -- wrong contents ------------------------------------------------------------------------------------------------

H6, LABELS = np.arange(12.0).reshape(2, 6), np.repeat(np.arange(3), 2)


BAD_FEATURES = [
    ({"labels": LABELS}, "no array H"),
    ({"H": H6}, "no array labels"),
    ({"H": H6[0], "labels": LABELS}, "H of shape (6,)", "(d, N)"),
    ({"H": H6[None], "labels": LABELS}, "H of shape (1, 2, 6)", "(d, N), of one moment", "--frame, for example H[-1]."),
    ({"H": H6 * np.nan, "labels": LABELS}, "H with NaN", "finite numbers with shape (2, 6)"),
    ({"H": H6 + np.inf, "labels": LABELS}, "H with infinity", "finite numbers with shape (2, 6)"),
    ({"H": H6 * 1j, "labels": LABELS}, "H of shape", "complex128"),
    ({"H": H6.astype(str), "labels": LABELS}, "H of shape", "type <U"),
    ({"H": H6 > 3, "labels": LABELS}, "H of shape", "type bool"),
    ({"H": np.zeros((0, 6)), "labels": LABELS}, "H of shape", "(0, 6)"),
    ({"H": H6, "labels": LABELS[:5]}, "labels of shape (5,)", "with shape (6,)"),
    ({"H": H6, "labels": LABELS[None]}, "labels of shape (1, 6)"),
    ({"H": H6, "labels": LABELS * 1.0}, "labels of shape", "float64"),
    ({"H": H6, "labels": LABELS + 1}, "labels [1 2 3]", "0 to K-1", "K >= 2"),
    ({"H": H6, "labels": LABELS - 1}, "labels [-1  0  1]", "0 to K-1"),
    ({"H": H6, "labels": LABELS * 2}, "labels [0 2 4]", "each at least once"),
    ({"H": H6, "labels": LABELS * 0}, "labels [0]", "K >= 2"),
    ({"H": H6, "labels": LABELS * 2**60}, "labels", "0 to K-1"),
    ({"H": H6[:, :0], "labels": LABELS[:0]}, "H of shape (2, 0)", "(d, N)"),
    ({"H": H6, "labels": LABELS, "W": np.eye(2)}, "W of shape (2, 2)", "(3, 2)"),
    ({"H": H6, "labels": LABELS, "W": np.full((3, 2), np.nan)}, "W with NaN", "finite numbers with shape (3, 2)"),
    ({"H": H6, "labels": LABELS, "W": np.full((3, 2), "a")}, "W of shape", "type <U1", "(3, 2)"),
    ({"H": H6, "labels": LABELS, "W": np.full((3, 2), 1j)}, "W of shape", "complex128", "(3, 2)"),
]


@pytest.mark.parametrize("case", BAD_FEATURES, ids=lambda c: f"{c[1]}")
def test_wrong_features_are_refused(tmp_path, case):
    arrays, *said = case
    path = npz(tmp_path / "f.npz", **arrays)
    with refused("features", *said):
        load_features(path)


@pytest.mark.parametrize(
    ("arrays", "field", "said"),
    [
        ({"W": H6.T}, "initial_state", "no array H"),
        ({"H": H6}, "initial_state", "no array W"),
        ({"W": H6.T[:3] * np.nan, "H": H6}, "W", "NaN"),
        ({"W": H6.T[:4], "H": H6}, "H", "6 columns for 4 classes"),
    ],
)
def test_wrong_starts_are_refused(tmp_path, arrays, field, said):
    path = npz(tmp_path / "start.npz", **arrays)
    with refused(field, said):
        load_state(path)


def test_wrong_runs_are_refused_by_the_name_of_the_array(saved, run):
    """One array wrong at a time; the refusal names it."""
    T = len(run)
    for name, shape in {"W": (T, 3, 2), "H": (T, 2, 12), "labels": (12,), "log_time": (T,), "log_loss": (T,)}.items():
        with refused(name, f"{name} has shape", str(shape)):
            load_run(saved(**{name: getattr(run, name)[..., :-1]}))
        with refused(name, f"{name} has shape"):
            load_run(saved(**{name: np.full(shape, "a")}))
    for name in (*RUN_ARRAYS, "config"):
        with refused("run", f"no array {name}"):
            load_run(saved(**{name: None}))
    with refused("labels", "grouped by class"):
        load_run(saved(labels=run.labels[::-1]))
    with refused("config", "not JSON"):
        load_run(saved(config="{"))
    with refused("classes", "classes = 1"):
        load_run(saved(config='{"classes": 1}'))


@pytest.mark.parametrize("block", ["W", "H"])
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e200])
def test_runs_with_impossible_entries_are_refused(saved, run, block, value):
    wrong = getattr(run, block).copy()
    wrong[1, 0, 0] = value
    path = saved(**{block: wrong})
    with pytest.raises(ConfigError) as caught:
        load_run(path)
    assert block in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        "scalar step",
        "fractional step",
        "NaN step",
        "falling step",
        "NaN log_time",
        "NaN log_loss",
        "complex W",
        "complex log_loss",
        "no snapshot",
    ],
)
def test_runs_with_impossible_clocks_and_types_are_refused(saved, run, change):
    wrong = {
        "scalar step": {"step": np.array(3)},
        "fractional step": {"step": run.step * 1.5},
        "NaN step": {"step": run.step * np.nan},
        "falling step": {"step": run.step[::-1]},
        "NaN log_time": {"log_time": run.log_time * np.nan},
        "NaN log_loss": {"log_loss": run.log_loss * np.nan},
        "complex W": {"W": run.W * 1j},
        "complex log_loss": {"log_loss": run.log_loss * 1j},
        "no snapshot": {name: getattr(run, name)[:0] for name in ("W", "H", "step", "log_time", "log_loss")},
    }[change]
    path = saved(**wrong)
    with pytest.raises(ConfigError) as caught:
        load_run(path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "change",
    [
        {"velocity_W": np.zeros((2, 2)), "velocity_H": np.zeros((2, 12))},
        {"velocity_W": np.zeros((2, 1)), "velocity_H": np.zeros((1, 2))},
        {"velocity_H": None},
        {"velocity_W": np.full((3, 2), np.nan)},
    ],
    ids=["rows", "columns", "half", "NaN"],
)
def test_a_velocity_that_does_not_fit_is_refused(saved, change):
    """The engine walks over it without bounds checks, so it must never get there."""
    path = saved(**change)
    with pytest.raises(ConfigError) as caught:
        load_run(path)
    assert "velocity" in str(caught.value)
