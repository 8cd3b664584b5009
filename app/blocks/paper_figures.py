"""The panel that makes figures for a paper of what is on screen: a preview, the files, and the numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from app.jobs.films import GONE, FilmRef, published
from app.jobs.papers import Drawing, figure_of
from app.jobs.question import Asked, Question
from app.page.look import Look
from app.page.state import State
from app.paper.looks import WIDTHS
from app.paper.plates import Plate
from app.paper.provenance import Provenance
from app.paper.shows import SHOWS, Camera, film_plate
from app.tours.moments import Moment
from app.tours.record import Record
from app.views.lines import paragraphs, trouble
from ulpm_core.extras import not_installed
from ulpm_core.film.film import Film
from ulpm_core.model.refusal import unfit

TITLE: Final = "Figure for a paper"
MISSING: Final = "Figures need one more package on the server"
WORDS: Final = "The stage and the matrix are of the moment at which the film stands still, seen as you see it."
MIME: Final = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png", "csv": "text/csv"}
WIDTH_WORDS: Final = {"one-column": "One column, 84 mm", "two-column": "Two columns, 174 mm"}
Make = Callable[[], tuple[Plate, Provenance]]


def film_figures(lab: State, films: Sequence[FilmRef], names: Sequence[str], name: str, curves: str = "run") -> None:
    """Draws the panel for films side by side, the present one last; `curves` is the set that stands beside the stage,
    and `name` begins the names of the files.
    """
    if not lab.is_plain or not films:
        return
    header = films[-1].header
    sets = {panel["set"] for panel in header["panels"]} | {"figure-2"}
    shows = [show for show, found in SHOWS.items() if found.of in ("one", "several") and found.curves in (sets | {""})]
    shows.sort(key=lambda show: SHOWS[show].curves != curves)

    def make(show: str) -> tuple[str, Make]:
        look = lab.look
        key = " ".join([*(film.key for film in films), show, *map(str, (look.at, look.view, look.camera))])
        return key, lambda: of_films(show, films, names, look)

    panel(shows, make, name, private=False)


def panel(shows: Sequence[str], make: Callable[[str], tuple[str, Make]], name: str, private: bool) -> None:
    """Draws the panel: what to make, at which width, and the figure that was asked for, as long as it is of what is on
    screen. `make` gives what a figure is known by, and what makes it.
    """
    opened = st.expander(TITLE, key="paper", on_change="rerun")
    if not opened.open:
        return
    with opened:
        if missing := not_installed("paper"):
            st.html(paragraphs([f"{MISSING}: {missing}."]))
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            show = st.selectbox("Shows", shows, format_func=lambda each: SHOWS[each].label, key="paper-show", width=220)
            width = st.selectbox("Width", [*WIDTHS], format_func=WIDTH_WORDS.__getitem__, key="paper-width", width=220)
            if st.button("Make the figure", key="paper-make"):
                st.session_state["paper-asked"] = make(show), show, width
        st.caption(WORDS)
        if (asked := st.session_state.get("paper-asked")) is None:
            return
        (key, making), of, at = asked
        if key.split(" ")[0] != make(of)[0].split(" ")[0]:
            return  # it is of another film than the one on screen
        _made(figure_of(key, making, WIDTHS[at], private), f"{name}-{of}")


def _made(question: Question[Drawing], name: str) -> None:
    """Draws the figure with its files once it is made, and until then that it is being made."""
    asked = Asked.of(st.session_state)
    found = asked.ask(question, patient=True)
    if failure := asked.failure(question):
        st.html(trouble(failure))
    elif found is None:
        st.html(paragraphs(["The figure is being drawn."]))
    else:
        st.image(found.files["svg"].decode(), width="content")
        st.html(paragraphs([found.caption]))
        with st.container(horizontal=True, key="paper-files"):
            for kind, mime in MIME.items():
                label, file = kind.upper(), f"{name}.{kind}"
                st.download_button(label, found.files[kind], file, mime, key=f"paper-{kind}", on_click="ignore")


def of_films(show: str, films: Sequence[FilmRef], names: Sequence[str], look: Look) -> tuple[Plate, Provenance]:
    """Makes a figure of films: curves of all of them, what has one moment of the last one, at the moment and from the
    camera that the page's address says.
    """
    kept = [found for film in films if (found := published(film.key))]
    if len(kept) < len(films):
        raise unfit("show", f"show: {GONE[:-1].lower()}", "make the figure then")
    read = [Film.from_bytes(found.document) for found in kept]
    shown, called = (read, list(names)) if SHOWS[show].of == "several" else (read[-1:], [])
    film = shown[-1]
    camera: Camera | None = look.camera
    view = look.view if look.view in ("first", "polygon") else ""
    plate = film_plate(show, shown, called, frame_at(film, look), view or "", camera)
    configs, digests = [each.header["config"] for each in shown], [each.digest for each in shown]
    return plate, Provenance(film.header["title"], plate.caption, "", configs, digests)


def frame_at(film: Film, look: Look) -> int:
    """Returns the frame that the address names, the last one where it names none."""
    at = look.to_player().get("at")
    if at is None:
        return int(film.header["frames"]) - 1
    ((clock, value),) = at.items()
    if clock == "share":
        return round(value * (film.header["frames"] - 1))
    return Record.of(film).frame("at", Moment(name=value) if clock == "event" else Moment(clock=clock, value=value))
