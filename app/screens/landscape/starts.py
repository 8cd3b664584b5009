"""Many starts: hundreds of random starts at once, with room and without; a click on one opens its film."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import streamlit as st

from app import controls, ground
from app.figure.figure import figure
from app.link import PAGE_SECONDS, Lab
from app.stage import POLL_SECONDS
from app.turnstile import TURNSTILE
from app.views import landscape as views
from app.views.starts import Group, sentences, starts_figure
from app.visit import Visit
from ulpm_core import RunConfig


def many_starts(lab: Lab, visit: Visit) -> None:
    """Hundreds of random starts, with room and without; a click on one opens its film."""
    configs = ground.roomy_and_tight(lab.config)
    st.html(f"<h2>Many starts</h2>{views.step(views.MANY)}")
    job = ground.under_way(configs, visit.visitor)
    st.fragment(_starts, run_every=POLL_SECONDS if job else None)(lab, configs, visit, job is not None)


@TURNSTILE
def _starts(lab: Lab, configs: tuple[RunConfig, RunConfig], visit: Visit, waited: bool) -> None:
    groups, job = ground.starts_of(configs), ground.under_way(configs, visit.visitor)
    if waited != (job is not None):  # how often a fragment is drawn again, only the whole page decides
        st.rerun()
    if groups is not None:
        _shown(lab, configs, groups)
    elif job is not None:
        bar, cancel = st.columns([6, 1], vertical_alignment="center")
        bar.progress(job.fraction, f"{2 * ground.RUNS} flows to t = e^{ground.LOG_END:g}")
        cancel.button("Cancel", key="cancel-starts", on_click=job.leave, args=(visit.visitor,), width="stretch")
    else:
        tight, roomy = configs[1].dimension, configs[0].dimension
        words = f"Follow {ground.RUNS} starts in d = {roomy} and {ground.RUNS} in d = {tight}"
        too_long = ground.seconds_of(configs) > PAGE_SECONDS / 10
        st.button(words, key="starts", disabled=too_long, on_click=_begin, args=(configs, visit))
        if too_long:
            st.caption("That is too much for a page at these sizes: take fewer classes, or fewer samples per class.")
        last = st.session_state.get("starts-job")
        failed = last.failure if last is not None and last.configs == configs else ""
        if trouble := st.session_state.pop("starts-refused", "") or failed:
            st.html(f'<p class="lab-refusal" role="alert">{escape(trouble)}</p>')


def _begin(configs: tuple[RunConfig, RunConfig], visit: Visit) -> None:
    try:
        st.session_state["starts-job"] = ground.start(configs, visit.visitor)
    except ground.Busy as busy:
        st.session_state["starts-refused"] = str(busy)


def _shown(lab: Lab, configs: tuple[RunConfig, RunConfig], groups: tuple[Group, ...]) -> None:
    said, last = sentences(groups), 2 * ground.RUNS - 1
    spec = starts_figure(groups, configs[0].classes)
    label = "The margin of every start against log time. " + " ".join(said)
    picked = figure(spec, key="starts-figure", label=label, height=420).picked
    st.html("".join(f'<p class="lab-sentence">{escape(sentence)}</p>' for sentence in said))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = (
            f"0 to {ground.RUNS - 1} are the starts of {groups[0].name}, {ground.RUNS} to {last} of {groups[1].name}."
        )
        seed = st.number_input("Seed of a start", 0, last, ground.RUNS, key="start-seed", help=words, width=180)
        if st.button("Open its film", key="open-start"):
            picked = seed
    if picked is not None:
        run = ground.run_of(configs, int(picked))
        controls.leave_for("playground", replace(lab, config=run, pinned=None))
        st.switch_page(st.session_state["home"])
