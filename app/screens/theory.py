"""Theory: the limit that the theorem is about, the paper's figure with its slopes, and the theorem as figures."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import streamlit as st

from app.blocks.film_stage import above, poll_seconds, stage
from app.jobs.turnstile import TURNSTILE
from app.jobs.visitor import Visitor, of_runs
from app.page import session, share, sidebar
from app.page.fitting import limit_of
from app.page.runs import RUNS
from app.page.state import PageState
from app.views import theory as views
from ulpm_core import RunConfig

THEORY = replace(
    RUNS.with_row("method", matters=lambda run: run.method != "gradient-flow"), screen="theory", shows=limit_of
)
"""The page of a run, narrowed to this screen, which shows the run's limit."""
NAMES = {
    "figure-2": "Figure 2, centred",
    "figure-2-uncentred": "Figure 2, uncentred",
    "theorem": "The theorem",
}
WATCH = {
    "figure-2": "The paper's Figure 2 on its own axes, carried on to the limit: laws in log t are straight lines.",
    "figure-2-uncentred": "The same without centring the classifiers: the lines fall half as steeply.",
    "theorem": "The flow turns towards KKT points of the minimum-norm separation problem: the smallest ‖W‖² + ‖H‖²"
    " with every margin at least 1.",
}


def theory_screen() -> None:
    lab = session.restore(THEORY)
    visit = of_runs(st.session_state)
    sidebar.sidebar(THEORY, lab)
    if not lab.talk and lab.controls is None:
        _curves(lab)
    above(THEORY, lab, WATCH[lab.chosen(THEORY, "curves")])
    visit.look_at(limit_of(lab.config))
    st.fragment(_film, run_every=poll_seconds(visit))(lab, visit, visit.job is not None)
    if not lab.talk:
        with st.expander("What is proved, and what is not"):
            st.html(views.proved())
    if lab.talk:
        share.leave_talk(THEORY, lab)


def _curves(lab: PageState[RunConfig]) -> None:
    st.session_state["curves"] = lab.chosen(THEORY, "curves")
    st.segmented_control(
        "Curves",
        THEORY.choices["curves"],
        key="curves",
        format_func=lambda name: NAMES[name],
        label_visibility="collapsed",
        on_change=session.choose,
        args=(THEORY, "curves"),
    )


def _add_dimension() -> None:
    lab = session.now(THEORY)
    session.change(THEORY, lab, dimension=lab.config.classes)


@TURNSTILE
def _film(lab: PageState[RunConfig], visit: Visitor[RunConfig], waited: bool) -> None:
    config, curves = limit_of(lab.config), lab.chosen(THEORY, "curves")
    film = stage(replace(lab, pinned=None), config, visit, waited, curves)
    if film is None or lab.talk or film.header["theory"] is None:
        return
    said, header = film.header["theory"], film.header
    if curves == "figure-2" and config.dimension == config.classes - 1 and lab.controls is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(f'<p class="lab-sentence">{escape(views.NO_ROOM)}</p>', width="content")
            st.button("One dimension more", key="roomier", on_click=_add_dimension)
    rate, end = header["config"]["learning_rate"], header["clock"]["log_time"][-1]
    if end is None:  # the film has only begun: log 0
        return
    for sentence in header["sentences"]:
        st.html(f'<p class="lab-sentence">{escape(sentence)}</p>')
    if curves == "theorem":
        st.html(f"<h2>The theorem as figures of this run</h2>{views.gauge(said, header['config'], end)}")
    else:
        st.html(f"<h2>Slopes on (log log t, log y)</h2>{views.slopes(said['rates'], said['trap'], curves)}")
    st.html(f"<h2>The clock: steps at rate {rate:g} on the axis of log log t</h2>{views.clock(rate, end)}")
