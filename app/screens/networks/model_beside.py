"""The buttons below a training: pin it, keep its film, put the model beside it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.blocks.film_stage import download
from app.blocks.paper_figures import film_figures
from app.jobs import companion, trainings
from app.jobs.question import Asked, Question
from app.jobs.visitor import Visitor
from app.page.networks import NETWORKS
from app.page.session import put
from app.page.state import PageState
from app.views.lines import trouble
from app.views.networks import download_name
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.recording import Recording


def model_beside(lab: PageState[NetworkConfig]) -> companion.Beside | None:
    """Returns the model that this visitor put beside this training, once it is known."""
    recording = trainings.recording(lab.config)
    model = None if recording is None or lab.pinned is not None else _asked_for(lab.config, recording)
    return model.known if model else None


def _asked_for(config: NetworkConfig, recording: Recording) -> Question[companion.Beside] | None:
    """Returns the question for the model that this visitor wants beside this training, if for one."""
    digest, snapshot = st.session_state.get("beside", ("", 0))
    return companion.beside(recording, snapshot) if digest == config.digest else None


def actions(lab: PageState[NetworkConfig], visit: Visitor[NetworkConfig]) -> None:
    """Draws the buttons: pin, download, and put the model beside."""
    with st.container(horizontal=True, key="actions"):
        words = "Keeps this training as A. Turn one knob, and both play on one clock."
        name, pinned = ("Pin as A", lab.config) if lab.pinned is None else ("Unpin A", None)
        st.button(name, key="network-pin", help=words, on_click=put, args=(NETWORKS, replace(lab, pinned=pinned)))
        own = visit.own_film(lab.config)
        download([own] if own else [], download_name(lab.config), visit)
        recording = trainings.recording(lab.config)
        if recording is None or lab.pinned is not None or recording.bias is not None:
            return
        if model := _asked_for(lab.config, recording):
            _follow(model)
        else:
            _offer(lab.config, recording)


def below(lab: PageState[NetworkConfig], visit: Visitor[NetworkConfig]) -> None:
    """Draws what stands below a training: its buttons, and the panel that makes figures of it."""
    actions(lab, visit)
    own = visit.own_film(lab.config)
    film_figures(lab, [own] if own else [], (), download_name(lab.config))


def _offer(config: NetworkConfig, recording: Recording) -> None:
    """Draws the choice of a moment from which the model starts."""
    moments = companion.moments(recording)
    where = st.selectbox(
        "Model from the network", list(moments), key="beside-from", width=230, label_visibility="collapsed"
    )
    words = "Gradient flow of the model from these features and classifiers, on the same clock: a few seconds."
    if st.button("Put the model beside it", key="beside-on", help=words):
        st.session_state["beside"] = (config.digest, moments[where])
        st.rerun()


def _follow(model: Question[companion.Beside]) -> None:
    """Asks for the model, and draws a button that takes it away; the stage shows it once it is known."""
    asked, shown = Asked.of(st.session_state), model.known is not None
    found = asked.ask(model, patient=True)
    if failure := asked.failure(model):
        st.html(trouble(failure))
    elif found is None:
        st.button("The model follows its flow…", key="beside-follows", disabled=True)
    elif not shown:
        st.rerun()
    st.button("Network alone", key="beside-off", on_click=_alone, args=(model.kind,))


def _alone(kind: str) -> None:
    st.session_state.pop("beside", None)
    Asked.of(st.session_state).forget(kind)
