"""Work that a screen does on request: a button that has it done, why it was not, and the way from one of its many runs
to the film of that run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from app.jobs.job import Job
from app.jobs.queue import Busy
from app.page.runs import RUNS, RunState
from app.page.session import leave_for
from app.views.lines import trouble
from ulpm_core import RunConfig

TOO_LONG = "That is too much for a page at these sizes: take fewer classes, or fewer samples per class."


def offer(name: str, words: str, work: str, too_long: bool, start: Callable[[], Job]) -> None:
    """Draws the button of this name, with `words` on it, that has work done: `start` returns its job, whose key is
    `work`. Says why that cannot be, where it would take too long, was refused just now, or has failed.
    """
    session, job_key, refused = st.session_state, f"{name}-job", f"{name}-refused"

    def begin() -> None:
        try:
            session[job_key] = start()
        except Busy as busy:
            session[refused] = str(busy)

    st.button(words, key=name, disabled=too_long, on_click=begin)
    if too_long:
        st.caption(TOO_LONG)
    last: Job | None = session.get(job_key)
    failure = last.failure if last is not None and last.key == work else ""
    if said := session.pop(refused, "") or failure:
        st.html(trouble(said))


def open_film(lab: RunState, run: RunConfig) -> None:
    """Opens the playground with the film of a run; the Back button leads here again, by one press."""
    opened = replace(lab, config=run, pinned=None)
    leave_for(RUNS.family, opened)
    st.switch_page(st.session_state["home"], query_params=opened.to_link())
