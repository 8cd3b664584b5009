"""The sidebar: one widget for each parameter of the page's table, and the state they share with the link."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import streamlit as st

from app import ground, runs
from app.link import KNOBS, PAGE, Lab, at_a_saddle, check_page, read_link, relevant
from app.views.words import WORDS, curvature_words, which_curvature
from ulpm_core import ConfigError, RunConfig
from ulpm_core.model.parameters import RANDOM_STARTS, Value, shown

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
FAMILIES: Final = {"landscape": "saddles", "networks": "networks"}
"""Screens with runs of their own; all others share theirs."""
LARGEST_SEED: Final = 10_000
"""What the dice rolls: short enough to read out in a classroom."""


def restore(screen: str) -> Lab:
    """The state of the page as this run of the script begins: of the link on a first visit and after the Back
    button, else of the widgets and buttons, and then the link follows. Where values clash, the last good state.
    A visitor who comes from another screen brings the state along, or finds there what was left.
    """
    session, link = st.session_state, dict(st.query_params)
    session["clash"] = ""
    came_from = session.get("screen", screen)
    if came_from != screen:
        put(_left_there(screen, came_from))
    session["screen"] = screen
    if "lab" not in session:
        lab, refusals = read_link(link)
        put(lab)
        session["refusals"] = repeated() + refusals
    elif not session.pop("acted", False) and _knobs() == session["knobs"] and link != session["link"]:
        lab, refusals = read_link(link)
        put(session["lab"] if refusals else lab)
        session["refusals"] = refusals
    else:
        try:
            config = check_page(RunConfig.from_mapping(_knobs()))
            if config != session["lab"].config:
                session["refusals"] = []
            session["lab"] = replace(session["lab"], config=config)
        except ConfigError as refusal:
            session["clash"] = str(refusal)
    if screen == "landscape" and session["lab"].config.saddle is None:
        said = session["refusals"]
        put(replace(session["lab"], config=at_a_saddle(session["lab"].config)))
        session["refusals"] = said
    session.pop("acted", None)
    session["knobs"] = _knobs()
    write_link(session["lab"])
    return session["lab"]


def _left_there(screen: str, came_from: str) -> Lab:
    """The state that a screen with runs of its own was left in; else the one that is brought along."""
    session = st.session_state
    family, before = (FAMILIES.get(name, "runs") for name in (screen, came_from))
    left: dict[str, Lab] = session.setdefault("left", {})
    left[before] = session["lab"]
    return left.get(family, replace(session["lab"], config=RunConfig(), pinned=None))


def step_aside(screen: str) -> bool:
    """Keeps the state of the screen before for one whose state is no run of the model; whether there was one."""
    session = st.session_state
    came_from = session.get("screen", screen)
    if "lab" not in session:
        put(Lab())
        session["refusals"] = []
    elif came_from != screen:
        leave_for(came_from, session["lab"])
    session["screen"] = screen
    return bool(came_from != screen)


def leave_for(screen: str, lab: Lab) -> None:
    """Makes this the state that a screen of another family will be found in."""
    st.session_state.setdefault("left", {})[FAMILIES.get(screen, "runs")] = lab


def repeated() -> list[str]:
    """A sentence for each key that the link holds more than once."""
    values = {name: st.query_params.get_all(name) for name in st.query_params}
    return [
        f"{shown(name)} stands {len(found)} times in the link: use it once, like {shown(name)}={shown(found[-1])}."
        for name, found in values.items()
        if len(found) > 1
    ]


def put(lab: Lab) -> None:
    """Makes this the state of the page: the widgets read it when they are drawn next."""
    if "lab" in st.session_state and lab.config != st.session_state["lab"].config:
        st.session_state["refusals"] = []
    st.session_state["lab"] = lab
    st.session_state["acted"] = True  # the browser's link may lag behind: it is not a wish to go back
    st.session_state.update(_values(lab.config))


def write_link(lab: Lab) -> None:
    """The address bar shows the state."""
    link = lab.to_link()
    if dict(st.query_params) != link:
        st.query_params.from_dict(link)
    st.session_state["link"] = link


def _values(config: RunConfig) -> dict[str, Value]:
    return {name: getattr(config, name) for name in KNOBS}


def _knobs() -> dict[str, Value]:
    """The values of the widgets; one that was hidden has forgotten its own, and a choice that is gone is in words."""
    known = _values(st.session_state["lab"].config)
    knobs: dict[str, Value] = {name: st.session_state.get(name, value) for name, value in known.items()}
    return knobs | {"push_along": which_curvature(knobs["push_along"])}


def sidebar(lab: Lab, config: RunConfig, hidden: tuple[str, ...] = ()) -> None:
    """Every knob that this link leaves visible and that changes something in the run shown."""
    for name, value in _knobs().items():
        st.session_state.setdefault(name, value)
    asked = KNOBS if lab.controls is None else lab.controls
    visible = [name for name in asked if name not in hidden and relevant(name, config)]
    for name in (name for name in visible if name not in ADVANCED):
        _WIDGETS[name](name)
    rest = [name for name in visible if name in ADVANCED]
    if rest:
        with st.expander("Advanced"):
            for name in rest:
                _WIDGETS[name](name)


def _slider(name: str) -> None:
    p = PAGE[name]
    st.slider(p.label, int(p.low), int(p.high), key=name, help=p.help)


def _number(name: str) -> None:
    p = PAGE[name]
    st.number_input(p.label, p.kind(p.low), p.kind(p.high), key=name, help=p.help)


def _choice(name: str) -> None:
    p = PAGE[name]
    st.selectbox(p.label, p.choices, key=name, help=p.help, format_func=lambda choice: WORDS[choice])


def _start(name: str) -> None:
    """The random starts; saddles are chosen from their gallery, and stand here only where a link brought one."""
    p, now = PAGE[name], st.session_state[name]
    choices = [choice for choice in p.choices if choice in RANDOM_STARTS or choice == now]
    st.selectbox(p.label, choices, key=name, help=p.help, format_func=lambda choice: WORDS[choice])


def _push_along(name: str) -> None:
    """At random, or along one of the curvatures of the saddle shown."""
    p, values = PAGE[name], ground.landscape_of(st.session_state["lab"].config).eigenvalues
    now = st.session_state[name] = which_curvature(st.session_state[name])
    options = sorted({*range(min(len(values), int(p.high)) + 1), now})
    words = {which: curvature_words(which, values) for which in options}
    st.selectbox(p.label, options, key=name, help=p.help, format_func=lambda which: words[which])


def _ladder(name: str) -> None:
    p = PAGE[name]
    rungs = sorted({p.kind(rung) for rung in LADDERS[name]} | {st.session_state[name]})
    st.select_slider(p.label, rungs, key=name, help=p.help, format_func=_rung)


def _rung(value: float) -> str:
    return f"{value:,.10g}" if value >= 1000 else f"{value:g}"


def _learning_rate(name: str) -> None:
    """The ladder, and under it its largest stable rung: a rung's own words may not change while a person turns it."""
    _ladder(name)
    config, rate = st.session_state["lab"].config, st.session_state[name]
    limit, largest = runs.stability_limit_of(config), runs.largest_stable(config, LADDERS[name])
    sure = "a step has a fixed length" if math.isinf(limit) else f"sure up to {limit:.2g}"
    if largest is None:
        st.caption(f"No rate of the ladder is stable for this run ({sure}).")
    else:
        beyond = f"**{_rung(rate)} is beyond it.** " if rate > max(limit, largest) else ""
        st.caption(f"{beyond}Largest stable: **{_rung(largest)}** ({sure})")


def _seed(name: str) -> None:
    p = PAGE[name]
    number, dice = st.columns([2, 1], vertical_alignment="bottom")
    with number:
        st.number_input(p.label, int(p.low), int(p.high), key=name, help=p.help)
    with dice:
        words = "Roll the dice: another random start."
        st.button("Dice", on_click=roll_the_dice, help=words, key="dice", width="stretch")


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
