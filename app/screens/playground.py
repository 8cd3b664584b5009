"""The playground: turn a knob, see the whole collapse."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.blocks.film_stage import download, line_above, poll_seconds, sentences, stage
from app.blocks.presets import preset_of, preset_pills
from app.blocks.refusals import refusals
from app.jobs.turnstile import TURNSTILE
from app.jobs.visitor import Visitor, of_runs
from app.page import share, sidebar, state
from app.page.link import PAGE, Lab
from app.views.presets import PRESETS
from app.views.words import comparison, setting
from ulpm_core import RunConfig

LIMIT = 1000.0  # log t to which "Fast-forward" goes: milliseconds for the flow, beyond any computer's steps


def playground_screen() -> None:
    lab = state.restore("playground")
    visit = of_runs(st.session_state)
    with st.sidebar:
        sidebar.sidebar(lab, lab.config)
        share.panel(lab)
    if not lab.talk and lab.controls is None:
        preset_pills(PRESETS, "lab", state.put)
    _words(lab)
    visit.look_at(lab.config, *([lab.pinned] if lab.pinned else []))
    film, actions, said = st.container(), st.container(), st.empty()
    with film:
        st.fragment(_film, run_every=poll_seconds(visit))(lab, visit, visit.job() is not None, said)
    with actions:
        _actions(lab, visit)


def _words(lab: Lab) -> None:
    """What stands above the stage: the teacher's question, or what to watch; and what was refused."""
    preset = preset_of(PRESETS, lab)
    watch = preset.watch if preset else setting(lab.config) if lab.controls is None else "Watch the run."
    st.html(line_above(lab, watch))
    sidebar.lesson(lab, lab.config)
    refusals()


@TURNSTILE
def _film(lab: Lab, visit: Visitor[RunConfig], waited: bool, place: DeltaGenerator) -> None:
    """The film and its clock, and in `place` what it says."""
    film = stage(lab, lab.config, visit, waited)
    if film is None or lab.talk:
        place.empty()  # a fragment fills later only what its first run has filled
    else:
        said = [comparison(lab.pinned, lab.config)] if lab.pinned else []
        place.html(sentences([*said, *film.header["sentences"]]))


def _actions(lab: Lab, visit: Visitor[RunConfig]) -> None:
    film = visit.film(lab.config)
    if lab.talk:
        st.button("Leave talk mode", key="talk-off", on_click=lambda: state.put(replace(lab, talk=False)))
        return
    own = film if film is not None and film.header["digest"] == lab.config.digest else None
    with st.container(horizontal=True, key="actions"):
        if visit.stopped:
            st.button("Go on", key="go-on", help="Takes the cancelled run up again.", on_click=visit.go_on)
        _go_further(lab, ended=own is not None and own.header["outcome"] in ("diverged", "stalled"))
        if lab.pinned is None:
            words = "Keeps this run as A. Turn one knob, and both play on one clock, from the same start."
            st.button("Pin as A", key="pin", help=words, on_click=lambda: state.put(replace(lab, pinned=lab.config)))
        else:
            st.button("Unpin A", key="unpin", on_click=lambda: state.put(replace(lab, pinned=None)))
        download(lab.config, visit)


def _go_further(lab: Lab, ended: bool) -> None:
    """Ten times as long; and from steps to the limit by gradient flow, or back; but no knob that a teacher hid."""
    flow = lab.config.method == "gradient-flow"
    name, what = ("log_time", "as far in log t") if flow else ("steps", "as many steps")
    length, most = getattr(lab.config, name), PAGE[name].kind(PAGE[name].high)
    if lab.controls is None or name in lab.controls:
        st.button(
            "Continue 10×",
            key="continue",
            disabled=length >= most or ended,
            help=f"Ten times {what}, from the last state on; at most {most:,.10g}.",
            on_click=lambda: state.change(lab, **{name: min(10 * length, most)}),
        )
    if flow or not (lab.controls is None or "fast_forward" in lab.controls):
        return
    if lab.config.fast_forward:
        words = "Back to the steps alone."
        st.button("Steps only", key="steps-only", help=words, on_click=lambda: state.change(lab, fast_forward=0.0))
    else:
        words = "From the last state, gradient flow goes on to t = e^1,000 in log time: one film, the hand-over marked."
        ahead = lambda: state.change(lab, fast_forward=LIMIT)  # noqa: E731
        st.button("Fast-forward", key="fast-forward", disabled=ended, help=words, on_click=ahead)
