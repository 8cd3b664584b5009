"""Draws the knobs: one widget for each row of the page's table, in the sidebar, or over the film in a lesson."""

from __future__ import annotations

import streamlit as st

from app.page import share
from app.page.session import knobs_now
from app.page.spec import Row, Spec
from app.page.state import State


def sidebar(spec: Spec, lab: State) -> None:
    """Draws every knob that changes something in the run shown, and the links to share it. Where a link leaves only a
    few knobs, these stand over the film instead.
    """
    with st.sidebar:
        if lab.controls is None:
            if note := spec.note(spec.shows(lab.config)):
                st.caption(note)
            visible = _visible(spec, lab)
            for knob in visible:
                if not knob.advanced:
                    knob.widget.draw(spec, knob)
            if advanced := [knob for knob in visible if knob.advanced]:
                with st.expander("Advanced"):
                    for knob in advanced:
                        knob.widget.draw(spec, knob)
            _take_what_came_along(spec)
        share.panel(spec, lab)


def lesson(spec: Spec, lab: State) -> None:
    """Draws the few knobs that a link leaves visible, side by side over the film: on a phone the sidebar would cover
    it.
    """
    if lab.controls and not lab.talk and (visible := _visible(spec, lab)):
        with st.container(horizontal=True, key="lesson"):
            for knob in visible:
                with st.container():
                    knob.widget.draw(spec, knob)
        _take_what_came_along(spec)


def _visible(spec: Spec, lab: State) -> list[Row]:
    """Returns the knobs that a visitor may turn and that change something in the run shown."""
    shown = spec.shows(lab.config)
    return [spec.knobs[name] for name in spec.turnable if lab.offers(name) and spec.knobs[name].matters(shown)]


def _take_what_came_along(spec: Spec) -> None:
    """Takes a knob that was turned in a tab whose session is gone: the tab sends it before the new session has drawn
    any.
    """
    if knobs_now(spec) != st.session_state[spec.prefix + "knobs"]:
        st.rerun()
