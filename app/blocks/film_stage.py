"""The film of a run, on any screen: as far as it has grown, with progress and Cancel while it grows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from app.blocks.refusals import refusals
from app.jobs import films
from app.jobs.films import FilmRef
from app.jobs.job import Job
from app.jobs.visitor import Visitor
from app.page import sidebar
from app.page.spec import Config, PageSpec
from app.page.state import PageState
from app.player.player import mount, offline_html
from app.views.lines import paragraphs, trouble
from app.views.words import download_name, wait
from ulpm_core import RunConfig

POLL_SECONDS = 0.5


def poll_seconds(visit: Visitor[Any]) -> float | None:
    """Returns how often a fragment with :func:`stage` in it must be drawn again; None for never."""
    return POLL_SECONDS if visit.job else None


def stage(
    lab: PageState[RunConfig], config: RunConfig, visit: Visitor[RunConfig], waited: bool, panels: str = "run"
) -> FilmRef | None:
    """Mounts the film of `config`, and the pinned one beside it. Returns the film that is on stage."""
    visit.watch(config)
    job = visit.job
    if waited and job is None:
        st.rerun()
    film, pinned = visit.film(config), visit.own_film(lab.pinned)
    words = wait(job.words, job.seconds_left, job.place) if job else ""
    if film is not None:
        mount_films(lab, film, pinned, panels)
    if job is not None:
        progress(job, words, "cancel", visit.cancel)
    if visit.trouble:
        st.html(trouble(visit.trouble))
    return film


def mount_films(lab: PageState[Any], film: FilmRef, beside: FilmRef | None, panels: str = "run") -> None:
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
    button.button("Cancel", key=key, on_click=cancel, args=given, width="stretch")


def line_above(lab: PageState[Any], watch: str) -> str:
    """Returns the line above the stage, to which "Skip to the film" leads: the teacher's question, or what to watch."""
    look = "lab-talking" if lab.talk else "lab-question" if lab.question else "lab-watch"
    return f'<p class="{look}" id="film" tabindex="-1">{escape(lab.question or watch)}</p>'


def above(spec: PageSpec[Config], lab: PageState[Config], watch: str) -> None:
    """Draws all that stands above the stage: the question or what to watch, the knobs of a lesson, and what was
    refused.
    """
    st.html(line_above(lab, watch))
    sidebar.lesson(spec, lab)
    refusals(spec)


def sentences(said: Sequence[str]) -> str:
    """Returns the sentences on a film as HTML, each a paragraph; where there are none, an empty one, since a fragment
    fills later only what the whole page has filled, and not with nothing.
    """
    return paragraphs(said) or "<p></p>"


def download(config: RunConfig, visit: Visitor[RunConfig]) -> None:
    """Draws the button that saves the film on stage as one file, once it is whole and this run's own."""
    film = visit.film(config)
    own = film if film is not None and film.header["digest"] == config.digest else None
    st.download_button(
        "Download film",
        data=lambda: offline_film(own),
        file_name=download_name(config, own.header["partial"] if own else False),
        mime="text/html",
        on_click="ignore",
        disabled=own is None or visit.job is not None,
        help="One file with this film and its player: plays in any browser, offline.",
    )


def offline_film(film: FilmRef | None) -> str:
    """Returns a film as one HTML file; where the server has let go of it since it was shown, a file that says so."""
    kept = films.published(film.key) if film else None
    return offline_html(kept.document, kept.ref.header["title"]) if kept else f"<!doctype html><p>{films.GONE}</p>"
