"""Widgets of derived knobs: they hold nothing themselves, but show what the run says, and change that."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.page import session
from app.page.derived import Derived
from app.page.spec import Spec
from app.page.widgets import rung_words
from ulpm_core import ConfigError
from ulpm_core.model.parameters import PARAMETERS


def draw_derived(spec: Spec, knob: Derived) -> None:
    """Draws a derived knob at its value in the run of the page, and under a choice the sentence about it."""
    run, key = session.now(spec).config, spec.prefix + knob.name
    here = knob.read(run)
    options = sorted({*knob.options(run), here}) if knob.kind == "ladder" else list(knob.options(run))
    if len(options) < 2:
        return
    st.session_state[key] = here
    common: dict[str, Any] = {
        "label": knob.label,
        "help": knob.help,
        "key": key,
        "on_change": _turn,
        "args": (spec, knob),
    }
    if knob.kind == "choice":
        st.selectbox(options=options, format_func=lambda value: knob.words.get(value, value), **common)
        st.caption(knob.said.get(here, ""))
    else:
        st.select_slider(options=options, format_func=rung_words, **common)


def _turn(spec: Spec, knob: Derived) -> None:
    lab, chosen = session.now(spec), st.session_state[spec.prefix + knob.name]
    values = knob.write(lab.config, chosen)
    try:
        taken = knob.read(spec.turned(lab.config, values)) == chosen
    except ConfigError:
        taken = True  # the refusal is said where the values are changed
    more = {} if taken else {name: PARAMETERS[name].default for name in knob.falls_back}
    session.change(spec, lab, **values | more)
