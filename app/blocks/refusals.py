"""Says on the page what was refused in a link or by the knobs."""

from __future__ import annotations

from typing import Final

import streamlit as st

from app.page import session
from app.page.spec import Spec
from app.views.lines import trouble

MOST_REFUSALS: Final = 4


def refusals(spec: Spec) -> None:
    """Draws the first refusal, and says how many more there are."""
    said, clash = session.refusals(spec)
    shown = said[:MOST_REFUSALS]
    if count := len(said) - len(shown):
        what = "part of this link was" if count == 1 else "parts of this link were"
        shown.append(f"{count} more {what} refused.")
    for refusal in filter(None, [*shown, clash]):
        st.html(trouble(refusal))
