"""The tour that a visitor writes: kept by her browser, and one scene longer with every click on "Add as scene"."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from app.component.kept import keep
from app.jobs.visitor import Visitor, of_networks, of_runs
from app.page.look import read_look
from app.page.spec import Spec
from app.page.state import State
from app.tours.document import read_with_mistakes
from app.tours.draft import Draft, scene_of
from app.tours.limits import DOCUMENT_BYTES
from app.tours.mistakes import TourError
from ulpm_core.networks.config import NetworkConfig

KEPT: Final = "collapse-lab-own-tour"
"""The name under which a browser keeps the visitor's tour."""
HELP: Final = "Puts what you see into a tour of your own: this run at this moment, from where you look at it."


def draft() -> Draft:
    """Returns the visitor's tour, an empty one where there is none yet."""
    found: Draft = st.session_state.get("draft", Draft())
    return found


def put_draft(changed: Draft) -> None:
    """Makes this the visitor's tour. The one before is kept where scenes have changed."""
    if changed.scenes != draft().scenes:
        st.session_state["draft-before"] = draft()
    st.session_state["draft"] = changed


def draft_before() -> Draft | None:
    """Returns the visitor's tour before the last change of its scenes; None where there was none."""
    found: Draft | None = st.session_state.get("draft-before")
    return found


def put_document(name: str, document: bytes) -> list[str]:
    """Puts a document in the place of the visitor's tour. One in which no scene can be read changes nothing: then
    returns what is wrong with it.
    """
    if (opened := Draft.read(document)).scenes:
        put_draft(opened)
        return []
    return TourError(name, read_with_mistakes(document)[1].found).lines()


def keep_draft() -> None:
    """Has the browser keep the visitor's tour, and takes up what it kept where a tab begins."""
    session = st.session_state
    known: Draft | None = session.get("draft")
    text = None if known is None else known.document() if known.scenes else ""
    found = keep(KEPT, text)
    if known is None and found is not None:
        session["draft"] = Draft.read(found.encode("utf-8", "replace")[: DOCUMENT_BYTES + 1])
        st.rerun()


def add_as_scene(spec: Spec, lab: State) -> None:
    """Draws the button that adds what the screen shows to the visitor's tour, and leads to it once it has scenes."""
    if not lab.is_plain:
        return  # a class sees what its teacher left it, and a talk the stage alone
    with st.sidebar:
        keep_draft()
        st.button("Add as scene", key="add-scene", help=HELP, on_click=_add, args=(spec, lab))
        if count := len(draft().scenes):
            words = f"Your tour: {count} scene{'s' if count > 1 else ''}"
            st.page_link(st.session_state["lessons"], label=words, query_params={"tour": "own"})


def _add(spec: Spec, lab: State) -> None:
    session = st.session_state
    visit: Visitor[Any] = of_networks(session) if isinstance(lab.config, NetworkConfig) else of_runs(session)
    film = visit.own_film(spec.shows(lab.config))
    look = read_look(dict(st.query_params), [])  # the player keeps it current in the address
    put_draft(draft().with_scene(scene_of(spec, lab, look, film.header["clock"] if film else None)))
