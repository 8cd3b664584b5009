"""The landscape around a saddle: a slice of it, with the run on it, and the one way that has a closed form."""

from __future__ import annotations

import numpy as np
import streamlit as st

from app.blocks.choice import choice
from app.blocks.late import not_yet
from app.figure.figure import figure
from app.jobs import landscapes, runs
from app.jobs.question import Asked, Question
from app.page.runs import RUNS, RunState
from app.views import landscape as views
from app.views.slices import slice_figure, tetrahedron_figure
from ulpm_core import RunConfig
from ulpm_core.analysis.landscape import Landscape, log_loss_floor
from ulpm_core.analysis.slices import path_on
from ulpm_core.analysis.tetrahedron import path_log_loss, path_margin_ratio
from ulpm_core.analysis.verdict import Verdict


def slice_around(lab: RunState, at: Landscape | None) -> None:
    """Draws the loss over two directions, with the run on it, once both the slice and the landscape `at` the saddle are
    there.
    """
    config = lab.config
    st.html("<h2>A slice</h2>")
    said, surface = st.columns([2, 3])
    said.html(views.step(views.AT_THE_ORIGIN if config.initialisation == "origin" else views.SLICE))
    with said:
        choice(st.radio, "Plane", RUNS, "plane")
    asked, question = Asked.of(st.session_state), slice_of(lab)
    cut = asked.ask(question, patient=True)
    if cut is None or at is None:
        surface.html(not_yet(asked.failure(question) or "The loss around here is being measured.", 460))
        return
    (found, *ways), run = cut, runs.way_of(config)
    first, second = (views.axis(way, at.eigenvalues) for way in ways)
    here = "saddle" if at.verdict is Verdict.SADDLE else "start"
    way = path_on(found, run.W, run.H, config.loss_reduction) if run is not None else None
    floor = _floor(config, found.norm) if found.norm else None  # around the origin norms differ
    spec = slice_figure(found, way, floor, (first, second), here)
    with surface:
        figure(spec, key="slice", label=f"The loss around the {here} as a surface, with the run on it", height=460)


def slice_of(lab: RunState) -> Question[landscapes.Cut]:
    """Asks for the slice that this page shows."""
    return landscapes.slice_of(lab.config, lab.chosen(RUNS, "plane") == "simplex")


def _floor(config: RunConfig, norm: float) -> float:
    return float(log_loss_floor(np.array(norm), config.classes, config.per_class, config.loss_reduction))


def tetrahedron(config: RunConfig, at: Landscape | None) -> None:
    """Draws the way that docs/theory.md 3.6 has in closed form; only the square has one."""
    if config.initialisation != "square" or not config.simplex_fits or at is None:
        return
    st.html("<h2>From the square to the tetrahedron</h2>")
    said, curves = st.columns([2, 3])
    said.html(views.step(views.TETRAHEDRON))
    epsilon, norm = np.linspace(0.0, 1.0, 101), at.norm
    log_loss = path_log_loss(epsilon, config.per_class, norm, config.loss_reduction)
    spec = tetrahedron_figure(log_loss, epsilon, path_margin_ratio(epsilon), _floor(config, norm))
    with curves:
        figure(spec, key="tetrahedron", label="Loss and margin from the square to the tetrahedron", height=320)
