"""The playground: turn a knob and watch the whole collapse."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.blocks.film_stage import above, download, poll_seconds, sentences, stage
from app.blocks.presets import preset_of, preset_pills
from app.jobs.turnstile import TURNSTILE
from app.jobs.visitor import Visitor, of_runs
from app.page import session, share, sidebar
from app.page.difference import difference
from app.page.runs import FAST_FORWARD_END, RUNS
from app.page.state import PageState
from app.views.words import setting
from ulpm_core import RunConfig


def playground_screen() -> None:
    lab = session.restore(RUNS)
    visit = of_runs(st.session_state)
    sidebar.sidebar(RUNS, lab)
    if not lab.talk and lab.controls is None:
        preset_pills(RUNS)
    preset = preset_of(RUNS.presets, lab)
    watch = preset.watch if preset else setting(lab.config) if lab.controls is None else "Watch the run."
    above(RUNS, lab, watch)
    visit.look_at(lab.config, *([lab.pinned] if lab.pinned else []))
    film, actions, said = st.container(), st.container(), st.empty()
    with film:
        st.fragment(_film, run_every=poll_seconds(visit))(lab, visit, visit.job is not None, said)
    with actions:
        _actions(lab, visit)


@TURNSTILE
def _film(lab: PageState[RunConfig], visit: Visitor[RunConfig], waited: bool, place: DeltaGenerator) -> None:
    """Draws the film with its clock, and in `place` the sentences on it."""
    film = stage(lab, lab.config, visit, waited)
    if film is None or lab.talk:
        place.empty()  # a fragment fills later only what its first run has filled
    else:
        said = [difference(RUNS, lab.pinned, lab.config)] if lab.pinned else []
        place.html(sentences([*said, *film.header["sentences"]]))


def _actions(lab: PageState[RunConfig], visit: Visitor[RunConfig]) -> None:
    film = visit.film(lab.config)
    if lab.talk:
        share.leave_talk(RUNS, lab)
        return
    own = film if film is not None and film.header["digest"] == lab.config.digest else None
    with st.container(horizontal=True, key="actions"):
        if visit.stopped:
            st.button("Go on", key="go-on", help="Takes the cancelled run up again.", on_click=visit.go_on)
        _go_further(lab, ended=own is not None and own.header["outcome"] in ("diverged", "stalled"))
        if lab.pinned is None:
            words = "Keeps this run as A. Turn one knob, and both play on one clock, from the same start."
            beside = replace(lab, pinned=lab.config)
            st.button("Pin as A", key="pin", help=words, on_click=session.put, args=(RUNS, beside))
        else:
            st.button("Unpin A", key="unpin", on_click=session.put, args=(RUNS, replace(lab, pinned=None)))
        download(lab.config, visit)


def _go_further(lab: PageState[RunConfig], ended: bool) -> None:
    """Draws the buttons that carry a run on: ten times as long, and from steps to the limit by gradient flow, or back.
    None turns a knob that a teacher hid.
    """
    flow = lab.config.method == "gradient-flow"
    name, what = ("log_time", "as far in log t") if flow else ("steps", "as many steps")
    length, most = getattr(lab.config, name), RUNS.parameters[name].kind(RUNS.parameters[name].high)
    if lab.controls is None or name in lab.controls:
        st.button(
            "Continue 10×",
            key="continue",
            disabled=length >= most or ended,
            help=f"Ten times {what}, from the last state on; at most {most:,.10g}.",
            on_click=lambda: session.change(RUNS, lab, **{name: min(10 * length, most)}),
        )
    if flow or not (lab.controls is None or "fast_forward" in lab.controls):
        return
    if lab.config.fast_forward:
        words = "Back to the steps alone."
        st.button(
            "Steps only", key="steps-only", help=words, on_click=lambda: session.change(RUNS, lab, fast_forward=0.0)
        )
    else:
        words = "From the last state, gradient flow goes on to t = e^1,000 in log time: one film, the hand-over marked."
        ahead = lambda: session.change(RUNS, lab, fast_forward=FAST_FORWARD_END)  # noqa: E731
        st.button("Fast-forward", key="fast-forward", disabled=ended, help=words, on_click=ahead)
