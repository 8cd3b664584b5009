"""A tour of one's own: scenes that were added on the other screens, in one's own words and order."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from app.blocks.draft import draft, draft_before, keep_draft, put_document, put_draft
from app.blocks.tour_stage import tour_stage
from app.tour_player.data import tour_data
from app.tour_player.offline import tour_html
from app.tour_player.published import tour_key
from app.tours.document import Tour
from app.tours.draft import NEW, Draft
from app.tours.limits import DOCUMENT_BYTES
from app.tours.made import FilmMaker
from app.views.lines import paragraphs, trouble

OWN: Final = "own"
"""The value of `tour` in a link that stands for the tour of one's own."""
HOW: Final = (
    "On any screen, **Add as scene** takes what you see: the run, its moment, the camera. Here you give it words and a"
    " question, and put the scenes in order. Your browser keeps the tour; download it to have it elsewhere."
)
UNDO: Final = "Takes back the last change of scenes; once more brings it back."
QUESTION: Final = """
```question
What will happen?
- This
* That, which is right
Because the run says so.
```
"""
"""A question to be filled in."""


def own_tour() -> None:
    keep_draft()
    mine = draft()
    st.button("All lessons", key="all-lessons", on_click=st.query_params.clear)
    st.markdown(HOW)
    st.file_uploader("Open a document", type="md", key="document", on_change=_open, max_upload_size=1)
    for sentence in st.session_state.get("unopened", ()):
        st.html(trouble(sentence))
    mine = _put_head(mine)
    tour, whole, wrong = mine.checked()
    for sentence in whole if mine.scenes else ():
        st.html(trouble(sentence))
    for at, text in enumerate(mine.scenes):
        _scene(mine, at, text, wrong.get(at, []))
    with st.container(horizontal=True):
        st.button("Add a scene without a film", key="new-scene", on_click=put_draft, args=(mine.with_scene(NEW),))
        if before := draft_before():
            st.button("Undo", key="undo", help=UNDO, on_click=put_draft, args=(before,))
    if mine.scenes:
        _hand_out(mine, None if whole or wrong else tour)


def _open() -> None:
    upload = st.session_state["document"]
    if upload is not None:
        st.session_state["unopened"] = put_document(upload.name, upload.read(DOCUMENT_BYTES + 1))


def _put_head(mine: Draft) -> Draft:
    """Draws what the head says, takes in what was written there, and returns the draft with it."""
    title, minutes, audience = st.columns([5, 1, 5])
    changed = Draft(
        title.text_input("Title", mine.title),
        minutes.text_input("Minutes", mine.minutes),
        audience.text_input("For whom", mine.audience),
        mine.scenes,
    )
    if changed != mine:
        put_draft(changed)
    return changed


def _scene(mine: Draft, at: int, text: str, wrong: list[str]) -> None:
    """Draws one scene, to be written, moved and taken out."""
    title = text.partition("\n")[0].lstrip("# ") or "A scene"
    with st.expander(f"{at + 1}. {title}", expanded=bool(wrong) or at == len(mine.scenes) - 1):
        key = f"scene-{at}-{hash(text)}"
        st.text_area("Words, film and question", text, 260, key=key, on_change=_write, args=(mine, at, key))
        for sentence in wrong:
            st.html(trouble(sentence))
        with st.container(horizontal=True):
            for label, by in (("Up", -1), ("Down", 1)):
                ends = not 0 <= at + by < len(mine.scenes)
                st.button(label, key=f"{label}-{at}", disabled=ends, on_click=put_draft, args=(mine.moved(at, by),))
            asked = mine.changed(at, text.rstrip("\n") + "\n" + QUESTION)
            st.button("Add a question", key=f"ask-{at}", on_click=put_draft, args=(asked,))
            st.button("Take out", key=f"out-{at}", on_click=put_draft, args=(mine.without(at),))


def _write(mine: Draft, at: int, key: str) -> None:
    put_draft(mine.changed(at, st.session_state[key]))


def _hand_out(mine: Draft, tour: Tour | None) -> None:
    """Draws the buttons that save the tour and play it, which is None where something in it is refused."""
    document = mine.document()
    with st.container(horizontal=True):
        st.download_button("Download the document", document, "tour.md", "text/markdown", on_click="ignore")
        if tour:
            page = partial(_page, tour)
            st.download_button("Download as a page", page, "tour.html", "text/html", on_click="ignore")
            st.toggle("Play it here", key="play-own")
    if not tour:
        st.html(paragraphs(["The tour plays once nothing above is refused."]))
    elif st.session_state.get("play-own"):
        tour_stage(tour, tour_key(document, ""), leads_to_lab=False)


def _page(tour: Tour) -> str:
    return tour_html(tour_data(tour, FilmMaker().take))
