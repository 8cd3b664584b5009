"""Draws the presets of a screen in a row, with a mark on the one on stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from app.page.session import now, put
from app.page.spec import Config, Spec
from app.page.state import PageState
from app.views.presets import Preset


def preset_of(presets: Sequence[Preset[Config]], lab: PageState[Config]) -> Preset[Config] | None:
    """Returns the preset that is on stage, if it is one. A run that a person pinned beside it makes no difference."""
    on_stage = lambda p: p.config == lab.config and p.pinned in (None, lab.pinned) and p.choices in (None, lab.choices)  # noqa: E731
    return next(filter(on_stage, presets), None)


def preset_pills(spec: Spec, chosen: bool = True) -> None:
    """Draws the presets in a row. The one on stage is marked, unless the page shows something else just now (`chosen`
    is False).
    """
    key, named = f"{spec.key}-preset", {preset.name: preset for preset in spec.presets}

    def choose() -> None:
        lab = now(spec)
        before = preset_of(spec.presets, lab)
        if found := named.get(st.session_state[key], before):
            # what a person pinned stays, what a preset brought goes
            own = None if before and before.pinned else lab.pinned
            choices = lab.choices if found.choices is None else found.choices
            put(spec, replace(lab, config=found.config, pinned=found.pinned or own, choices=choices))

    current = preset_of(spec.presets, now(spec)) if chosen else None
    st.session_state[key] = current.name if current else None
    st.pills("Presets", list(named), key=key, label_visibility="collapsed", on_change=choose)
