"""Plays a tour on a screen: its films are made while the page says how far that is, then the browser has all of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import streamlit as st

from app.blocks.film_stage import POLL_SECONDS, progress
from app.component.component import component
from app.component.served import Served
from app.jobs import tours
from app.jobs.queue import Busy
from app.jobs.tours import Making, Playable, name_of
from app.jobs.visitor import of_runs
from app.player.modules import joined
from app.player.offline import PLOTLY
from app.tour_player.published import publish_tour, seconds_of
from app.tour_player.served_parts import ENGINE, TABLE, TOUR_STYLE
from app.tours.document import Tour
from app.views.lines import trouble
from app.views.words import wait

ROOT: Final = (
    '<div class="tour" data-testid="tour" style="--tour-height: calc(100svh - 5rem)">'
    '<p class="tour-late">The tour is on its way.</p></div>'
)
TOO_LARGE: Final = (
    "The films of this tour take more memory than this lab gives to one tour: leave fewer, or smaller ones."
)
SCRIPT: Final = Served("tour.js", lambda: joined("tour_player/mounted.js"))


def tour_stage(tour: Tour, key: str, leads_to_lab: bool = True) -> None:
    """Plays a tour, which `key` names whatever its text; until its films are made, says how far they are."""
    found = tours.tour_of(key)
    if isinstance(found, Playable):
        _mount(f"lab/tour/{name_of(key, found.whole)}", leads_to_lab, found.notes)
    elif found:
        st.html(trouble(found))
    else:
        st.fragment(_making, run_every=POLL_SECONDS)(tour, key)


def _mount(address: str, leads_to_lab: bool, notes: Sequence[str]) -> None:
    parts = {"plotly": PLOTLY.address, "engine": ENGINE.address, "table": TABLE.address}
    data = {"tour": address, "lab": leads_to_lab, "notes": notes, **parts}
    component("collapse_lab_tour", ROOT, SCRIPT, TOUR_STYLE)(data=data, key="tour")


def _making(tour: Tour, key: str) -> None:
    session = st.session_state
    visitor = of_runs(session).visitor
    if tours.tour_of(key) is not None:
        st.rerun()
    job: Making | None = session.get("making-tour")
    if job is None or job.key != key or job.abandoned:
        try:
            job = session["making-tour"] = tours.start(key, seconds_of(tour), partial(publish_tour, tour), visitor)
        except Busy as busy:
            st.html(trouble(str(busy)))
            return
    job.watch(visitor)
    if job.failure or job.done.is_set():
        st.html(trouble(job.failure or TOO_LARGE))
    else:
        words = wait(job.words, job.seconds_left, job.place)
        progress(job, words, "cancel-tour", _leave, job)


def _leave(job: Making) -> None:
    """Gives up waiting for a tour, and goes back to the list of them."""
    job.leave(of_runs(st.session_state).visitor)
    del st.session_state["making-tour"]
    st.query_params.clear()
