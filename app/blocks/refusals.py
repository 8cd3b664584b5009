"""Says on the page what was refused in a link or by the knobs."""

from __future__ import annotations

from typing import Final

import streamlit as st

from app.page import session
from app.page.spec import Config, PageSpec
from app.views.lines import trouble

MOST_REFUSALS: Final = 4


def refusals(spec: PageSpec[Config]) -> None:
    """Draws the first refusal, and says how many more there are."""
    said, clash = session.refusals(spec)
    count = len(said) - MOST_REFUSALS
    more = [f"{count} more part{'s' if count > 1 else ''} of this link {'were' if count > 1 else 'was'} refused."]
    more *= count > 0
    for refusal in filter(None, [*said[:MOST_REFUSALS], *more, clash]):
        st.html(trouble(refusal))
