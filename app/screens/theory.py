"""Theory: the limit that the theorem is about, the paper's figure with its slopes, and the theorem as figures."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.blocks.choice import choice
from app.blocks.draft import add_as_scene
from app.blocks.film_stage import above, poll_seconds, save_curves, stage
from app.blocks.paper_figures import film_figures
from app.jobs.turnstile import TURNSTILE
from app.jobs.visitor import Visitor, of_runs
from app.page import session, share, sidebar
from app.page.derived import OF_SIZES
from app.page.facts import BY_STEPS
from app.page.fitting import limit_of
from app.page.runs import RUNS, RunState
from app.views import theory as views
from app.views.lines import film_sentences, paragraphs
from app.views.words import download_name
from ulpm_core import RunConfig
from ulpm_core.claims.in_a_film import flow_claims

THEORY = replace(RUNS.with_row("method", matters=BY_STEPS), screen="theory", shows=limit_of, derived=OF_SIZES)
"""The page of a run, narrowed to this screen, which shows the run's limit."""
WATCH = {
    "figure-2": "The paper's Figure 2 on its own axes, carried on to the limit: laws in log t are straight lines.",
    "figure-2-uncentred": "The same without centring the classifiers: the lines fall half as steeply.",
    "theorem": "The flow turns towards KKT points of the minimum-norm separation problem: the smallest ‖W‖² + ‖H‖²"
    " with every margin at least 1.",
}
OF_THE_MODEL = "That limit is of cross-entropy alone: what else this run minimises is left out here."


def theory_screen() -> None:
    lab, visit = session.restore(THEORY), of_runs(st.session_state)
    sidebar.sidebar(THEORY, lab)
    add_as_scene(THEORY, lab)
    if lab.is_plain:
        choice(st.segmented_control, "Curves", THEORY, "curves", label_visibility="collapsed")
    config, curves = limit_of(lab.config), lab.chosen(THEORY, "curves")
    above(THEORY, lab, WATCH[curves] if lab.config.is_ulpm else f"{WATCH[curves]} {OF_THE_MODEL}")
    visit.look_at(config)
    st.fragment(_film, run_every=poll_seconds(visit))(lab, config, curves, visit, visit.job is not None)
    if lab.talk:
        share.leave_talk(THEORY, lab)
    else:
        own, name = visit.own_film(config), download_name(config)
        with st.container(horizontal=True, key="actions"):
            save_curves([own] if own else [], (), name, visit)
        film_figures(lab, [own] if own else [], (), name, curves)
        with st.expander("What is proved, and what is not"):
            st.html(views.proved())


@TURNSTILE
def _film(lab: RunState, config: RunConfig, curves: str, visit: Visitor[RunConfig], waited: bool) -> None:
    film = stage(lab, [config], visit, waited, curves)
    if film is None or lab.talk or film.header["theory"] is None:
        return
    said, header = film.header["theory"], film.header
    if curves == "figure-2" and config.dimension == config.classes - 1 and lab.controls is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(paragraphs([views.NO_ROOM]), width="content")
            room = {"dimension": config.classes}
            st.button("One dimension more", key="roomier", on_click=session.change, args=(THEORY, lab), kwargs=room)
    rate, end = header["config"]["learning_rate"], header["clock"]["log_time"][-1]
    if end is None:  # the film has only begun: log 0
        return
    for sentence in film_sentences(header):
        st.html(paragraphs([sentence]))
    claims = flow_claims(header)
    if curves == "theorem":
        st.html(f"<h2>The theorem as figures of this run</h2>{views.gauge(header, end, claims)}")
    else:
        slopes = views.slopes(said["rates"], said["trap"], curves, claims)
        st.html(f"<h2>Slopes on (log log t, log y)</h2>{slopes}")
    st.html(f"<h2>The clock: steps at rate {rate:g} on the axis of log log t</h2>{views.clock(rate, end)}")
