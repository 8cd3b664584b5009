"""Rules: four films of one start, each under a rule of its own, on one clock, and what came of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

import streamlit as st

from app.blocks.film_stage import above, download, mount_films, poll_seconds, progress
from app.blocks.paper_figures import film_figures
from app.blocks.presets import preset_of, preset_pills
from app.jobs.films import FilmRef
from app.jobs.runs import LONG_SECONDS
from app.jobs.turnstile import TURNSTILE
from app.jobs.visitor import Visitor, of_runs
from app.page import session, share, sidebar
from app.page.runs import RunState
from app.page.siblings import SIBLINGS_PAGE, names_of, runs_of
from app.screens.rules.controls import parameters, rules
from app.screens.rules.ends import ask_where_classes_merge, what_came_of_it
from app.views import actions
from app.views.lines import trouble
from app.views.siblings import SIBLINGS
from app.views.words import wait
from ulpm_core import ConfigError, RunConfig

WATCH = "One start, four rules, one clock: watch which of them reach the simplex, and which only turn towards it."
NOT_YET = "The four films are on their way."


def rules_screen() -> None:
    lab, visit = session.restore(SIBLINGS_PAGE), of_runs(st.session_state)
    merging = ask_where_classes_merge(lab)
    if lab.is_plain:
        parameters(lab)
    sidebar.sidebar(SIBLINGS_PAGE, lab)
    if lab.is_plain:
        preset_pills(SIBLINGS_PAGE)
        rules(lab, merging)
    preset = preset_of(SIBLINGS_PAGE.presets, lab)
    above(SIBLINGS_PAGE, lab, preset.watch if preset else WATCH)
    runs = _keep_runs(lab)
    visit.look_at(*runs)
    st.fragment(_films, run_every=poll_seconds(visit))(lab, runs, visit, visit.job is not None)
    if lab.talk:
        share.leave_talk(SIBLINGS_PAGE, lab)
        return
    with st.container(horizontal=True, key="actions"):
        if visit.stopped:
            st.button(actions.GO_ON.label, key="go-on", help=actions.GO_ON.help, on_click=visit.go_on)
        films = _begun(runs, visit)
        whole = films if len(films) == len(runs) else []
        download(whole, f"rules-seed-{lab.config.seed}", visit, _labels(lab))
    film_figures(lab, whole, _labels(lab), f"rules-seed-{lab.config.seed}")
    what_came_of_it(lab, runs, visit, merging)


def _keep_runs(lab: RunState) -> list[RunConfig]:
    """Keeps and returns the four runs. Where one cannot be shown this is said, and the last ones that could stay."""
    try:
        runs = runs_of(lab)
    except ConfigError as refusal:
        st.html(trouble(str(refusal)))
        return st.session_state.get("siblings-runs") or runs_of(replace(lab, config=RunConfig(), choices={}))
    st.session_state["siblings-runs"] = runs
    return runs


def _labels(lab: RunState) -> list[str]:
    return [SIBLINGS[name].label for name in names_of(lab)]


def _begun(runs: Sequence[RunConfig], visit: Visitor[RunConfig]) -> list[FilmRef]:
    """Returns the films up to the first that has not begun: a later one would get its letter."""
    return [film for film in takewhile(bool, map(visit.own_film, runs)) if film]


@TURNSTILE
def _films(lab: RunState, runs: Sequence[RunConfig], visit: Visitor[RunConfig], waited: bool) -> None:
    """Mounts the four films once all of them have begun, and until then those before, or on a first visit, if it takes
    long, as many as have begun in their order; says how far they are.
    """
    visit.watch(runs[-1])
    job = visit.job
    if waited and job is None:
        st.rerun()
    films = _begun(runs, visit)
    shown = films, _labels(lab)
    if len(films) == len(runs):
        st.session_state["siblings-films"] = shown
    long = job is not None and job.foretold > LONG_SECONDS  # what is short comes as a whole, and nothing jumps
    kept = st.session_state.get("siblings-films", shown if long else ([], []))
    films, names = shown if films and job is None else kept  # what was cancelled stays as far as it has come
    if films:
        mount_films(lab, films, names=names)
    else:
        st.html(f'<p class="lab-empty">{NOT_YET}</p>')
    if job is not None:
        whole = sum(film is not None and not film.header["partial"] for film in map(visit.own_film, runs))
        words = f"{whole} of {len(runs)} films are whole. {wait(job.words, job.seconds_left, job.place)}"
        progress(job, words, "cancel", visit.cancel)
    if visit.trouble:
        st.html(trouble(visit.trouble))
