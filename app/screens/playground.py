"""The playground: turn a knob, see the whole collapse."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st

from app import controls, share
from app.link import PAGE, Lab
from app.stage import download, line_above, poll_seconds, preset_pills, refusals, stage
from app.views.presets import PRESETS, preset_of
from app.views.words import comparison
from app.visit import Visit

GREETING = "Turn a knob and watch the whole run again, from the same start."
LIMIT = 1000.0  # log t to which "Fast-forward" goes: milliseconds for the flow, beyond any computer's steps


def playground() -> None:
    lab = controls.restore("playground")
    visit = Visit.of(st.session_state)
    with st.sidebar:
        controls.sidebar(lab, lab.config)
        share.panel(lab)
    if not lab.talk and lab.controls is None:
        preset_pills(PRESETS, "lab", controls.put)
    _words(lab)
    visit.look_at(lab.config, *([lab.pinned] if lab.pinned else []))
    st.fragment(_film, run_every=poll_seconds(visit))(lab, visit, visit.job() is not None)
    _actions(lab, visit)


def _words(lab: Lab) -> None:
    """What stands above the stage: the teacher's question, or what to watch; and what was refused."""
    preset = preset_of(PRESETS, lab)
    watch = preset.watch if preset else GREETING if lab.controls != () else "Watch the run."
    st.html(line_above(lab, watch))
    refusals()


def _film(lab: Lab, visit: Visit, waited: bool) -> None:
    """The film, its clock and what it says."""
    film = stage(lab, lab.config, visit, waited)
    if film is not None and not lab.talk:
        said = [comparison(lab.pinned, lab.config)] if lab.pinned else []
        said += film.header["sentences"]
        st.html("".join(f'<p class="lab-sentence">{escape(sentence)}</p>' for sentence in said))


def _actions(lab: Lab, visit: Visit) -> None:
    film = visit.film(lab.config)
    if lab.talk:
        st.button("Leave talk mode", key="talk-off", on_click=lambda: controls.put(replace(lab, talk=False)))
        return
    own = film if film is not None and film.header["digest"] == lab.config.digest else None
    with st.container(horizontal=True):
        if visit.stopped:
            st.button("Go on", key="go-on", help="Takes the cancelled run up again.", on_click=visit.go_on)
        _go_further(lab, ended=own is not None and own.header["outcome"] in ("diverged", "stalled"))
        if lab.pinned is None:
            words = "Keeps this run as A. Turn one knob, and both play on one clock, from the same start."
            st.button("Pin as A", key="pin", help=words, on_click=lambda: controls.put(replace(lab, pinned=lab.config)))
        else:
            st.button("Unpin A", key="unpin", on_click=lambda: controls.put(replace(lab, pinned=None)))
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
            on_click=lambda: _change(lab, name, min(10 * length, most)),
        )
    if flow or not (lab.controls is None or "fast_forward" in lab.controls):
        return
    if lab.config.fast_forward:
        words = "Back to the steps alone."
        st.button("Steps only", key="steps-only", help=words, on_click=lambda: _change(lab, "fast_forward", 0.0))
    else:
        words = "From the last state, gradient flow goes on to t = e^1,000 in log time: one film, the hand-over marked."
        ahead = lambda: _change(lab, "fast_forward", LIMIT)  # noqa: E731
        st.button("Fast-forward", key="fast-forward", disabled=ended, help=words, on_click=ahead)


def _change(lab: Lab, name: str, value: Any) -> None:
    controls.put(replace(lab, config=lab.config.with_changes(**{name: value})))
