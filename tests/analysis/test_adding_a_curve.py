"""How a curve is added: one registration, and it is measured, saved, drawn and explained everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from film.recordings import snapshots_from
from scratch import example

from ulpm_core import RunConfig, simulate
from ulpm_core.analysis import curves
from ulpm_core.analysis.collapse import CENTRED, cosines
from ulpm_core.analysis.curve import Curve, Panel
from ulpm_core.files.recording import load_recording, save_recording
from ulpm_core.files.run import load_run, save_run
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.network import network_film

WIDEST = Curve(
    "widest_cosine",
    "widest",
    "Largest cosine between centred class means: the pair that is closest to one another.",
    on="features",
    measure=lambda sums: np.where(np.eye(len(sums.of.counts)), -1.0, cosines(sums.means[CENTRED])).max(axis=(-2, -1)),
    scale="signed",
    floor=1e-15,
    panels=(Panel("run", "The closest pair"),),
    figure=("closest pair", "largest cosine of class means"),
)
RUN = RunConfig(classes=3, dimension=4, per_class=5, steps=200)
MOMENTS = {"H": np.random.default_rng(0).standard_normal((2, 4, 30)), "labels": np.arange(30) % 3,
           "W": np.random.default_rng(1).standard_normal((2, 3, 4))}  # fmt: skip


@pytest.fixture
def before(tmp_path):
    """Files that were saved before the curve was there."""
    save_run(simulate(RUN), tmp_path / "old-run.npz")
    save_recording(snapshots_from(MOMENTS), tmp_path / "old-net.npz")
    return tmp_path


@pytest.fixture
def registered(before, monkeypatch):
    """The whole of what is to be done."""
    monkeypatch.setitem(curves.CURVES, WIDEST.name, WIDEST)
    return before


def drawn(film: Film) -> np.ndarray:
    """The curve as a film holds it, with its panel and what the player needs to know."""
    again = Film.from_bytes(film.to_bytes())
    assert {"set": "run", "title": "The closest pair", "curves": [WIDEST.name]} in again.header["panels"]
    told = next(curve for curve in again.header["curves"] if curve["name"] == WIDEST.name)
    assert (told["label"], told["floor"], told["on"], told["scale"]) == ("widest", 1e-15, "features", "signed")
    return again.arrays[WIDEST.name]


def test_the_notes_show_this_one():
    assert f"WIDEST = {example('Adding a curve')}" in Path(__file__).read_text(encoding="utf-8")


def test_it_is_measured_of_runs_saved_and_drawn(registered):
    run = simulate(RUN)
    means = np.stack([run.H[-1][:, run.labels == k].mean(axis=1) for k in range(3)]) - run.H[-1].mean(axis=1)
    pairs = [
        means[j] @ means[k] / np.linalg.norm(means[j]) / np.linalg.norm(means[k]) for j, k in ((0, 1), (0, 2), (1, 2))
    ]
    assert run.widest_cosine[-1] == pytest.approx(max(pairs), rel=1e-12)
    assert drawn(build_film(run))[-1] == pytest.approx(max(pairs), rel=1e-12)
    save_run(run, registered / "run.npz")
    assert np.array_equal(load_run(registered / "run.npz").widest_cosine, run.widest_cosine)


def test_it_is_measured_of_networks_saved_and_drawn(registered):
    net = snapshots_from(MOMENTS)
    assert drawn(network_film(net)).tolist() == net.metrics[WIDEST.name].tolist()
    save_recording(net, registered / "net.npz")
    again = load_recording(registered / "net.npz")
    assert again.metrics[WIDEST.name].tolist() == net.metrics[WIDEST.name].tolist()
    assert again.figures()[WIDEST.name] == net.metrics[WIDEST.name][-1]


def test_files_from_before_open_and_are_measured_anew_as_far_as_they_tell(registered):
    run = load_run(registered / "old-run.npz")
    assert np.isfinite(drawn(build_film(run))).all()
    old, new = load_recording(registered / "old-net.npz"), snapshots_from(MOMENTS)
    assert old.metrics[WIDEST.name] == pytest.approx(new.metrics[WIDEST.name], rel=1e-12)  # class means are saved


def test_what_a_file_from_before_does_not_tell_is_left_out_and_said(before, monkeypatch):
    within = WIDEST._replace(measure=lambda sums: np.sqrt(sums.within))  # features that the file does not hold
    monkeypatch.setitem(curves.CURVES, WIDEST.name, within)
    old = load_recording(before / "old-net.npz")
    assert np.isnan(old.metrics[WIDEST.name]).all() and old.figures()[WIDEST.name] is None
    film = network_film(old)
    assert WIDEST.name not in film.arrays
    assert film.header["note"].endswith("Saved before this was measured: widest.")
