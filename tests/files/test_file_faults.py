"""Runs that no film can show, and what is said of them: a line that names array, type and value, and no warning."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from reference import refused

from app import __main__ as command
from ulpm_core import ConfigError, RunConfig, State, simulate
from ulpm_core.files.run import load_run, save_run
from ulpm_core.files.start import load_state
from ulpm_core.film.film import build_film

CONFIG = RunConfig(classes=4, dimension=3, per_class=2, steps=60)
FLOW = CONFIG.with_changes(steps=20, fast_forward=30.0)


@pytest.fixture(scope="module", params=[CONFIG, FLOW], ids=["steps", "flow"])
def run(request):
    return simulate(request.param)


@pytest.fixture(autouse=True)
def no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


def test_the_run_itself_is_a_film(saved):
    assert build_film(load_run(saved())).header["frames"] > 3


@pytest.mark.parametrize("name", ["labels", "step"])
@pytest.mark.parametrize("dtype", [np.float64, bool, "m8[s]", "U5"], ids=str)
def test_what_counts_must_be_whole_numbers(saved, run, name, dtype):
    changed = getattr(run, name).astype(dtype)
    with refused(name, f"{name} has shape ({len(changed)},)", f"type {changed.dtype}: save whole numbers"):
        load_run(saved(**{name: changed}))


@pytest.mark.parametrize("name", ["W", "H", "log_time", "log_loss"])
@pytest.mark.parametrize("dtype", ["U5", bool, complex, "m8[s]"], ids=str)
def test_a_wrong_type_is_named_and_not_the_shape_alone(saved, run, name, dtype):
    changed = np.zeros(getattr(run, name).shape, dtype)
    with refused(name, f"{name} has shape {changed.shape}", f"type {changed.dtype}: save finite numbers"):
        load_run(saved(**{name: changed}))


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, ">i4"])
def test_labels_and_steps_of_any_whole_type_are_read(saved, run, dtype):
    again = load_run(saved(labels=run.labels.astype(dtype), step=run.step.astype(dtype)))
    assert again.labels.dtype == again.step.dtype == np.int64
    assert build_film(again).to_bytes() == build_film(load_run(saved())).to_bytes()


def test_numbers_of_any_real_type_are_read(saved, run):
    again = load_run(saved(W=run.W.astype(np.longdouble), H=run.H.astype(np.float32)))
    assert again.W.dtype == again.H.dtype == np.float64
    assert np.array_equal(again.W, run.W)


@pytest.mark.parametrize("last", [2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, -1])
def test_a_step_beyond_what_a_player_counts_is_refused(saved, run, last):
    step = run.step.astype(np.uint64 if last > 2**62 else np.int64)
    step[-1] = last
    with refused("step", "step does not count up", "2^53"):
        load_run(saved(step=step))


@pytest.mark.parametrize("block", ["W", "H"])
@pytest.mark.parametrize(("factor", "held"), [(1e149, "e+1"), (1e31, "e+3"), (1e-40, "e-4")])
def test_entries_beyond_float32_are_refused(saved, run, block, factor, held):
    with refused(block, f"{block} holds ", held, "between 1e-30 and 1e+30, for example 1"):
        load_run(saved(**{block: getattr(run, block) * factor}))


@pytest.mark.parametrize(("value", "said"), [(np.nan, "NaN"), (-np.inf, "infinity")])
@pytest.mark.parametrize("block", ["W", "H"])
def test_nan_and_infinity_are_called_by_name(saved, run, block, value, said):
    changed = getattr(run, block).copy()
    changed[1, 0, 0] = value
    with refused(block, f"{block} holds {said}: save finite numbers"):
        load_run(saved(**{block: changed}))


@pytest.mark.parametrize("scale", [1e29, 1e-29])
@pytest.mark.parametrize("blocks", ["W", "H", "WH"])
def test_entries_within_float32_are_shown_or_refused(saved, run, blocks, scale):
    """Finite geometry, or one line; never a warning or a traceback."""
    largest = {block: np.abs(getattr(run, block)).max() for block in blocks}
    path = saved(**{block: getattr(run, block) / largest[block] * scale for block in blocks})
    try:
        film = build_film(load_run(path))
    except ConfigError as refusal:
        assert "too large to be measured" in str(refusal)
    else:
        for name in ("features", "means", "classifiers", "scale", "scale_w"):
            assert np.isfinite(film.arrays[name]).all(), name
            assert (film.arrays[name] != 0).any(), name


@pytest.mark.parametrize(
    ("name", "value"),
    [("log_loss", value) for value in (np.nan, np.inf, -np.inf, 1e300, 701.0, -1e101)]
    + [("log_time", value) for value in (np.nan, np.inf, 1e101)],
)
def test_losses_and_times_that_no_curve_can_show_are_refused(saved, run, name, value):
    changed = getattr(run, name).copy()
    changed[-1] = value
    with refused(name, f"{name} holds {value:.3g}", "use numbers up to", "for example 1"):
        load_run(saved(**{name: changed}))


def test_a_run_without_a_snapshot_says_so(saved, run):
    with refused("step", "step is empty", "python -m ulpm_core run"):
        load_run(saved(**{name: getattr(run, name)[:0] for name in ("W", "H", "step", "log_time", "log_loss")}))


@pytest.mark.parametrize(
    "wrong",
    [[3, 20, 0.7, 10, np.inf], [3, 1e300, 0.7, 10, 0.1], [1e6, 20, 0.7, 10, 0.1], [3, 20, np.nan, 10, 0.1]],
    ids=str,
)
def test_a_hand_over_that_lies_nowhere_is_refused(saved, wrong):
    with refused("hand_over", "hand_over = ", "does not lie within this run"):
        load_run(saved(hand_over=np.array(wrong)))
    with refused("hand_over", "hand_over has shape (2,)", "save frame, step, log_time, from_step, error"):
        load_run(saved(hand_over=np.array(wrong[:2])))


@pytest.mark.parametrize("method", ["gradient-descent", "normalised-gradient-descent", "gradient-flow"])
def test_a_run_that_rests_at_the_origin_still_comes_back(tmp_path, method):
    """Nothing there has a length, and time may stand still: no fault of the file."""
    origin = State(np.zeros((3, 2)), np.zeros((2, 6)))
    save_run(simulate(RunConfig(method=method, steps=5, log_time=3.0), origin), tmp_path / "run.npz")
    assert len(build_film(load_run(tmp_path / "run.npz")).to_bytes()) > 1000


def test_a_run_that_diverged_wildly_still_comes_back(tmp_path):
    config = RunConfig(classes=3, dimension=2, per_class=5, learning_rate=1e6, initial_scale=1.0, method="momentum")
    save_run(simulate(config), tmp_path / "run.npz")
    assert "iverged" in build_film(load_run(tmp_path / "run.npz")).header["stop_reason"]


def test_the_film_command_says_one_line_and_no_path_of_its_own(saved, run, empty):
    """As a process, where a warning would reach the person."""
    path = saved(H=run.H * 1e149)
    line = [sys.executable, "-m", "app", "film", path, "--out", empty / "film.html"]
    done = subprocess.run(line, cwd=Path(command.__file__).parents[1], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("python -m app film: H holds ")
    assert not list(empty.iterdir())


def test_long_doubles_beyond_float64_are_refused_in_a_start(tmp_path):
    beyond = np.full((2, 2), np.longdouble("1e4000"))
    np.savez(tmp_path / "start.npz", W=np.eye(2), H=beyond)
    with refused("H", "H holds NaN or infinity"):
        load_state(tmp_path / "start.npz")
