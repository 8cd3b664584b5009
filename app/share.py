"""The link of what is on screen, for everybody, for a class, for a talk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlencode

import streamlit as st

from app import controls
from app.copyable.copyable import copyable
from app.link import KNOBS, LONGEST_QUESTION, PAGE, Lab
from app.network_link import NetworkLab
from ulpm_core.model.parameters import Parameter

AnyLab = TypeVar("AnyLab", Lab, NetworkLab)


def address(lab: Lab | NetworkLab) -> str:
    """The whole address that opens this state."""
    base = (st.context.url or "").split("?")[0]
    link = urlencode(lab.to_link(), safe=",:")
    return f"{base}?{link}" if link else base


def panel(lab: Lab) -> None:
    """Links to copy, of a run of the model."""
    links(
        lab, controls.put, KNOBS, PAGE, ["classes", "dimension", "seed"], "What happens when d is smaller than K − 1?"
    )


def links(
    lab: AnyLab,
    put: Callable[[AnyLab], None],
    knobs: Sequence[str],
    page: Mapping[str, Parameter],
    usual: list[str],
    example: str,
) -> None:
    """Links to copy; a class never sees what its teacher took away. `usual` controls are kept, unless others are."""
    if lab.controls is not None:
        st.html('<i class="lab-lesson" hidden></i>')
        return
    with st.expander("Share"):
        st.caption("This run")
        copyable(address(lab), key="share-run", label="the link of this run")
        st.caption("For a class: keep some controls, ask a question")
        kept = st.multiselect(
            "Controls to keep",
            knobs,
            default=usual,
            format_func=lambda name: page[name].label,
            key="kept",
        )
        question = st.text_input(
            "Question",
            key="question",
            max_chars=LONGEST_QUESTION,
            placeholder=example,
        )
        lesson = replace(lab, controls=tuple(name for name in knobs if name in kept), question=question.strip())
        copyable(address(lesson), key="share-class", label="the link for a class")
        st.caption("For a talk: only the stage, its clock and one line of words")
        st.button("Talk mode", key="talk-on", on_click=lambda: put(replace(lab, talk=True)))
