"""Says what came of the four runs of the Rules screen, and from which ratio of class sizes on small classes merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app.jobs.question import Asked
from app.jobs.siblings import ends_of, merging_of
from app.jobs.visitor import Visitor
from app.page.runs import RunState
from app.page.siblings import names_of, parameters_of, sizes_of
from app.views.lines import trouble
from app.views.merging import merging_words
from app.views.siblings_table import sentences, siblings_table
from ulpm_core import RunConfig


def ask_where_classes_merge(lab: RunState) -> dict[str, float]:
    """Asks from which ratio of sizes on small classes merge, by the rule; the answer is empty until it is known."""
    page = parameters_of(lab)
    question = merging_of(sizes_of(lab), float(page["decay"]), float(page["bound"]))
    found = Asked.of(st.session_state).ask(question, patient=True)
    return found.by_rule(names_of(lab), page["decay"], page["bound"]) if found else {}


def what_came_of_it(
    lab: RunState, runs: Sequence[RunConfig], visit: Visitor[RunConfig], merging: Mapping[str, float]
) -> None:
    """Draws where small classes merge, the table of the four rules, and a sentence on each."""
    names, (_, _, many, few) = names_of(lab), sizes_of(lab)
    question = ends_of(runs)
    asked = Asked.of(st.session_state)
    ends = asked.ask(question, patient=True) if visit.job is None and not visit.stopped else None
    if words := merging_words(merging, many / few):  # Streamlit refuses an empty paragraph
        st.html(words)
    st.html(f"<h2>The four rules at a glance</h2>{siblings_table(names, ends, lab.config, few < many, runs)}")
    if failure := asked.failure(question):
        st.html(trouble(failure))
    st.html(sentences(names, few < many))
