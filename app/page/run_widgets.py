"""Widgets of a run's knobs that show more than a value: which rates are stable, random starts, curvatures, and dice for
a seed.
"""

from __future__ import annotations

import math
import secrets
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.jobs import landscapes, stability
from app.jobs.question import Asked
from app.page.session import knob_now, now
from app.page.spec import Row, Spec, Widget
from app.page.widgets import LADDER, NUMBER, rung_words, select
from app.views import actions
from app.views.words import curvature_words, which_curvature
from ulpm_core.model.parameters import RANDOM_STARTS

LARGEST_SEED: Final = 10_000
"""Largest seed that the dice roll: short enough to read out in a classroom."""


def _start(spec: Spec, knob: Row) -> None:
    """Draws the menu of random starts. Saddles are chosen from their gallery, and stand here only where a link brought
    one.
    """
    shown = {*RANDOM_STARTS, knob_now(spec, knob.name)}
    select(spec, knob, [choice for choice in knob.parameter.choices if choice in shown], knob.words)


def _push_along(spec: Spec, knob: Row) -> None:
    """Draws the menu of pushes: a random one, or one along each of the curvatures of the saddle shown."""
    found = Asked.of(st.session_state).ask(landscapes.landscape_of(now(spec).config))
    values = None if found is None else found.eigenvalues
    here, key = knob_now(spec, knob.name), spec.prefix + knob.name
    if key in st.session_state:
        st.session_state[key] = here
    last = min(1 if values is None else len(values), int(knob.parameter.high))
    options = sorted({*range(last + 1), here})
    select(spec, knob, options, {which: curvature_words(which, values) for which in options})


def _learning_rate(spec: Spec, knob: Row) -> None:
    """Draws the ladder of rates, and under it the largest stable one: a rung's own words may not change while a person
    turns it.

    Where that takes longer than a blink, the words of the run before stand there until :func:`say_what_is_late`.
    """
    LADDER.draw(spec, knob)
    session, rate = st.session_state, st.session_state[spec.prefix + knob.name]
    question = stability.stability(now(spec).config, knob.ladder)
    place, found = st.empty(), Asked.of(session).ask(question, again=False)
    if found is None:
        session["late"] = place, rate, question
        place.caption(session.get("stable", ""))
    else:
        _say_what_is_stable(place, rate, found)


def say_what_is_late() -> None:
    """Ends a page whose film is drawn: fills in under the knobs what was not known when they were drawn, if it is by
    now.
    """
    if late := st.session_state.pop("late", None):
        place, rate, question = late
        if found := Asked.of(st.session_state).ask(question, patient=True):
            _say_what_is_stable(place, rate, found)


def _say_what_is_stable(place: DeltaGenerator, rate: float, found: stability.Stability) -> None:
    limit, largest = found
    words = "No rate of the ladder is stable for this run."
    if largest is not None:
        words = f"Largest stable: **{rung_words(largest)}**" + " (a step has a fixed length)" * math.isinf(limit)
        if rate > max(limit, largest):
            words = f"**{rung_words(rate)} is beyond it.** {words}"
    st.session_state["stable"] = words
    place.caption(words)


def _seed(spec: Spec, knob: Row) -> None:
    def roll() -> None:
        st.session_state[spec.prefix + knob.name] = secrets.randbelow(LARGEST_SEED)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        NUMBER.draw(spec, knob)
        st.button(actions.DICE.label, on_click=roll, help=actions.DICE.help, key="dice")


LEARNING_RATE: Final = Widget(_learning_rate)
START: Final = Widget(_start)
PUSH_ALONG: Final = Widget(_push_along, value=which_curvature)
SEED: Final = Widget(_seed)
