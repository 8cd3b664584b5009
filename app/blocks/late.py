"""Draws a page again once the server has found what the page could not show at first."""

from __future__ import annotations

from html import escape
from typing import Final

import streamlit as st

from app.jobs.job import Job
from app.jobs.question import Asked

LATE_SECONDS: Final = 0.5
"""Seconds between two looks whether all is there."""


def again_when_there() -> None:
    """Ends a page that asked for something it could not show yet: looks again and again until all of it is there, then
    has the page drawn anew.
    """
    if late := Asked.of(st.session_state).take_late():
        st.fragment(_look, run_every=LATE_SECONDS)(late)


def _look(late: list[Job]) -> None:
    if Asked.of(st.session_state).watch(late):
        st.rerun()


def not_yet(words: str, height: int) -> str:
    """Returns words that stand in the place of a figure, `height` pixels tall, so that nothing jumps when the figure
    comes.
    """
    return f'<p class="lab-later" style="min-height: {height}px">{escape(words)}</p>'
