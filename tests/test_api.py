"""The Python API as a person meets it: mistyped names, wrong things, and what is shown of what comes back."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from reference import refused

from ulpm_core import RunConfig, State, simulate
from ulpm_core.analysis.ensemble import ensemble, starts
from ulpm_core.analysis.landscape import landscape
from ulpm_core.film.film import build_film
from ulpm_core.model.initialisation import saddle_state
from ulpm_core.networks.config import NetworkConfig

CONFIG = RunConfig(classes=3, dimension=2, per_class=2, steps=30, snapshots=5)


@pytest.fixture(scope="module")
def run():
    return simulate(CONFIG)


@pytest.mark.parametrize(
    ("mistaken", "meant"), [("learning_rat", "learning_rate"), ("Steps", "steps"), ("perclass", "per_class")]
)
def test_a_mistyped_name_is_refused_with_the_one_that_was_meant(mistaken, meant):
    for make in (RunConfig, CONFIG.with_changes, lambda **given: RunConfig.from_mapping(given)):
        with refused(mistaken, f"{mistaken} is not a parameter: use one of beta2, ", f"for example {meant}."):
            make(**{mistaken: 3})
        with pytest.raises(TypeError):  # Python's own word for it
            make(**{mistaken: 3})
    with refused("epoch", "for example epochs."):
        NetworkConfig(epoch=3)


@pytest.mark.parametrize(
    ("call", "field", "said"),
    [
        (lambda: simulate("x"), "config", "of type str: give a RunConfig, for example simulate(RunConfig(classes=4))."),
        (lambda: simulate({"classes": 4}), "config", "of type dict"),
        (lambda: simulate(CONFIG, np.eye(2)), "initial_state", "type ndarray: give a State, for example State(W, H)."),
        (lambda: simulate(CONFIG, resume=CONFIG), "resume", "give a Trajectory, for example simulate(config)."),
        (lambda: simulate(CONFIG, progress=3), "progress", "give a function, for example print."),
    ],
)
def test_what_simulate_cannot_take_is_said(call, field, said):
    with refused(field, said):
        call()


def test_a_config_shows_what_makes_it_again():
    assert repr(RunConfig()) == "RunConfig()"
    assert repr(CONFIG) == "RunConfig(classes=3, dimension=2, per_class=2, steps=30, snapshots=5)"
    assert eval(repr(CONFIG), {"RunConfig": RunConfig}) == CONFIG
    assert repr(NetworkConfig(seed=3)) == "NetworkConfig(seed=3)"


def test_configs_are_still_copied_and_pickled():
    for again in (copy.copy(CONFIG), copy.deepcopy(CONFIG), pickle.loads(pickle.dumps(CONFIG))):
        assert again == CONFIG
        assert again.digest == CONFIG.digest


def test_a_run_shows_shapes_and_no_numbers(run):
    of = f"W {run.W.shape}, H {run.H.shape}, {len(run.metrics)} metrics"
    assert repr(run) == f"Trajectory({of}, done at step 30)"


def test_a_run_lists_its_metrics_and_knows_a_near_name(run):
    assert {"nc1", "gamma", "duality_gap", "time", "last", "W"} <= set(dir(run))
    with pytest.raises(AttributeError, match="a Trajectory has no nc_1; it has nc1; its metrics are nc1_trace_ratio,"):
        _ = run.nc_1
    with pytest.raises(AttributeError, match="no los; it has loss; "):
        _ = run.los


def test_nothing_that_holds_arrays_fills_a_screen(run):
    many = ensemble(starts(CONFIG, 8))
    square = landscape(saddle_state(RunConfig(initialisation="square", dimension=3, per_class=50, margin=2.0)))
    assert repr(State(np.eye(2), np.eye(2))) == "State(W (2, 2), H (2, 2))"
    for held in (run.last, square, many, many.many, build_film(run)):
        assert repr(held).startswith(type(held).__name__ + "(")
        assert len(repr(held)) < 1200
