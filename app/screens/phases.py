"""Phases: many runs at a look, as a map over two of their parameters; a click on one opens its film."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Final

import streamlit as st

from app.blocks.choice import choice
from app.blocks.film_stage import POLL_SECONDS, above, progress
from app.blocks.on_request import offer, open_film
from app.blocks.phase_files import phase_files
from app.figure.figure import figure
from app.jobs import phases
from app.jobs.turnstile import TURNSTILE
from app.jobs.visitor import of_runs
from app.page import session, sidebar
from app.page.runs import RUNS, RunState
from app.page.spec import PageSpec
from app.views.lines import paragraphs
from app.views.phase_pictures import PICTURES, Picture
from app.views.phase_words import cell_figures, fixed_words, labels, said
from app.views.phases import phase_figure
from app.views.texts import words_of
from ulpm_core import RunConfig
from ulpm_core.studies.study import Study
from ulpm_core.studies.sweep import Sweep

PHASES: Final = replace(RUNS, screen="phases", derived=())
HEIGHT: Final = 460


def phases_screen() -> None:
    lab, visitor = session.restore(PHASES), of_runs(st.session_state).visitor
    sidebar.sidebar(with_knobs_of(PICTURES[lab.chosen(PHASES, "picture")]), lab)
    if lab.is_plain:
        choice(st.segmented_control, "Picture", PHASES, "picture", label_visibility="collapsed")
    name = lab.chosen(PHASES, "picture")
    picture = PICTURES[name]
    above(PHASES, lab, picture.watch)
    study = picture.study(lab.config)
    waits = phases.under_way(study, visitor) is not None
    st.fragment(_picture, run_every=POLL_SECONDS if waits else None)(lab, name, study, visitor, waits)
    phase_files(lab, name, phases.so_far(study, phases.under_way(study, visitor)))


def with_knobs_of(picture: Picture) -> PageSpec[RunConfig]:
    """Returns the page with the knobs that make another picture."""
    takes = picture.takes
    return replace(
        PHASES, rows=tuple(row if row.name in takes else replace(row, matters=lambda run: False) for row in PHASES.rows)
    )


@TURNSTILE
def _picture(lab: RunState, name: str, study: Study, visitor: str, waited: bool) -> None:
    job = phases.under_way(study, visitor)
    if waited != (job is not None):  # how often a fragment is drawn again, only the whole page decides
        st.rerun()
    found = phases.so_far(study, job)
    foretold = phases.foretold(name, study)
    words = said(name, found, foretold, partial(phases.run_of, study))
    label = " ".join(["A map of many runs.", PICTURES[name].watch, words_of(words)])
    picked = figure(phase_figure(name, found, foretold), key=f"phases-{name}", label=label, height=HEIGHT).picked
    if job is not None:
        job.watch(visitor)
        progress(job, job.words, "cancel-phases", job.leave, visitor)
    elif not found.whole:
        _offer(study, found, visitor)
    st.html(paragraphs([words, PICTURES[name].warning, fixed_words(name, study)]))
    picked = _picked_by_keyboard(name, found, picked)
    if picked is not None:
        open_film(lab, phases.run_of(study, int(picked)))


def _offer(study: Study, found: Sweep, visitor: str) -> None:
    """Draws the button that has a picture made, or made to its end."""
    left = found.outcomes.get("", 0)
    seconds = phases.seconds_of(study) * left / study.cells
    words = f"Make this picture: {left:,} runs, about {max(1, round(seconds)):,} s"
    offer("phases", words, study.digest, seconds > RUNS.seconds, lambda: phases.start(study, visitor))


def _picked_by_keyboard(name: str, found: Sweep, picked: Any) -> Any:
    """Draws two lists, a button, and the figures of the cell that they name. Returns the number of a cell whose film is
    to be opened.
    """
    study = found.study
    across, up = study.axes
    with st.container(horizontal=True, vertical_alignment="bottom"):
        titles = PICTURES[name].across, PICTURES[name].up or "rule"
        places = [
            st.selectbox(
                title,
                range(len(axis)),
                format_func=labels(axis).__getitem__,
                key=f"phases-{name}-{axis.name}",
                width=200,
            )
            for title, axis in zip(titles, (across, up), strict=True)
        ]
        cell = places[0] * len(up) + places[1]
        if st.button("Open its film", key="open-phase"):
            picked = cell
    st.html(cell_figures(name, found, cell, phases.run_of(study, cell)))
    return picked
