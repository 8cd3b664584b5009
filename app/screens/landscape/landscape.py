"""Landscape: stand on a saddle, feel its curvature, push, and watch it being left."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.blocks.film_stage import above, download, poll_seconds, sentences, stage
from app.blocks.late import not_yet
from app.figure.figure import figure
from app.jobs import landscapes
from app.jobs.question import Asked
from app.jobs.turnstile import TURNSTILE
from app.jobs.visitor import Visitor, of_runs
from app.page import session, share, sidebar
from app.page.fitting import at_a_saddle
from app.page.runs import RUNS
from app.page.state import PageState
from app.screens.landscape.slices import slice_around, slice_of, tetrahedron
from app.screens.landscape.starts import many_starts
from app.views import landscape as views
from ulpm_core import RunConfig
from ulpm_core.analysis.landscape import Landscape
from ulpm_core.analysis.saddles import exact
from ulpm_core.analysis.verdict import Verdict
from ulpm_core.model.saddles.gallery import SADDLES

CHOSEN = RUNS.with_row("initialisation", matters=lambda run: False)  # in the gallery
LANDSCAPE = replace(CHOSEN, screen="landscape", family="saddles", fit=at_a_saddle)
"""The page of a run that starts beside a saddle."""


def landscape_screen() -> None:
    lab = session.restore(LANDSCAPE)
    visit, config = of_runs(st.session_state), lab.config
    asked, question = Asked.of(st.session_state), landscapes.landscape_of(config)
    asked.ask(question)
    sidebar.sidebar(LANDSCAPE, lab)
    if not lab.talk and lab.controls is None:
        _gallery(config)
    above(LANDSCAPE, lab, SADDLES[config.initialisation].words)
    visit.look_at(config)
    film, actions, said = st.container(), st.container(), st.empty()
    with film:
        st.fragment(_film, run_every=poll_seconds(visit))(lab, visit, visit.job is not None, said)
    with actions:
        _actions(lab, visit)
    if not lab.talk:
        asked.ask(slice_of(LANDSCAPE, lab), again=False)
        ground = asked.ask(question, patient=True)
        _ground(config, ground, asked.failure(question))
        slice_around(LANDSCAPE, lab, ground)
        tetrahedron(config, ground)
        many_starts(lab, visit)


def _actions(lab: PageState[RunConfig], visit: Visitor[RunConfig]) -> None:
    if lab.talk:
        share.leave_talk(LANDSCAPE, lab)
        return
    with st.container(horizontal=True, key="actions"):
        if visit.stopped:
            st.button("Go on", key="go-on", help="Takes the cancelled run up again.", on_click=visit.go_on)
        download(lab.config, visit)


def _gallery(config: RunConfig) -> None:
    with st.container(key="gallery"):
        for saddle, column in zip(SADDLES.values(), st.columns(len(SADDLES)), strict=True):
            with column:
                st.html(landscapes.picture_of(saddle.name))
                args = (saddle.name,)
                st.button(saddle.label, key=saddle.name, type="tertiary", width="stretch", on_click=_stand, args=args)
        st.html(views.chosen(config.initialisation))


def _stand(name: str) -> None:
    """Puts the page on another saddle, in the dimension of a simplex, so that there is a way to it."""
    lab = session.now(LANDSCAPE)
    classes = SADDLES[name].own(3)
    along = min(lab.config.push_along, 1)
    d = classes - 1
    session.change(LANDSCAPE, lab, initialisation=name, classes=classes, dimension=d, push_along=along)


@TURNSTILE
def _film(lab: PageState[RunConfig], visit: Visitor[RunConfig], waited: bool, place: DeltaGenerator) -> None:
    film = stage(replace(lab, pinned=None), lab.config, visit, waited, "escape")
    if film is None or lab.talk:
        place.empty()  # a fragment fills later only what its first run has filled
        return
    ground = landscapes.landscape_of(lab.config).known
    stand = views.step(views.STAND) if ground is not None and ground.verdict is Verdict.SADDLE else ""
    own = film.header["sentences"] if film.header["digest"] == lab.config.digest else []
    place.html(stand + sentences(own))


def _ground(config: RunConfig, found: Landscape | None, failure: str) -> None:
    st.html("<h2>The ground here</h2>")
    if found is None:
        st.html(not_yet(failure or "The curvatures here are being measured.", 250))
        return
    said, marks = st.columns([2, 3])
    with said:
        st.html(views.verdict(config, found) + views.step(views.GROUND if found.norm else views.GROUND_AT_ORIGIN))
    with marks:
        figure(views.curvatures(found), key="curvatures", label=views.spoken(found), height=250)
    with st.expander("Figures"):
        st.html(views.figures(found, exact(config)))
