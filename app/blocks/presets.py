"""Draws the presets of a screen in a row, with a mark on the one on stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from app.page.session import now, put
from app.page.spec import Config, PageSpec
from app.page.state import PageState
from app.views.presets import Preset


def preset_of(presets: Sequence[Preset[Config]], lab: PageState[Config]) -> Preset[Config] | None:
    """Returns the preset that is on stage, if it is one. A run that a person pinned beside it makes no difference."""
    return next((p for p in presets if p.config == lab.config and p.pinned in (None, lab.pinned)), None)


def preset_pills(spec: PageSpec[Config], chosen: bool = True) -> None:
    """Draws the presets in a row. The one on stage is marked, unless the page shows something else just now (`chosen`
    is False).
    """
    key = f"{spec.key}-preset"

    def choose() -> None:
        lab, name = now(spec), st.session_state[key]
        before = preset_of(spec.presets, lab)
        found = next((p for p in spec.presets if p.name == name), None) or before
        if found:
            # what a person pinned stays, what a preset brought goes
            own = None if before and before.pinned else lab.pinned
            put(spec, replace(lab, config=found.config, pinned=found.pinned or own))

    current = preset_of(spec.presets, now(spec)) if chosen else None
    st.session_state[key] = current.name if current else None
    names = [preset.name for preset in spec.presets]
    st.pills("Presets", names, key=key, label_visibility="collapsed", on_change=choose)
