"""Real networks: the same film from a network that is trained while one watches, or from one's own."""

from __future__ import annotations

import streamlit as st

from app.blocks.presets import preset_of, preset_pills
from app.blocks.refusals import refusals
from app.jobs import trainings
from app.jobs.visitor import of_networks
from app.page import session, share, sidebar
from app.page.networks import NETWORKS
from app.screens.networks.own_features import bring_your_own, brought, leave, own_film
from app.screens.networks.training_film import training_film
from app.views import networks as views
from app.views.lines import paragraphs
from ulpm_core.networks.recording import Recording

OWN = "Your own network, on the same stage and by the same definitions."
NO_KNOBS = "On stage is what you brought, trained elsewhere: nothing here would change it."


def networks_screen() -> None:
    lab = session.restore(NETWORKS)
    visit = of_networks(st.session_state)
    own = brought()
    if own is None:
        sidebar.sidebar(NETWORKS, lab)
    else:
        st.sidebar.html(paragraphs([NO_KNOBS]))
    if lab.is_plain:
        preset_pills(NETWORKS, chosen=own is None)
    if own is None:
        sidebar.lesson(NETWORKS, lab)
    refusals(NETWORKS)
    if own is None:
        preset = preset_of(NETWORKS.presets, lab)
        training_film(lab, visit, preset.watch if preset else "")
    else:
        with st.container(key="training"):
            said, button = st.columns([5, 1], vertical_alignment="center")
        said.html(f'<p class="lab-watch">{OWN}</p>')
        button.button("Back to training", key="leave-own", on_click=leave, width="stretch")
        own_film(own, lab)
    if lab.talk:
        share.leave_talk(NETWORKS, lab)
        return
    if own is None:
        _what_it_shows(trainings.recording(lab.config))
    with st.expander("What the words mean"):
        st.html(views.meanings_table())
    if lab.controls is None:
        bring_your_own()


def _what_it_shows(recording: Recording | None) -> None:
    """Draws what can be said of a training once it is whole."""
    if recording is None:
        return
    closest, decay = st.columns([2, 3], gap="large")
    closest.html(f"<h2>Closest classes</h2>{views.closest_table(recording)}")
    decay.html(f"<h2>Weight decay</h2>{paragraphs(views.DECAY)}")
    with st.expander("Figures of the end"):
        st.html(views.metrics_table(recording))
