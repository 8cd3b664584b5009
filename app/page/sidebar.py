"""The knobs: one widget for each parameter of the page's table, in the sidebar or, of a lesson, over its film."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st

from app.jobs import landscapes, stability
from app.page.link import KNOBS, PAGE, Lab, relevant
from app.page.state import knob_now, knobs_now
from app.views.words import WORDS, curvature_words
from ulpm_core import RunConfig
from ulpm_core.model.parameters import RANDOM_STARTS

ADVANCED: Final = ("momentum", "fast_forward", "tolerance", "loss_reduction", "snapshots", "device")
LADDERS: Final[dict[str, tuple[float, ...]]] = {
    "learning_rate": (*(float(f"{m}e{e}") for e in range(-3, 2) for m in (1, 2, 5)), 100.0),
    "steps": (10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000),
    "margin": (0.01, 0.1, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 50.0),
    "push": (0.0, 1e-4, 1e-3, 0.003, 0.01, 0.03, 0.1, 0.2, 0.5, 1.0),
    "initial_scale": (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
    "log_time": (3.0, 10.0, 30.0, 100.0, 300.0, 690.0, 1000.0, 1e4, 1e5, 1e6, 1e8),
    "fast_forward": (0.0, 30.0, 100.0, 300.0, 690.0, 1000.0, 1e4, 1e5, 1e6, 1e8),
    "tolerance": (*(float(f"1e{e}") for e in range(-12, -3)), 1e-3),
}
"""Round values to choose from; a link may hold others, and then they stand on the ladder too."""
BLINK: Final = 0.02
"""Seconds that a page waits for what only a knob's words need."""
LARGEST_SEED: Final = 10_000
"""What the dice rolls: short enough to read out in a classroom."""


def sidebar(lab: Lab, config: RunConfig, hidden: tuple[str, ...] = ()) -> None:
    """Every knob that changes something in the run shown. The few that a link leaves stand over its film."""
    if lab.controls is not None:
        return
    visible = _visible(KNOBS, config, hidden)
    if config.class_sizes:
        st.caption(f"Class sizes {', '.join(map(str, config.class_sizes))}, from the link")
    for name in (name for name in visible if name not in ADVANCED):
        _WIDGETS[name](name)
    rest = [name for name in visible if name in ADVANCED]
    if rest:
        with st.expander("Advanced"):
            for name in rest:
                _WIDGETS[name](name)
    _take_what_came_along()


def lesson(lab: Lab, config: RunConfig, hidden: tuple[str, ...] = ()) -> None:
    """The few knobs that a link leaves visible, side by side over the film: on a phone the sidebar would cover it."""
    visible = _visible(lab.controls or (), config, hidden)
    if visible and not lab.talk:
        with st.container(horizontal=True, key="lesson"):
            for name in visible:
                with st.container():
                    _WIDGETS[name](name)
        _take_what_came_along()


def _visible(names: tuple[str, ...], config: RunConfig, hidden: tuple[str, ...]) -> list[str]:
    return [name for name in names if name not in hidden and relevant(name, config)]


def _take_what_came_along() -> None:
    """A tab that outlives its session sends a turned knob to one that knew none of its knobs before they were drawn."""
    if knobs_now() != st.session_state["knobs"]:
        st.rerun()


def _unless_put(name: str, **first: Any) -> dict[str, Any]:
    """What a widget begins with where no value was put for it; what a tab sends along is stronger than that."""
    return {} if name in st.session_state else first


def _slider(name: str) -> None:
    p = PAGE[name]
    first = _unless_put(name, value=knob_now(name))
    st.slider(p.label, int(p.low), int(p.high), key=name, help=p.help, **first)


def _number(name: str) -> None:
    """Without the range: Streamlit's own refusal is a red box without words."""
    p = PAGE[name]
    step, shape = (1, "%d") if p.kind is int else (0.01, "%g")
    first = _unless_put(name, value=knob_now(name))
    st.number_input(p.label, key=name, help=p.help, step=step, format=shape, **first)


def _choice(name: str) -> None:
    _select(name, PAGE[name].choices, lambda choice: WORDS[choice])


def _start(name: str) -> None:
    """The random starts; saddles are chosen from their gallery, and stand here only where a link brought one."""
    now = knob_now(name)
    choices = [choice for choice in PAGE[name].choices if choice in RANDOM_STARTS or choice == now]
    _select(name, choices, lambda choice: WORDS[choice])


def _push_along(name: str) -> None:
    """At random, or along one of the curvatures of the saddle shown."""
    values = landscapes.landscape_of(st.session_state["lab"].config).eigenvalues
    now = knob_now(name)
    if name in st.session_state:
        st.session_state[name] = now
    options = sorted({*range(min(len(values), int(PAGE[name].high)) + 1), now})
    words = {which: curvature_words(which, values) for which in options}
    _select(name, options, lambda which: words[which])


def _select(name: str, options: Sequence[Any], words: Callable[[Any], str]) -> None:
    p = PAGE[name]
    first = _unless_put(name, index=options.index(knob_now(name)))
    st.selectbox(p.label, options, key=name, help=p.help, format_func=words, **first)


def _ladder(name: str) -> None:
    p, now = PAGE[name], knob_now(name)
    rungs = sorted({p.kind(rung) for rung in LADDERS[name]} | {now})
    st.select_slider(p.label, rungs, key=name, help=p.help, format_func=_rung, **_unless_put(name, value=now))


def _rung(value: float) -> str:
    return f"{value:,.10g}" if value >= 1000 else f"{value:g}"


def _learning_rate(name: str) -> None:
    """The ladder, and under it its largest stable rung: a rung's own words may not change while a person turns it.

    Where that takes longer than a blink, the words of the run before stand there until :func:`say_what_is_late`.
    """
    _ladder(name)
    session, rate = st.session_state, st.session_state[name]
    found = stability.stability(session["lab"].config, LADDERS[name])
    place = st.empty()
    try:
        session["stable"] = _stable_words(rate, found.result(BLINK))
    except TimeoutError:
        session["late"] = place, rate, found
    place.caption(session.get("stable", ""))


def say_what_is_late() -> None:
    """Ends a page whose film is drawn: says what the knobs could not say yet."""
    if late := st.session_state.pop("late", None):
        place, rate, found = late
        st.session_state["stable"] = words = _stable_words(rate, found.result())
        place.caption(words)


def _stable_words(rate: float, found: stability.Stability) -> str:
    limit, largest = found
    if largest is None:
        return "No rate of the ladder is stable for this run."
    beyond = f"**{_rung(rate)} is beyond it.** " if rate > max(limit, largest) else ""
    return f"{beyond}Largest stable: **{_rung(largest)}**" + " (a step has a fixed length)" * math.isinf(limit)


def _seed(name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _number(name)
        words = "Roll the dice: another random start."
        st.button("Dice", on_click=roll_the_dice, help=words, key="dice")


def roll_the_dice() -> None:
    st.session_state["seed"] = secrets.randbelow(LARGEST_SEED)


_WIDGETS: Final[dict[str, Callable[[str], None]]] = {
    "classes": _slider,
    "dimension": _slider,
    "per_class": _slider,
    "learning_rate": _learning_rate,
    "method": _choice,
    "steps": _ladder,
    "log_time": _ladder,
    "fast_forward": _ladder,
    "initialisation": _start,
    "margin": _ladder,
    "push": _ladder,
    "push_along": _push_along,
    "initial_scale": _ladder,
    "seed": _seed,
    "tolerance": _ladder,
    "momentum": _number,
    "loss_reduction": _choice,
    "snapshots": _number,
    "device": _choice,
}
