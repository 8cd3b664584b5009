"""Bring your own: a file of features on the same stage, measured by the same definitions."""

from __future__ import annotations

from typing import Final

import streamlit as st

from app.blocks.film_stage import save_curves
from app.blocks.paper_figures import film_figures
from app.jobs.question import Asked
from app.jobs.uploads import KIND, UPLOAD_MB, Own, features_in
from app.page.copyable import copyable
from app.page.state import PageState
from app.player.player import Side, mount
from app.views import networks as views
from app.views.lines import film_sentences, paragraphs, trouble
from ulpm_core.networks.config import NetworkConfig

KEY: Final = "own-features"
OWN_NAME: Final = "own-features"
"""How files of what was brought begin."""
NOTHING: Final[tuple[str, Own | None, str]] = ("", None, "")
"""The file that was read last, what it held, and why it was refused."""
WORDS: Final = (
    "Save the last layer of any network, and its film plays here. **H** are its features, **(d, N)** or for T moments"
    " **(T, d, N)**; **labels (N,)** from 0 to K − 1; if you like **W (K, d)** or **(T, K, d)**, the last layer's"
    f" weights, **bias**, **epoch (T,)** and class **names (K,)**. At most {UPLOAD_MB} MB, unpacked too. The file is"
    " read as numbers only, and forgotten when you leave."
)
EXAMPLE: Final = 'numpy.savez("features.npz", H=H, labels=labels, W=W)'


def take_brought() -> Own | None:
    """Takes in the visitor's last good file, read once. Returns what it holds; None after :func:`leave`.

    A new file, good or bad, comes after a moment without any: what was brought stays until then.
    """
    upload, session, asked = st.session_state.get(KEY), st.session_state, Asked.of(st.session_state)
    seen, own, refusal = session.get("own", NOTHING)
    if upload is None:
        refusal = ""
        asked.forget(KIND)
    elif seen != upload.file_id:
        question = features_in(upload, upload.file_id)
        found, refusal = asked.ask(question, patient=True), asked.failure(question)
        if found is not None or refusal:  # and if refused, the last good film stays
            seen, own = upload.file_id, found or own
    session["own"] = seen, own, refusal
    return own


def leave() -> None:
    """Forgets what was brought; a file that is still there is not read again."""
    st.session_state["own"] = st.session_state["own"][0], None, ""


def own_film(own: Own, lab: PageState[NetworkConfig]) -> None:
    """Draws the film of what was brought, and the measurements of its last moment."""
    mount([Side(f"lab/film/{own.film.ref.key}")], talk=lab.talk)
    if lab.talk:
        return
    with st.container(horizontal=True, key="actions"):
        save_curves([own.film.ref], (), OWN_NAME)
    film_figures(lab, [own.film.ref], (), OWN_NAME)
    st.html(paragraphs([*film_sentences(own.film.ref.header), own.unused]))
    closest, figures = st.columns([2, 3])
    digest = own.film.ref.header["digest"]
    closest.html(f"<h2>Closest classes</h2>{views.closest_table(own.recording, digest)}")
    table = views.metrics_table(own.recording, digest)
    figures.html(f"<h2>Figures of the last moment</h2>{table}")


def bring_your_own() -> None:
    """Draws the uploader, and says why a file was refused."""
    with st.expander("Bring your own network", expanded=st.session_state.get(KEY) is not None):
        st.markdown(WORDS)
        copyable(EXAMPLE, key="example", label="the lines for your own training loop")
        st.file_uploader("features.npz", type="npz", key=KEY, max_upload_size=UPLOAD_MB)
        upload, (seen, _, refusal) = st.session_state.get(KEY), st.session_state["own"]
        if upload is not None and seen != upload.file_id:
            st.html(paragraphs(["The file is being measured."]))
        if refusal:
            st.html(trouble(refusal))
