"""Many starts: hundreds of random starts at once, with room and without; a click on one opens its film."""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.blocks.film_stage import POLL_SECONDS, progress
from app.blocks.on_request import offer, open_film
from app.figure.figure import figure
from app.jobs import ensembles
from app.jobs.turnstile import TURNSTILE
from app.jobs.visitor import of_runs
from app.page.runs import RUNS, RunState
from app.views import landscape as views
from app.views.lines import paragraphs
from app.views.starts import Group, sentences, starts_figure
from app.views.texts import words_of
from ulpm_core import RunConfig

Pair = tuple[RunConfig, RunConfig]
"""Two groups of starts: with room to spare, and with just enough."""


def many_starts(lab: RunState) -> None:
    """Draws hundreds of random starts, with room and without; a click on one opens its film."""
    configs, visitor = ensembles.roomy_and_tight(lab.config), of_runs(st.session_state).visitor
    st.html(f"<h2>Many starts</h2>{views.step(views.MANY)}")
    job = ensembles.under_way(configs, visitor)
    st.fragment(_starts, run_every=POLL_SECONDS if job else None)(lab, configs, visitor, job is not None)


@TURNSTILE
def _starts(lab: RunState, configs: Pair, visitor: str, waited: bool) -> None:
    groups, job = ensembles.starts_of(configs), ensembles.under_way(configs, visitor)
    if waited != (job is not None):  # how often a fragment is drawn again, only the whole page decides
        st.rerun()
    if groups is not None:
        _shown(lab, configs, groups)
    elif job is not None:
        job.watch(visitor)
        progress(job, job.words, "cancel-starts", job.leave, visitor)
    else:
        roomy, tight = (f"in d = {config.dimension}" for config in configs)
        words = f"Follow {ensembles.RUNS} starts {roomy} and {ensembles.RUNS} {tight}"
        too_long = ensembles.seconds_of(configs) > RUNS.seconds / 10
        offer("starts", words, ensembles.key_of(configs), too_long, lambda: ensembles.start(configs, visitor))


def _shown(lab: RunState, configs: Pair, groups: tuple[Group, ...]) -> None:
    """Draws both groups, and a field for the seed of a start: a keyboard has no click."""
    said = sentences(groups, partial(ensembles.run_of, configs))
    count, (roomy, tight) = ensembles.RUNS, [group.name for group in groups]
    last = 2 * count - 1
    label = " ".join(["The margin of every start against log time.", *map(words_of, said)])
    picked = figure(starts_figure(groups, configs[0].classes), key="starts-figure", label=label, height=420).picked
    st.html(paragraphs(said))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = f"0 to {count - 1} are the starts of {roomy}, {count} to {last} of {tight}."
        seed = st.number_input("Seed of a start", 0, last, count, key="start-seed", help=words, width=180)
        if st.button("Open its film", key="open-start"):
            picked = seed
    if picked is not None:
        open_film(lab, ensembles.run_of(configs, int(picked)))
