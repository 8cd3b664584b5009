"""Draws what a visitor of the Rules screen chooses: the four rules, their parameters, the sizes of classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from app.blocks.choice import choice
from app.page import session
from app.page.runs import RunState
from app.page.siblings import SEATS, SIBLINGS_PAGE, names_of, ratio_of, ratios_for, sizes_of
from app.views.merging import marks_on
from app.views.siblings import SIBLINGS

LABELS: Final = {
    "decay": "Weight decay λ",
    "bound": "Norm balls E",
    "smoothing": "Smoothing a",
    "radius": "Length of features",
    "rate": "Rate of Adam, signs, spectra",
}


def rules(lab: RunState, merging: Mapping[str, float]) -> None:
    """Draws the choice of the four rules, and that of the ratio of class sizes, on which it is marked from where on
    small classes merge.
    """
    with st.container(horizontal=True, key="siblings"):
        for letter, key in zip("ABCD", SEATS, strict=True):
            choice(_rule, letter, SIBLINGS_PAGE, key)
        large, small, many, few = sizes_of(lab)
        words = f"How many times larger the large classes are: {large} of {many} samples, {small} of {few}."
        if many < int(ratios_for(10**9)[-1]):
            words += " A larger n allows more."
        with st.container(key="ratios"):
            _slider("Ratio of sizes R", "ratio", ladder := ratios_for(many), ratio_of(lab), words)
            if marks := marks_on(ladder, merging):  # Streamlit refuses an empty paragraph
                st.html(marks)


def _rule(letter: str, names: list[str], **more: Any) -> None:
    """Draws a choice of rules that says its letter itself: on a phone a label would take a row."""
    say = lambda name: f"{letter} · {SIBLINGS[name].label}"  # noqa: E731
    st.selectbox(f"Rule of {letter}", names, label_visibility="collapsed", **more | {"format_func": say})


def parameters(lab: RunState) -> None:
    """Draws the parameters of the rules on stage in the sidebar, and how many classes are small."""
    used = {parameter for name in names_of(lab) for parameter in SIBLINGS[name].parameters}
    with st.sidebar:
        for name in (name for name in LABELS if name in used):
            values = sorted(SIBLINGS_PAGE.choices[name], key=float)
            _slider(LABELS[name], name, values, lab.chosen(SIBLINGS_PAGE, name))
        if ratio_of(lab) != "1":
            choice(st.selectbox, "Small classes", SIBLINGS_PAGE, "small")


def _slider(label: str, name: str, values: list[str], value: str, words: str | None = None) -> None:
    """Draws a slider over values of a key of the link, where there is something to choose."""
    st.session_state[name] = value
    if len(values) > 1:
        st.select_slider(label, values, key=name, help=words, on_change=session.choose, args=(SIBLINGS_PAGE, name))
