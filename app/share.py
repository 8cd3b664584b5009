"""The link of what is on screen, for everybody, for a class, for a talk."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from app import controls
from app.link import KNOBS, LONGEST_QUESTION, PAGE, Lab


def address(lab: Lab) -> str:
    """The whole address that opens this state."""
    base = (st.context.url or "").split("?")[0]
    link = urlencode(lab.to_link(), safe=",:")
    return f"{base}?{link}" if link else base


def panel(lab: Lab) -> None:
    """Links to copy; a class never sees what its teacher took away."""
    if lab.controls is not None:
        st.html('<i class="lab-lesson" hidden></i>')
        return
    with st.expander("Share"):
        st.caption("This run")
        st.code(address(lab), language=None, wrap_lines=True)
        st.caption("For a class: keep some controls, ask a question")
        kept = st.multiselect(
            "Controls to keep",
            KNOBS,
            default=["classes", "dimension", "seed"],
            format_func=lambda name: PAGE[name].label,
            key="kept",
        )
        question = st.text_input(
            "Question",
            key="question",
            max_chars=LONGEST_QUESTION,
            placeholder="What happens when d is smaller than K − 1?",
        )
        lesson = replace(lab, controls=tuple(name for name in KNOBS if name in kept), question=question.strip())
        st.code(address(lesson), language=None, wrap_lines=True)
        st.caption("For a talk: only the stage, its clock and one line of words")
        st.button("Talk mode", key="talk-on", on_click=lambda: controls.put(replace(lab, talk=True)))
