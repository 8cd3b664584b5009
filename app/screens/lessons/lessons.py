"""Lessons: tours to take, to open a room on, and to write."""

from __future__ import annotations

import re
from html import escape
from typing import Final, Literal

import streamlit as st

from app.blocks.tour_stage import tour_stage
from app.screens.lessons.own_tour import OWN, own_tour
from app.tour_player.published import tour_key
from app.tours.document import document_in
from app.tours.mistakes import TourError
from app.tours.shelf import Cover, Shelf, tour_folders
from app.tours.shipped import BEYOND, DECK, FIRST, LESSONS, SHIPPED
from app.views.lines import paragraphs, trouble
from ulpm_core import ConfigError
from ulpm_core.model.refusal import refuse

ABOUT: Final = (
    "A lesson asks before it shows: you predict, and then the run decides. Its numbers are those of the films beside"
    " them."
)
TEACHER: Final = "teacher"
"""The value of `page` in a link that leads to the page for whoever teaches a tour."""
TAUGHT: Final = "Aims, timing, the wrong answers to expect and what to say, to be read or printed."
MARKS: Final = re.compile(r"[!-/:-@\[-`{-~]")
"""Finds the characters that Markdown may read as markup, and shows as they are behind a backslash."""
GROUPS: Final = {
    "To begin with": (FIRST,),
    "One class, in six lessons": LESSONS,
    "What is disputed": BEYOND,
    "For a talk": (DECK,),
}
"""The shipped tours, by what they are for."""


def lessons_screen() -> None:
    tour = st.query_params.get("tour", "")
    with st.sidebar:
        st.caption(ABOUT)
    if tour == OWN:
        own_tour()
        return
    shelf = Shelf(tour_folders())
    if not tour:
        _list(shelf)
    elif st.query_params.get("page") == TEACHER and (page := shelf.teachers_page(tour)):
        st.button("All lessons", key="all-lessons", on_click=st.query_params.clear)
        st.markdown(document_in(page).decode("utf-8-sig", "replace"))
    elif shelf.path(tour):
        _play(shelf, tour)
    else:
        known = [cover.tour for cover in shelf.covers()]
        st.html(trouble(str(refuse("tour", tour, "is no tour of this lab", f"one of {', '.join(known)}", known[0]))))
        _list(shelf)


def _list(shelf: Shelf) -> None:
    """Draws all tours, each with a button that begins it, and one to its page for a teacher."""
    covers = shelf.covers()
    others = [cover.tour for cover in covers if cover.tour not in SHIPPED]
    by_name = {cover.tour: cover for cover in covers}
    for title, names in {**GROUPS, "Of this server": tuple(others)}.items():
        if listed := [by_name[name] for name in names if name in by_name]:
            st.html(f"<h2>{escape(title)}</h2>")
            for cover in listed:
                _row(cover, taught=shelf.teachers_page(cover.tour) is not None)
    st.html("<h2>Your own</h2>" + paragraphs(["Write a tour by clicking, or open a document that you have."]))
    st.button("Write a tour", key="write-tour", on_click=_choose, args=(OWN,))


def _row(cover: Cover, taught: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"tour-{cover.tour}"):
        about = f"{cover.minutes} minutes" + (f", for {cover.audience}" if cover.audience else "")
        st.html(
            f'<p class="lab-cover"><b>{escape(cover.title)}</b><br><span>{escape(about)}</span></p>', width="stretch"
        )
        if taught:
            st.button(
                _named("For the teacher", cover),
                key=f"teach-{cover.tour}",
                help=TAUGHT,
                on_click=_choose,
                args=(cover.tour, TEACHER),
            )
        kind: Literal["primary", "secondary"] = "primary" if cover.tour == FIRST else "secondary"
        st.button(_named("Begin", cover), key=f"begin-{cover.tour}", type=kind, on_click=_choose, args=(cover.tour,))


def _named(label: str, cover: Cover) -> str:
    """Returns the label of a button as Markdown, with the tour beside which it stands: that is only read aloud, and
    lab.css keeps it from sight.
    """
    title = MARKS.sub(r"\\\g<0>", cover.title)
    return f"{label} *{title}*"


def _choose(tour: str, page: str = "") -> None:
    st.query_params.from_dict({"tour": tour} | ({"page": page} if page else {}))


def _play(shelf: Shelf, tour: str) -> None:
    """Plays a tour of the shelf; where its document has mistakes, says them."""
    st.button("All lessons", key="all-lessons", on_click=st.query_params.clear)
    try:
        source = shelf.source(tour) or ""
        read = shelf.read(source, tour)
    except TourError as error:
        for line in error.lines():
            st.html(trouble(line))
    except ConfigError as refusal:
        st.html(trouble(str(refusal)))
    else:
        st.html('<i class="lab-lesson" hidden></i>')  # the stage has all the room: the sidebar would take a quarter
        tour_stage(read, tour_key(source, tour))
