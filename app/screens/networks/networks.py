"""Real networks: the same film from a network that is trained while one watches, or from one's own."""

from __future__ import annotations

import streamlit as st

from app.blocks.draft import add_as_scene
from app.blocks.presets import preset_pills
from app.blocks.refusals import refusals
from app.jobs import trainings
from app.jobs.uploads import Own
from app.page import session, share, sidebar
from app.page.networks import NETWORKS
from app.page.state import PageState
from app.screens.networks.own_features import bring_your_own, leave, own_film, take_brought
from app.screens.networks.training_film import training_film
from app.views import networks as views
from app.views.lines import paragraphs
from ulpm_core.film.network import digest_of
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.recording import Recording

OWN = "Your own network, on the same stage and by the same definitions."
NO_KNOBS = "On stage is what you brought, trained elsewhere: nothing here would change it."


def networks_screen() -> None:
    lab, own = session.restore(NETWORKS), take_brought()
    if own is None:
        _training(lab)
    else:
        _brought(lab, own)
    if lab.talk:
        share.leave_talk(NETWORKS, lab)
        return
    if own is None:
        _what_it_shows(trainings.recording(lab.config))
    with st.expander("What the words mean"):
        st.html(views.meanings_table())
    if lab.controls is None:
        bring_your_own()


def _training(lab: PageState[NetworkConfig]) -> None:
    """Draws the knobs and the training that they set."""
    sidebar.sidebar(NETWORKS, lab)
    add_as_scene(NETWORKS, lab)
    if lab.is_plain:
        preset_pills(NETWORKS)
    sidebar.lesson(NETWORKS, lab)
    refusals(NETWORKS)
    training_film(lab)


def _brought(lab: PageState[NetworkConfig], own: Own) -> None:
    """Draws what a visitor brought, and the way back."""
    st.sidebar.html(paragraphs([NO_KNOBS]))
    if lab.is_plain:
        preset_pills(NETWORKS, chosen=False)
    refusals(NETWORKS)
    with st.container(key="training"):
        said, button = st.columns([5, 1], vertical_alignment="center")
    said.html(f'<p class="lab-watch">{OWN}</p>')
    button.button("Back to training", key="leave-own", on_click=leave, width="stretch")
    own_film(own, lab)


def _what_it_shows(recording: Recording | None) -> None:
    """Draws what can be said of a training once it is whole."""
    if recording is None:
        return
    closest, decay = st.columns([2, 3], gap="large")
    closest.html(f"<h2>Closest classes</h2>{views.closest_table(recording, digest_of(recording))}")
    decay.html(f"<h2>Weight decay</h2>{paragraphs(views.DECAY)}")
    with st.expander("Figures of the end"):
        st.html(views.metrics_table(recording, digest_of(recording)))
