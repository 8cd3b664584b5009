"""The playground: turn a knob, see the whole collapse."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import streamlit as st

from app import controls, share
from app.link import PAGE, Lab
from app.player.player import mount, offline_html
from app.views.presets import PRESETS, preset_of
from app.views.words import comparison, download_name, wait
from app.visit import Visit

POLL_SECONDS = 0.5
GREETING = "Turn a knob and watch the whole run again, from the same start."


def playground() -> None:
    lab = controls.restore()
    visit = Visit.of(st.session_state)
    with st.sidebar:
        st.html('<h1 class="lab-name">Collapse Lab</h1>')
        controls.sidebar(lab)
        share.panel(lab)
    if not lab.talk and lab.controls is None:
        _presets(lab)
    _words(lab)
    visit.look_at(lab.config, *([lab.pinned] if lab.pinned else []))
    st.fragment(_stage, run_every=POLL_SECONDS if visit.job() else None)(lab, visit, visit.job() is not None)
    _actions(lab, visit)


def _presets(lab: Lab) -> None:
    current = preset_of(lab)
    st.session_state["preset"] = current.name if current else None
    names = [preset.name for preset in PRESETS]
    st.pills("Presets", names, key="preset", label_visibility="collapsed", on_change=_choose_preset)


def _choose_preset() -> None:
    lab: Lab = st.session_state["lab"]
    chosen = next((p for p in PRESETS if p.name == st.session_state["preset"]), None) or preset_of(lab)
    if chosen:
        controls.put(replace(lab, config=chosen.config, pinned=chosen.pinned))


def _words(lab: Lab) -> None:
    """What stands above the stage: the teacher's question, or what to watch; and what was refused."""
    preset = preset_of(lab)
    line = lab.question or (preset.watch if preset else GREETING)
    look = "lab-talking" if lab.talk else "lab-question" if lab.question else "lab-watch"
    st.html(f'<p class="{look}">{escape(line)}</p>')
    refusals = [*st.session_state["refusals"][:3], st.session_state["clash"]]
    for refusal in filter(None, refusals):
        st.html(f'<p class="lab-refusal" role="alert">{escape(refusal)}</p>')


def _stage(lab: Lab, visit: Visit, waited: bool) -> None:
    """The film, its clock and what it says; drawn again by itself while a run grows."""
    job = visit.job()
    if waited and job is None:
        st.rerun()
    film, pinned = visit.film(lab.config), visit.pinned_film(lab.pinned)
    words = wait(job.step, job.config.steps, job.seconds_left) if job else ""
    if film is not None:
        pinned_url = f"lab/film/{pinned.key}" if pinned else None
        mount(f"lab/film/{film.key}", pinned_url=pinned_url, talk=lab.talk)
    if job is not None:
        bar, cancel = st.columns([6, 1], vertical_alignment="center")
        bar.progress(job.fraction, words)
        cancel.button("Cancel", key="cancel", on_click=visit.cancel, width="stretch")
    if visit.trouble:
        st.html(f'<p class="lab-refusal" role="alert">{escape(visit.trouble)}</p>')
    if film is not None and not lab.talk:
        said = [comparison(lab.pinned, lab.config)] if lab.pinned else []
        said += film.header["sentences"]
        st.html("".join(f'<p class="lab-sentence">{escape(sentence)}</p>' for sentence in said))


def _actions(lab: Lab, visit: Visit) -> None:
    film, most = visit.film(lab.config), int(PAGE["steps"].high)
    if lab.talk:
        st.button("Leave talk mode", key="talk-off", on_click=lambda: controls.put(replace(lab, talk=False)))
    if lab.talk or film is None:
        return
    with st.container(horizontal=True):
        if visit.stopped:
            st.button("Go on", key="go-on", help="Takes the cancelled run up again.", on_click=visit.go_on)
        st.button(
            "Continue 10×",
            key="continue",
            disabled=lab.config.steps >= most or film.header["outcome"] == "diverged",
            help=f"Ten times as many steps, from the last state on; at most {most:,}.",
            on_click=lambda: st.session_state.update(steps=min(10 * lab.config.steps, most)),
        )
        if lab.pinned is None:
            words = "Keeps this run as A. Turn one knob, and both play on one clock, from the same start."
            st.button("Pin as A", key="pin", help=words, on_click=lambda: controls.put(replace(lab, pinned=lab.config)))
        else:
            st.button("Unpin A", key="unpin", on_click=lambda: controls.put(replace(lab, pinned=None)))
        st.download_button(
            "Download film",
            data=lambda: offline_html(film.document, film.header["title"]),
            file_name=download_name(lab.config),
            mime="text/html",
            on_click="ignore",
            help="One file with this film and its player: plays in any browser, with no network.",
        )
