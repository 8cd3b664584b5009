"""Draws the knobs: one widget for each row of the page's table, in the sidebar, or over the film in a lesson."""

from __future__ import annotations

import streamlit as st

from app.page import share
from app.page.derived_widgets import draw_derived
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
            _draw_all(spec, lab)
            _take_what_came_along(spec)
        share.panel(spec, lab)


def _draw_all(spec: Spec, lab: State) -> None:
    """Draws the rule and what belongs to it first, then the knobs in their order, and the folded ones last."""
    run = spec.shows(lab.config)
    visible = _visible(spec, lab)
    folded = [knob for knob in visible if knob.advanced and not knob.unfolded(run)]
    derived = [knob for knob in spec.derived if knob.matters(run)]
    for knob in derived:
        if not knob.after:
            draw_derived(spec, knob)
    for row in visible:
        if row.advanced and row not in folded:
            row.widget.draw(spec, row)
    for row in spec.rows:
        if row in visible and not row.advanced:
            row.widget.draw(spec, row)
        for knob in derived:
            if knob.after == row.name:
                draw_derived(spec, knob)
    if folded:
        with st.expander("Advanced"):
            for row in folded:
                row.widget.draw(spec, row)


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
