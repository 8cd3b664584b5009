"""Draws the choice among the values of a further key of the link, such as which curves stand beside the film."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.page import session
from app.page.spec import Spec


def choice(draw: Callable[..., Any], label: str, spec: Spec, name: str, **look: Any) -> None:
    """Draws the values of this key in their words, with a widget of Streamlit's; `look` are its further arguments."""
    words = spec.choices[name]
    st.session_state[name] = session.now(spec).chosen(spec, name)
    args = (spec, name)
    draw(label, list(words), key=name, format_func=words.__getitem__, on_change=session.choose, args=args, **look)
