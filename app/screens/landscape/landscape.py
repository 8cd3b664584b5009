"""Landscape: stand on a saddle, feel its curvature, push, and watch it being left."""

from __future__ import annotations

import streamlit as st

from app.blocks.draft import add_as_scene
from app.blocks.film_stage import above, run_film
from app.blocks.late import not_yet
from app.figure.figure import figure
from app.jobs import landscapes
from app.jobs.films import FilmRef
from app.jobs.question import Asked
from app.page import session, sidebar
from app.page.runs import RunState
from app.page.saddles import LANDSCAPE
from app.screens.landscape.slices import slice_around, slice_of, tetrahedron
from app.screens.landscape.starts import many_starts
from app.views import landscape as views
from app.views.lines import film_sentences, paragraphs
from ulpm_core import RunConfig
from ulpm_core.analysis.landscape import Landscape
from ulpm_core.analysis.saddles import exact
from ulpm_core.analysis.verdict import Verdict
from ulpm_core.claims.ground import landscape_claims
from ulpm_core.model.saddles.gallery import SADDLES


def landscape_screen() -> None:
    lab, asked = session.restore(LANDSCAPE), Asked.of(st.session_state)
    config = lab.config
    question = landscapes.landscape_of(config)
    asked.ask(question)
    sidebar.sidebar(LANDSCAPE, lab)
    add_as_scene(LANDSCAPE, lab)
    if lab.is_plain:
        _gallery(lab)
    above(LANDSCAPE, lab, SADDLES[config.initialisation].words)
    run_film(LANDSCAPE, lab, lambda film: _said(config, film), panels="escape")
    if not lab.talk:
        asked.ask(slice_of(lab), again=False)
        ground = asked.ask(question, patient=True)
        _ground(config, ground, asked.failure(question))
        slice_around(lab, ground)
        tetrahedron(config, ground)
        many_starts(lab)


def _gallery(lab: RunState) -> None:
    """Draws a picture of each saddle, and a button that puts the page on it."""
    with st.container(key="gallery"):
        for saddle, column in zip(SADDLES.values(), st.columns(len(SADDLES)), strict=True):
            classes = saddle.own(3)
            there = {
                "initialisation": saddle.name,
                "classes": classes,
                "dimension": classes - 1,  # of a simplex, so that there is a way to it
                "push_along": min(lab.config.push_along, 1),
            }
            column.html(landscapes.picture_of(saddle.name))
            column.button(
                saddle.label,
                key=saddle.name,
                type="tertiary",
                width="stretch",
                on_click=session.change,
                args=(LANDSCAPE, lab),
                kwargs=there,
            )
        st.html(views.chosen(lab.config.initialisation))


def _said(config: RunConfig, film: FilmRef) -> str:
    """Returns what to see of a saddle, and the sentences on the film, unless it is still that of the run before."""
    ground = landscapes.landscape_of(config).known
    stand = views.step(views.STAND) if ground is not None and ground.verdict is Verdict.SADDLE else ""
    return stand + paragraphs(film_sentences(film.header) if film.header["digest"] == config.digest else [])


def _ground(config: RunConfig, found: Landscape | None, failure: str) -> None:
    st.html("<h2>The ground here</h2>")
    if found is None:
        st.html(not_yet(failure or "The curvatures here are being measured.", 250))
        return
    said, marks = st.columns([2, 3])
    said.html(views.verdict(config, found) + views.step(views.GROUND if found.norm else views.GROUND_AT_ORIGIN))
    with marks:
        figure(views.curvatures(found), key="curvatures", label=views.spoken(found), height=250)
    with st.expander("Figures"):
        st.html(views.figures(found, exact(config), landscape_claims(config, found)))
