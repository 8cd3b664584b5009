"""The panel that makes figures for a paper of what is on screen: a preview, the files, and the numbers."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from html import escape
from typing import Final, NamedTuple

import streamlit as st

from app.jobs import runs
from app.jobs.films import GONE, FilmRef, published
from app.jobs.landscapes import ground_of
from app.jobs.papers import Drawing, figure_of
from app.jobs.question import Asked, Question
from app.page.look import Look
from app.page.state import State
from app.paper.again import lines_of_films, lines_of_run
from app.paper.looks import WIDTHS
from app.paper.plates import Plate
from app.paper.provenance import Provenance
from app.paper.shows import SHOWS, film_plate, ground_plate, width_of
from app.paper.slices import PLANES
from app.paper.stage import SPACE, VIEWS
from app.tours.moments import Moment
from app.tours.record import Record
from app.views.lines import paragraphs, trouble
from ulpm_core import RunConfig
from ulpm_core.extras import not_installed
from ulpm_core.film.film import Film
from ulpm_core.model.refusal import unfit

TITLE: Final = "Figure for a paper"
MISSING: Final = "Figures need one more package on the server"
WORDS: Final = "Stage and matrix show the moment at which the film stands still, the stage from where you look at it."
DRAWN_SOON: Final = "The figure is being drawn."
MIME: Final = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png", "csv": "text/csv"}
WIDTH_WORDS: Final = {"one-column": "One column, 84 mm", "two-column": "Two columns, 174 mm"}


class Order(NamedTuple):
    """A figure that can be made: `of` what, `key` by which it is known, how it is made, and whether only this visitor
    may see it.
    """

    of: str
    key: str
    make: Callable[[], tuple[Plate, Provenance]]
    private: bool = False


def film_figures(lab: State, films: Sequence[FilmRef], names: Sequence[str], name: str, curves: str = "run") -> None:
    """Draws the panel for films side by side, the present one last, and for the ground around the saddle that it starts
    beside; `curves` is the set that stands beside the stage, and `name` begins the names of the files.
    """
    if not films:
        return
    sets = {"", "figure-2", *(panel["set"] for panel in films[-1].header["panels"])}
    shows = [show for show, found in SHOWS.items() if found.of in ("one", "several") and found.curves in sets]
    shows.sort(key=lambda show: SHOWS[show].curves != curves)
    if isinstance(lab.config, RunConfig) and lab.config.saddle is not None:
        shows += [show for show, found in SHOWS.items() if found.of == "run"]

    def order(show: str) -> Order:
        of, look, plane = " ".join(film.key for film in films), lab.look, lab.choices.get("plane", PLANES[0])
        packed = published(films[-1].key)
        private = packed is not None and packed.private
        if SHOWS[show].of == "run":
            return Order(of, f"{of} {show} {plane}", lambda: _of_ground(show, lab.config, plane))
        seen = f"{look.at} {look.view} {look.camera}" if SHOWS[show].of == "one" else ""
        return Order(of, f"{of} {show} {seen}", lambda: _of_films(show, films, names, look), private)

    figures(lab, shows, order, name)


def figures(lab: State, shows: Sequence[str], order: Callable[[str], Order], name: str) -> None:
    """Draws the panel: what to make, at which width, and the figure that was asked for, as long as it is of what is on
    screen.
    """
    if not lab.is_plain or not shows:
        return  # a class sees what its teacher left it, and a talk the stage alone
    opened = st.expander(TITLE, key="paper", on_change="rerun")
    if not opened.open:
        return
    with opened:
        if missing := not_installed("paper"):
            st.html(paragraphs([f"{MISSING}: {missing}."]))
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            show = st.selectbox("Shows", shows, format_func=lambda each: SHOWS[each].label, key="paper-show", width=230)
            width = st.selectbox("Width", [*WIDTHS], format_func=WIDTH_WORDS.__getitem__, key="paper-width", width=230)
            if st.button("Make the figure", key="paper-make"):
                st.session_state["paper-asked"] = show, order(show), width
        if any(SHOWS[each].of == "one" for each in shows):
            st.caption(WORDS)
        made, wanted, wide = st.session_state.get("paper-asked", ("", None, ""))
        if wanted is not None and made in shows and wanted.of == order(made).of:
            question = figure_of(wanted.key, wanted.make, wide, wanted.private)
            _figure(question, f"{name}-{made}", width_of(wide))


def _figure(question: Question[Drawing], name: str, millimetres: float) -> None:
    """Draws the figure with its files once it is made, and until then that it is being made."""
    asked = Asked.of(st.session_state)
    found = asked.ask(question, patient=True)
    if failure := asked.failure(question):
        st.html(trouble(failure))
    elif found is None:
        st.html(paragraphs([DRAWN_SOON]))
    else:
        picture = b64encode(found.files["png"]).decode()  # as it looks everywhere, whatever letters a machine has
        look = f'class="lab-plate" style="width: {millimetres:g}mm" alt="{escape(found.caption)}"'
        st.html(f'<img {look} src="data:image/png;base64,{picture}">')
        with st.container(horizontal=True, key="paper-files"):
            for kind, mime in MIME.items():
                file = f"{name}.{kind}"
                st.download_button(kind.upper(), found.files[kind], file, mime, key=f"paper-{kind}", on_click="ignore")
        st.caption(found.caption)


def _of_films(show: str, films: Sequence[FilmRef], names: Sequence[str], look: Look) -> tuple[Plate, Provenance]:
    """Makes a figure of films: curves of all of them, what has one moment of the last one, at the moment and from the
    camera that the page's address says.
    """
    kept = [found for film in films if (found := published(film.key))]
    if len(kept) < len(films):
        raise unfit("show", "show is of a film that is no longer kept", GONE.partition(": ")[2].rstrip("."))
    shown = [Film.from_bytes(found.document) for found in kept]
    if SHOWS[show].of == "one":
        shown, names = shown[-1:], ()
    film = shown[-1]
    frame, turns = frame_at(film, look), film.header["axes"] > SPACE
    view = look.view if turns and look.view in VIEWS else ""
    plate = film_plate(show, shown, names, frame, view or "", look.camera)
    choices = {"at": Record.of(film).moment(frame), "view": view, "camera": look.to_link().get("camera")}
    followed = {name: choices[name] for name in SHOWS[show].follows}
    command = lines_of_films(show, [each.header for each in shown], names, followed)
    configs, digests = [each.header["config"] for each in shown], [each.digest for each in shown]
    return plate, Provenance(film.header["title"], plate.caption, command, configs, digests)


def _of_ground(show: str, config: RunConfig, plane: str) -> tuple[Plate, Provenance]:
    """Makes a figure of the ground around a run's saddle, with the run on it where its states are kept."""
    plate = ground_plate(show, ground_of(config, plane == PLANES[0], runs.way_of(config)), config)
    command = lines_of_run(show, config, {"plane": plane})
    return plate, Provenance(SHOWS[show].label, plate.caption, command, [json.loads(config.to_json())], [config.digest])


def frame_at(film: Film, look: Look) -> int:
    """Returns the frame that the address names, the last one where it names none."""
    at = look.to_player().get("at")
    if at is None:
        return int(film.header["frames"]) - 1
    ((clock, value),) = at.items()
    if clock == "share":
        return round(value * (film.header["frames"] - 1))
    return Record.of(film).frame("at", Moment(name=value) if clock == "event" else Moment(clock=clock, value=value))
