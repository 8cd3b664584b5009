"""The state of a page, which its link, its knobs and its buttons share; a visitor finds it again on every screen."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import streamlit as st

from app.page.fitting import at_a_saddle, turned
from app.page.link import KNOBS, Lab, read_link
from app.page.look import LOOK_KEYS, read_look
from app.views.words import which_curvature
from ulpm_core import ConfigError, RunConfig
from ulpm_core.model.parameter import Value
from ulpm_core.model.refusal import shown

FAMILIES: Final = {"landscape": "saddles", "networks": "networks"}
"""Screens with runs of their own; all others share theirs."""


UNDER_WAY_SECONDS: Final = 2.0
"""A message of a browser may arrive and have its turn so much later; no person turns a knob back so soon."""


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
        session["lab"], refusals = read_link(link)  # its knobs are not put: a tab may have brought newer ones
        session["refusals"] = repeated() + refusals
    elif not (session.pop("acted", False) or knobs_now() != session["knobs"] or same_run(link, session["link"])):
        lab, refusals = read_link(link)
        put(session["lab"] if refusals else lab)
        session["refusals"] = refusals
    else:
        if _left_behind():
            put(session["lab"])
        try:
            config = turned(session["lab"].config, knobs_now())
            if config != session["lab"].config:
                session["refusals"] = []
            session["lab"] = replace(session["lab"], config=config)
        except ConfigError as refusal:
            session["clash"] = str(refusal)
    session["lab"] = replace(session["lab"], look=read_look(link, []))
    if screen == "landscape" and session["lab"].config.saddle is None:
        said = session["refusals"]
        put(replace(session["lab"], config=at_a_saddle(session["lab"].config)))
        session["refusals"] = said
    session.pop("acted", None)
    session["knobs"] = knobs_now()
    write_link(session["lab"])
    return session["lab"]


def same_run(link: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Returns whether two links differ in the look alone, which the player writes into the address bar by itself."""
    run, other_run = ({name: text for name, text in each.items() if name not in LOOK_KEYS} for each in (link, other))
    return run == other_run


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
        st.session_state["left-behind"] = _values(st.session_state["lab"].config), time.monotonic()
    st.session_state["lab"] = lab
    st.session_state["acted"] = True  # the browser's link may lag behind: it is not a wish to go back
    st.session_state.update(_values(lab.config))


def _left_behind() -> bool:
    """Returns whether the knobs are those of the state before: while a run grows, a page asks by itself how far it is,
    and may still send them after another state was put.
    """
    knobs, at = st.session_state.get("left-behind", ({}, -UNDER_WAY_SECONDS))
    return time.monotonic() - at < UNDER_WAY_SECONDS and knobs_now() == knobs


def change(lab: Lab, **values: Value) -> None:
    """Puts the state with some values of its run changed, as a button does it, or says why no page can show it."""
    try:
        config = turned(lab.config, values)
    except ConfigError as refusal:
        st.session_state["refusals"] = [str(refusal)]
    else:
        put(replace(lab, config=config))


def write_link(lab: Lab) -> None:
    """The address bar shows the state."""
    link = lab.to_link()
    if dict(st.query_params) != link:
        st.query_params.from_dict(link)
    st.session_state["link"] = link


def _values(config: RunConfig) -> dict[str, Value]:
    return {name: getattr(config, name) for name in KNOBS}


def knobs_now() -> dict[str, Value]:
    """The values of the widgets; one that was hidden has forgotten its own, and a choice that is gone is in words."""
    config = st.session_state["lab"].config
    return {name: _turned_to(name, config) for name in KNOBS}


def knob_now(name: str) -> Value:
    """Returns the value of one widget, as :func:`knobs_now` those of all."""
    return _turned_to(name, st.session_state["lab"].config)


def _turned_to(name: str, config: RunConfig) -> Value:
    value: Value = st.session_state.get(name, getattr(config, name))
    return which_curvature(value) if name == "push_along" else value
