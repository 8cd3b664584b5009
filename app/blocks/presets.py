"""The presets of a screen in a row, and which of them is on stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from app.page.link import Lab
from app.page.network_link import NetworkLab
from app.views.presets import Config, Preset


def preset_of(presets: Sequence[Preset[Config]], lab: Lab | NetworkLab) -> Preset[Config] | None:
    """The preset that is on stage, if it is one; a run that a person pinned beside it changes nothing in that."""
    return next((p for p in presets if p.config == lab.config and p.pinned in (None, lab.pinned)), None)


def preset_pills(presets: Sequence[Preset[Any]], state: str, put: Callable[[Any], None], chosen: bool = True) -> None:
    """The presets in a row. `state` is where the session keeps the screen's state, `put` replaces it; the preset on
    stage is marked where it is the state that is `chosen`.
    """
    key = f"{state}-preset"

    def choose() -> None:
        lab, name = st.session_state[state], st.session_state[key]
        before = preset_of(presets, lab)
        found = next((p for p in presets if p.name == name), None) or before
        if found:
            # what a person pinned stays, what a preset brought goes
            own = None if before and before.pinned else lab.pinned
            put(replace(lab, config=found.config, pinned=found.pinned or own))

    current = preset_of(presets, st.session_state[state]) if chosen else None
    st.session_state[key] = current.name if current else None
    names = [preset.name for preset in presets]
    st.pills("Presets", names, key=key, label_visibility="collapsed", on_change=choose)
