"""The film of a run, on any screen: as far as it has grown, with progress and Cancel while it grows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

import streamlit as st

from app.blocks.paper_figures import film_figures
from app.blocks.refusals import refusals
from app.jobs.films import GONE, FilmRef, published
from app.jobs.job import Job
from app.jobs.turnstile import TURNSTILE
from app.jobs.visitor import Visitor, of_runs
from app.page import share, sidebar
from app.page.runs import RunState
from app.page.spec import Spec
from app.page.state import State
from app.paper.tables import as_csv, curves_table
from app.player.player import Side, mount
from app.standalone.standalone import film_html
from app.views import actions, saving
from app.views.lines import trouble
from app.views.opening import opening
from app.views.words import download_name, wait
from ulpm_core import RunConfig
from ulpm_core.film.film import Film

POLL_SECONDS: Final = 0.5
PINNED_AND_NOW: Final = ("pinned", "now")
"""The names of two films side by side, of which one was pinned."""
NOTHING_SAID: Final = "<p></p>"
"""Stands where no sentence is: a fragment fills later only what the whole page has filled, and not with nothing."""


def run_film(
    spec: Spec,
    lab: RunState,
    say: Callable[[FilmRef], str],
    buttons: Callable[[FilmRef | None], None] = lambda own: None,
    panels: str = "run",
    pinned: RunConfig | None = None,
    show_line: Callable[[FilmRef | None], object] = lambda shown: None,
) -> None:
    """Has a run made, and draws its film, the buttons below it, and what `say` says of it in HTML. `buttons` draws
    those between "Go on" and "Download film"; it gets the film, if there is one of this very run. `show_line` draws the
    line above the film on stage, where that speaks of it.
    """
    visit = of_runs(st.session_state)
    runs = [*filter(None, [pinned]), lab.config]
    visit.look_at(*reversed(runs))
    film, below, place = st.container(), st.container(), st.empty()

    @TURNSTILE
    def grow(waited: bool) -> None:
        shown = stage(lab, runs, visit, waited, panels)
        show_line(shown)
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
        on_stage = [*filter(None, [visit.own_film(pinned)]), own] if own else []
        names = PINNED_AND_NOW if len(on_stage) > 1 else ()
        with st.container(horizontal=True, key="actions"):
            if visit.stopped:
                label, words = actions.GO_ON
                st.button(label, key="go-on", help=words, on_click=visit.go_on)
            buttons(own)
            download([own] if own else [], download_name(lab.config), visit, (), (on_stage, names))
        film_figures(lab, on_stage, names, download_name(lab.config), panels)


def poll_seconds(visit: Visitor[Any]) -> float | None:
    """Returns how often a fragment with :func:`stage` in it must be drawn again; None for never."""
    return POLL_SECONDS if visit.job else None


def stage(
    lab: RunState,
    runs: Sequence[RunConfig],
    visit: Visitor[RunConfig],
    waited: bool,
    panels: str = "run",
    names: Sequence[str] = PINNED_AND_NOW,
) -> FilmRef | None:
    """Mounts the films of runs side by side, the present one last, as far as the others are known. Returns the film
    that is on stage in the last one's place.
    """
    *others, config = runs
    visit.watch(config)
    job = visit.job
    if waited and job is None:
        st.rerun()
    film = visit.film(config)
    if film is not None:
        beside = [visit.own_film(other) for other in others]
        mount_films(lab, [*filter(None, beside), film], panels, names)
    if job is not None:
        progress(job, wait(job.words, job.seconds_left, job.place), "cancel", visit.cancel)
    if visit.trouble:
        st.html(trouble(visit.trouble))
    return film


def mount_films(
    lab: State, films: Sequence[FilmRef], panels: str = "run", names: Sequence[str] = PINNED_AND_NOW
) -> None:
    """Mounts the player with films side by side on one clock, under their names, looked at as the page says."""
    mount(
        [Side(f"lab/film/{film.key}", name) for film, name in zip(films, names, strict=False)],
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


def line_above(lab: State, watch: str, film: FilmRef | None = None) -> str:
    """Returns the line above the stage, to which "Skip to the film" leads: the teacher's question, or what to watch,
    and before that the question of the film, if it is one to open the lab with.
    """
    look = "lab-talking" if lab.talk else "lab-question" if lab.question else "lab-watch"
    if film is not None and lab.is_plain and not lab.question:
        words = opening(film.header, watch)
    else:
        words = escape(lab.question or watch)
    return f'<p class="{look}" id="film" tabindex="-1">{words}</p>'


def above(spec: Spec, lab: State, watch: str) -> None:
    """Draws all that stands above the stage: the question or what to watch, and what is below that line."""
    st.html(line_above(lab, watch))
    below_line(spec, lab)


def below_line(spec: Spec, lab: State) -> None:
    """Draws the knobs of a lesson, and what was refused."""
    sidebar.lesson(spec, lab)
    refusals(spec)


def download(
    films: Sequence[FilmRef],
    name: str,
    visit: Visitor[Any],
    names: Sequence[str] = (),
    tabled: tuple[Sequence[FilmRef], Sequence[str]] | None = None,
) -> None:
    """Draws the button that saves a film, or several side by side under their names, as one file, once there is one and
    nothing grows, and the one that saves their curves, or those of the films and names that are to be `tabled`. A file
    says in its name if it holds only a part.
    """
    part = "-part" if any(film.header["partial"] for film in films) else ""
    st.download_button(
        actions.DOWNLOAD.label,
        data=lambda: _offline(films, names),
        file_name=f"{name}{part}.html",
        mime="text/html",
        on_click="ignore",
        disabled=not films or visit.job is not None,
        help=actions.DOWNLOAD.help,
    )
    save_curves(*(tabled or (films, names)), f"{name}{part}", visit)


def save_curves(films: Sequence[FilmRef], names: Sequence[str], name: str, visit: Visitor[Any] | None = None) -> None:
    """Draws the button that saves the curves of the films on stage as a table, once there are any and nothing grows."""
    st.download_button(
        saving.CURVES.label,
        data=lambda: _table(films, names),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
        disabled=not films or (visit is not None and visit.job is not None),
        help=saving.CURVES.help,
    )


def _table(films: Sequence[FilmRef], names: Sequence[str]) -> str:
    """Returns the curves of films as CSV; where the server has let go of one since it was shown, a line that says
    so.
    """
    kept = [found for film in films if (found := published(film.key))]
    return as_csv(curves_table([Film.from_bytes(found.document) for found in kept], names)) if kept else f"{GONE}\n"


def _offline(films: Sequence[FilmRef], names: Sequence[str]) -> str:
    """Returns films as one HTML file; where the server has let go of one since it was shown, a file that says so."""
    kept = [found for film in films if (found := published(film.key))]
    if len(kept) < len(films):
        return f"<!doctype html><p>{GONE}</p>"
    title = " · ".join(names) if len(films) > 1 else kept[0].ref.header["title"]
    return film_html([found.document for found in kept], title, names)
