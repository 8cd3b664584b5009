"""Says on the page what was refused in a link or by the knobs."""

from __future__ import annotations

import streamlit as st

from app.page import session
from app.page.link import MORE, MOST_REFUSALS
from app.page.spec import Spec
from app.views.lines import trouble


def refusals(spec: Spec) -> None:
    """Draws the first refusal, and says how many more there are."""
    said, clash = session.refusals(spec)
    shown = said[:MOST_REFUSALS]
    if count := len(said) - len(shown):
        shown.append(MORE[count > 1].format(count=count))
    for refusal in filter(None, [*shown, clash]):
        st.html(trouble(refusal))
