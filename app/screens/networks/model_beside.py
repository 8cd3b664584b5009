"""The buttons below a training: pin it, keep its film, put the model beside it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.blocks.film_stage import offline_film
from app.jobs import companion, trainings
from app.jobs.question import Asked, Question
from app.jobs.visitor import Visitor
from app.page.networks import NETWORKS
from app.page.session import put
from app.page.state import PageState
from app.views.lines import trouble
from app.views.networks import download_name
from ulpm_core.networks.config import NetworkConfig


def model_beside(lab: PageState[NetworkConfig]) -> companion.Beside | None:
    """Returns the model that this visitor put beside this training, once it is known."""
    digest, snapshot = st.session_state.get("beside", ("", 0))
    recording = trainings.recording(lab.config)
    same = recording is not None and lab.pinned is None and digest == lab.config.digest
    return companion.beside(recording, snapshot).known if recording is not None and same else None


def actions(lab: PageState[NetworkConfig], visit: Visitor[NetworkConfig]) -> None:
    """Draws the buttons: pin, download, and put the model beside."""
    film = visit.own_film(lab.config)
    with st.container(horizontal=True, key="actions"):
        _pin(lab)
        st.download_button(
            "Download film",
            data=lambda: offline_film(film),
            file_name=download_name(lab.config, film.header["partial"] if film else False),
            mime="text/html",
            on_click="ignore",
            disabled=film is None or visit.job is not None,
            help="One file with this film and its player: plays in any browser, offline.",
        )
        _beside(lab)


def _pin(lab: PageState[NetworkConfig]) -> None:
    words = "Keeps this training as A. Turn one knob, and both play on one clock."
    name, pinned = ("Pin as A", lab.config) if lab.pinned is None else ("Unpin A", None)
    st.button(name, key="network-pin", help=words, on_click=put, args=(NETWORKS, replace(lab, pinned=pinned)))


def _beside(lab: PageState[NetworkConfig]) -> None:
    """Draws the choice of a moment from which the model starts, or what became of a model that was asked for."""
    recording = trainings.recording(lab.config)
    if recording is None or lab.pinned is not None or recording.bias is not None:
        return
    digest, snapshot = st.session_state.get("beside", ("", 0))
    if digest == lab.config.digest:
        _follow(companion.beside(recording, snapshot), shown=model_beside(lab) is not None)
        return
    moments = companion.moments(recording)
    where = st.selectbox(
        "Model from the network", list(moments), key="beside-from", width=230, label_visibility="collapsed"
    )
    words = "Gradient flow of the model from these features and classifiers, on the same clock: a few seconds."
    if st.button("Put the model beside it", key="beside-on", help=words):
        st.session_state["beside"] = (lab.config.digest, moments[where])
        st.rerun()


def _follow(question: Question[companion.Beside], shown: bool) -> None:
    """Asks for the model, and draws a button that takes it away; the stage shows it once it is known."""
    asked = Asked.of(st.session_state)
    found = asked.ask(question, patient=True)
    if failure := asked.failure(question):
        st.html(trouble(failure))
    elif found is None:
        st.button("The model follows its flow…", key="beside-follows", disabled=True)
    elif not shown:
        st.rerun()
    st.button("Network alone", key="beside-off", on_click=_alone, args=(question.kind,))


def _alone(kind: str) -> None:
    st.session_state.pop("beside", None)
    Asked.of(st.session_state).forget(kind)
