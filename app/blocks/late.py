"""What a page could not show yet: it is drawn again once that has been found."""

from __future__ import annotations

from html import escape
from typing import Final

import streamlit as st

from app.jobs.job import Job
from app.jobs.question import Asked

LATE_SECONDS: Final = 0.5
"""How often it is asked whether all is there."""


def again_when_there() -> None:
    """Ends a page that asked for what it could not show: looks, without drawing anything, until all of it is there."""
    if late := Asked.of(st.session_state).late():
        st.fragment(_look, run_every=LATE_SECONDS)(late)


def _look(late: list[Job]) -> None:
    if Asked.of(st.session_state).wait_for(late):
        st.rerun()


def not_yet(words: str, height: int) -> str:
    """What stands meanwhile in the place of a figure of so many pixels, so that nothing jumps."""
    return f'<p class="lab-later" style="min-height: {height}px">{escape(words)}</p>'
