"""Draws the knobs: one widget for each row of the page's table, in the sidebar, or over the film in a lesson."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.page import share
from app.page.session import knobs_now
from app.page.spec import Config, Knob, PageSpec
from app.page.state import PageState


def sidebar(spec: PageSpec[Config], lab: PageState[Config]) -> None:
    """Draws every knob that changes something in the run shown, and the links to share it. Where a link leaves only a
    few knobs, these stand over the film instead.
    """
    with st.sidebar:
        if lab.controls is None:
            visible = _visible(spec, spec.turnable, lab)
            if note := spec.note(spec.shows(lab.config)):
                st.caption(note)
            _draw(spec, [knob for knob in visible if not knob.advanced])
            if advanced := [knob for knob in visible if knob.advanced]:
                with st.expander("Advanced"):
                    _draw(spec, advanced)
            _take_what_came_along(spec)
        share.panel(spec, lab)


def lesson(spec: PageSpec[Config], lab: PageState[Config]) -> None:
    """Draws the few knobs that a link leaves visible, side by side over the film: on a phone the sidebar would cover
    it.
    """
    visible = _visible(spec, lab.controls or (), lab)
    if visible and not lab.talk:
        with st.container(horizontal=True, key="lesson"):
            for knob in visible:
                with st.container():
                    _draw(spec, [knob])
        _take_what_came_along(spec)


def _visible(spec: PageSpec[Config], names: Sequence[str], lab: PageState[Config]) -> list[Knob[Config]]:
    shown = spec.shows(lab.config)
    return [spec.knobs[name] for name in names if spec.knobs[name].matters(shown)]


def _draw(spec: PageSpec[Config], knobs: Sequence[Knob[Config]]) -> None:
    for knob in knobs:
        knob.widget.draw(spec, knob)


def _take_what_came_along(spec: PageSpec[Config]) -> None:
    """Takes a knob that was turned in a tab whose session is gone: the tab sends it before the new session has drawn
    any.
    """
    if knobs_now(spec) != st.session_state[spec.prefix + "knobs"]:
        st.rerun()
