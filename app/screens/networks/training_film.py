"""The film of a training as far as it has grown, with progress and Cancel, and what can be done with it."""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.blocks.film_stage import NOTHING_SAID, PINNED_AND_NOW, line_above, mount_films
from app.blocks.presets import preset_of
from app.jobs import trainings
from app.jobs.films import FilmRef
from app.jobs.job import Job
from app.jobs.turnstile import TURNSTILE
from app.jobs.visitor import Visitor, of_networks
from app.page.difference import difference
from app.page.networks import NETWORKS
from app.page.state import PageState
from app.screens.networks.model_beside import below, model_beside
from app.views import networks as views
from app.views.lines import film_sentences, paragraphs, trouble
from app.views.texts import Text
from app.views.words import about
from ulpm_core.networks.config import NetworkConfig

Lab = PageState[NetworkConfig]
Visit = Visitor[NetworkConfig]
POLL_SECONDS: Final = 1.0
"""Twice as long as between two looks at a run, which is shorter: each look costs the server a tenth of a second."""


def training_film(lab: Lab) -> None:
    """Draws the stage with what to watch or how far it is, the buttons below it, and the sentences on it."""
    visit, preset = of_networks(st.session_state), preset_of(NETWORKS.presets, lab)
    watch = preset.watch if preset else ""
    visit.look_at(*_wanted(lab))
    waited = visit.job is not None or visit.stopping
    film, to_do, said = st.container(), st.container(), st.empty()
    with film:
        st.fragment(_film, run_every=POLL_SECONDS if waited else None)(lab, visit, watch, waited, said)
    if not lab.talk:
        with to_do:
            below(lab, visit)


def _wanted(lab: Lab) -> list[NetworkConfig]:
    """Returns what is to be trained, the pinned one first, so that nothing on stage changes sides."""
    return [*filter(None, [lab.pinned]), lab.config]


@TURNSTILE
def _film(lab: Lab, visit: Visit, watch: str, waited: bool, place: DeltaGenerator) -> None:
    visit.watch(lab.config)
    job = visit.job
    if waited and job is None and not visit.stopping:
        st.rerun()
    film, beside_it, model = visit.film(lab.config), visit.own_film(lab.pinned), model_beside(lab)
    names = PINNED_AND_NOW
    if beside_it is not None and visit.own_film(lab.config) is None:
        film, beside_it = beside_it, None  # what is pinned grows first, and alone
    elif model is not None:
        beside_it, names = model.film, ("model", "network")
    other = views.whose(film.header["digest"], lab.config, lab.pinned) if film else ""
    headline = "" if other or watch or film is None else film.header["sentences"][0]  # where no preset speaks of it
    _progress(lab, visit, line_above(lab, other or watch or headline or views.GREETING), job, other)
    if visit.trouble:
        st.html(trouble(visit.trouble))
    if film is not None:
        mount_films(lab, [*filter(None, [beside_it]), film], names=names)
    else:
        st.html(f'<p class="lab-empty">{_empty(lab, job)}</p>')
    said = _said(lab, visit, film, other) if film is not None and not lab.talk else []
    above = headline if job is None and not lab.question else ""  # and need not be said twice
    place.html(paragraphs(sentence for sentence in said if sentence != above) or NOTHING_SAID)


def _empty(lab: Lab, job: Job | None) -> str:
    """Returns why there is no film yet."""
    if job is not None:
        return "Another network is trained first." if job.before else "The training has begun."
    if trainings.resumable(lab.config):
        return "This training stopped half-way. Go on takes it up there."
    return f"Nothing is trained yet. As things stand it takes about {about(trainings.seconds_of(_wanted(lab)))}."


def _progress(lab: Lab, visit: Visit, line: str, job: Job | None, other: str) -> None:
    """Draws one row of one height: what to watch beside Train, or how far the training is beside Cancel."""
    missing = [config for config in _wanted(lab) if trainings.recording(config) is None]
    with st.container(key="training"):
        said, button = st.columns([6, 1], vertical_alignment="center")
    if job is not None:
        letter = "" if lab.pinned is None else "A" if job.key == lab.pinned.to_json() else "B"
        said.html('<i id="film" tabindex="-1"></i>')  # where "Skip to the film" goes
        words = views.training_wait(job.words, job.seconds_left, len(job.before), letter)
        said.progress(job.fraction, words + (f". {other.partition(':')[0].rstrip('.')}." if other else ""))
        button.button("Cancel", key="network-cancel", on_click=visit.cancel, width="stretch")
        return
    said.html(line)
    name, wait = "Train", about(trainings.seconds_of(missing))
    words = "Trains A, then B. " * (len(missing) > 1)
    words += f"Takes about {wait}, in the background: you can look around meanwhile."
    if visit.stopped or any(map(trainings.resumable, missing)):
        name, words = "Go on", f"Goes on from where it stopped. As a whole it takes about {wait}."
    if visit.stopping:
        button.button("Stopping…", key="stopping", disabled=True, width="stretch")
    elif missing and button.button(name, key="train", type="primary", help=words, width="stretch"):
        visit.begin(*missing)
        st.rerun()


def _said(lab: Lab, visit: Visit, film: FilmRef, other: str) -> list[Text]:
    """Returns the sentences on the film, and on how the two trainings differ."""
    differs: list[Text] = [difference(NETWORKS, lab.pinned, lab.config)] if lab.pinned else []
    if other:
        return differs or ([other] if lab.question else [])
    (recording, pinned), model = map(trainings.recording, (lab.config, lab.pinned or lab.config)), model_beside(lab)
    decay = views.decay_sentence(pinned, recording) if pinned and recording else ""
    both = views.model_sentence(recording, model.ends, st.session_state["beside"][1]) if recording and model else ""
    return [both, *differs, visit.begun(lab.config), *film_sentences(film.header), decay]
