"""The film of a run, on any screen: as far as it has grown, with progress and Cancel while it grows."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

import streamlit as st

from app.blocks.refusals import refusals
from app.jobs import films
from app.jobs.films import FilmRef
from app.jobs.job import Job
from app.jobs.turnstile import TURNSTILE
from app.jobs.visitor import Visitor, of_runs
from app.page import share, sidebar
from app.page.runs import RunState
from app.page.spec import Spec
from app.page.state import State
from app.player.player import mount
from app.standalone.standalone import film_html
from app.views import actions
from app.views.lines import trouble
from app.views.words import download_name, wait
from ulpm_core import RunConfig

POLL_SECONDS: Final = 0.5
NOTHING_SAID: Final = "<p></p>"
"""Stands where no sentence is: a fragment fills later only what the whole page has filled, and not with nothing."""


def run_film(
    spec: Spec,
    lab: RunState,
    say: Callable[[FilmRef], str],
    buttons: Callable[[FilmRef | None], None] = lambda own: None,
    panels: str = "run",
    pinned: RunConfig | None = None,
) -> None:
    """Has a run made, and draws its film, the buttons below it, and what `say` says of it in HTML. `buttons` draws
    those between "Go on" and "Download film"; it gets the film, if there is one of this very run.
    """
    visit = of_runs(st.session_state)
    visit.look_at(*filter(None, (lab.config, pinned)))
    film, below, place = st.container(), st.container(), st.empty()

    @TURNSTILE
    def grow(waited: bool) -> None:
        shown = stage(lab, lab.config, visit, waited, panels, pinned)
        if shown is None or lab.talk:
            place.empty()
        else:
            place.html(say(shown) or NOTHING_SAID)

    with film:
        st.fragment(grow, run_every=poll_seconds(visit))(visit.job is not None)
    with below:
        if lab.talk:
            share.leave_talk(spec, lab)
            return
        own = visit.own_film(lab.config)
        with st.container(horizontal=True, key="actions"):
            if visit.stopped:
                label, words = actions.GO_ON
                st.button(label, key="go-on", help=words, on_click=visit.go_on)
            buttons(own)
            download(own, download_name(lab.config), visit)


def poll_seconds(visit: Visitor[Any]) -> float | None:
    """Returns how often a fragment with :func:`stage` in it must be drawn again; None for never."""
    return POLL_SECONDS if visit.job else None


def stage(
    lab: RunState,
    config: RunConfig,
    visit: Visitor[RunConfig],
    waited: bool,
    panels: str = "run",
    pinned: RunConfig | None = None,
) -> FilmRef | None:
    """Mounts the film of `config`, and that of a pinned run beside it. Returns the film that is on stage."""
    visit.watch(config)
    job = visit.job
    if waited and job is None:
        st.rerun()
    film = visit.film(config)
    if film is not None:
        mount_films(lab, film, visit.own_film(pinned), panels)
    if job is not None:
        progress(job, wait(job.words, job.seconds_left, job.place), "cancel", visit.cancel)
    if visit.trouble:
        st.html(trouble(visit.trouble))
    return film


def mount_films(lab: State, film: FilmRef, beside: FilmRef | None, panels: str = "run") -> None:
    """Mounts the player with a film, and another one beside it on the same clock, looked at as the page says."""
    mount(
        f"lab/film/{film.key}",
        pinned_url=f"lab/film/{beside.key}" if beside else None,
        talk=lab.talk,
        panels=panels,
        look=lab.look.to_player(),
        link=urlencode(lab.without_look()),
    )


def progress(job: Job, words: str, key: str, cancel: Callable[..., None], *given: object) -> None:
    """Draws how far a job is, and a button that cancels it."""
    bar, button = st.columns([6, 1], vertical_alignment="center")
    bar.progress(job.fraction, words)
    button.button(actions.CANCEL.label, key=key, on_click=cancel, args=given, width="stretch")


def line_above(lab: State, watch: str) -> str:
    """Returns the line above the stage, to which "Skip to the film" leads: the teacher's question, or what to watch."""
    look = "lab-talking" if lab.talk else "lab-question" if lab.question else "lab-watch"
    return f'<p class="{look}" id="film" tabindex="-1">{escape(lab.question or watch)}</p>'


def above(spec: Spec, lab: State, watch: str) -> None:
    """Draws all that stands above the stage: the question or what to watch, the knobs of a lesson, and what was
    refused.
    """
    st.html(line_above(lab, watch))
    sidebar.lesson(spec, lab)
    refusals(spec)


def download(film: FilmRef | None, name: str, visit: Visitor[Any]) -> None:
    """Draws the button that saves a film as one file, once there is one and nothing grows. The file says in its name
    if it holds only a part.
    """
    part = "-part" if film is not None and film.header["partial"] else ""
    st.download_button(
        actions.DOWNLOAD.label,
        data=lambda: _offline(film),
        file_name=f"{name}{part}.html",
        mime="text/html",
        on_click="ignore",
        disabled=film is None or visit.job is not None,
        help=actions.DOWNLOAD.help,
    )


def _offline(film: FilmRef | None) -> str:
    """Returns a film as one HTML file; where the server has let go of it since it was shown, a file that says so."""
    kept = films.published(film.key) if film else None
    return film_html(kept.document, kept.ref.header["title"]) if kept else f"<!doctype html><p>{films.GONE}</p>"
