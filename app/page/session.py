"""The state of a page from one rerun to the next: where what a visitor's page remembers is read and written. A visitor
who changes screens finds it again on every screen of the same family.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import streamlit as st

from app.page.link import read_link
from app.page.look import LOOK_KEYS, read_look
from app.page.spec import Config, PageSpec, Spec
from app.page.state import PageState, State
from ulpm_core import ConfigError
from ulpm_core.model.parameter import Value
from ulpm_core.model.refusal import shown

UNDER_WAY_SECONDS: Final = 2.0
"""For so long a browser's message may be on its way and wait for its turn; no person turns a knob back so soon."""

REPEATED: Final = "{name} stands {count} times in the link: use it once, like {name}={last}."


def restore(spec: PageSpec[Config]) -> PageState[Config]:
    """Chooses the state of the page as a rerun begins: the link's on a first visit and after the Back button, else that
    of the widgets and buttons, which the link then follows. Where values clash it is the last good state. A visitor who
    comes from another screen of the family brings the state along; who comes back to a family finds it as it was left.
    """
    session, prefix, link = st.session_state, spec.prefix, dict(st.query_params)
    session[prefix + "clash"] = ""
    _arrive(spec)
    if spec.key not in session:
        session[spec.key], said = read_link(spec, link)  # its knobs are not put: a tab may have brought newer ones
        said = _repeated() + said
    elif (
        session.pop(prefix + "acted", False)
        or knobs_now(spec) != session[prefix + "knobs"]
        or _without_look(link) == _without_look(session[prefix + "link"])
    ):
        _turn(spec)
        said = session[prefix + "refusals"]
    else:
        lab, said = read_link(spec, link)
        put(spec, now(spec) if said else lab)
    lab = replace(now(spec), look=read_look(link, []))
    if (fit := spec.fit(lab.config)) != lab.config:
        lab = replace(lab, config=fit)
        put(spec, lab)
    session.pop(prefix + "acted", None)
    link = lab.to_link()
    session.update({spec.key: lab, prefix + "refusals": said, prefix + "link": link})
    session[prefix + "knobs"] = knobs_now(spec)
    leave_for(spec.family, lab)
    if dict(st.query_params) != link:
        st.query_params.from_dict(link)
    return lab


def now(spec: PageSpec[Config]) -> PageState[Config]:
    """Returns the state of the page."""
    state: PageState[Config] = st.session_state[spec.key]
    return state


def refusals(spec: Spec) -> tuple[list[str], str]:
    """Returns a sentence for each thing that was refused of the link or a button, and the clash of the knobs, if they
    clash.
    """
    return st.session_state[spec.prefix + "refusals"], st.session_state[spec.prefix + "clash"]


def _arrive(spec: Spec) -> None:
    """Puts the state in which the family of this screen was left, where the visitor comes from another screen."""
    session = st.session_state
    came_from, session["screen"] = session.get("screen", spec.screen), spec.screen
    if came_from != spec.screen and spec.key in session:
        left: State | None = session["left"].get(spec.family)
        put(spec, left or replace(now(spec), config=spec.config(), pinned=None))


def leave_for(family: str, lab: State) -> None:
    """Makes this the state in which a visitor will find the screens of a family."""
    st.session_state.setdefault("left", {})[family] = lab


def _without_look(link: Mapping[str, str]) -> dict[str, str]:
    """Returns a link without the look, which the player writes into the address bar by itself."""
    return {name: text for name, text in link.items() if name not in LOOK_KEYS}


def _repeated() -> list[str]:
    """Returns a sentence for each key that the link holds more than once."""
    return [
        REPEATED.format(name=shown(name), count=len(found), last=shown(found[-1]))
        for name in st.query_params
        if len(found := st.query_params.get_all(name)) > 1
    ]


def put(spec: Spec, lab: State) -> None:
    """Makes this the state of the page: the widgets read it when they are drawn next."""
    session, prefix = st.session_state, spec.prefix
    if spec.key in session and lab.config != now(spec).config:
        session[prefix + "refusals"] = []
        before = {name: getattr(now(spec).config, name) for name in spec.turnable}
        session[prefix + "left-behind"] = before, time.monotonic()
    session[spec.key] = lab
    session[prefix + "acted"] = True  # the browser's link may lag behind: it is not a wish to go back
    for name in spec.turnable:
        session[prefix + name] = spec.knobs[name].widget.held(getattr(lab.config, name))


def change(spec: Spec, lab: State, **values: Value) -> None:
    """Changes some values of the run on stage, as a button does it, or refuses where no page can show the result."""
    try:
        config = spec.turned(lab.config, values)
    except ConfigError as refusal:
        st.session_state[spec.prefix + "refusals"] = [str(refusal)]
    else:
        put(spec, replace(lab, config=config))


def choose(spec: Spec, name: str) -> None:
    """Takes over the value that a visitor gave to the widget of a further key of the link."""
    lab = now(spec)
    chosen = {key: lab.choices.get(key) for key in spec.choices}
    chosen[name] = st.session_state[name] or chosen[name]
    put(spec, replace(lab, choices=spec.unusual(chosen)))


def _turn(spec: Spec) -> None:
    """Takes over the values of the knobs; those that play no part beside the others go back to their default, in their
    widgets too.
    """
    session = st.session_state
    if _left_behind(spec):
        put(spec, now(spec))
    lab, knobs = now(spec), knobs_now(spec)
    try:
        config = spec.turned(lab.config, knobs)
    except ConfigError as refusal:
        session[spec.prefix + "clash"] = str(refusal)
        return
    if config != lab.config:
        session[spec.prefix + "refusals"] = []
    session[spec.key] = replace(lab, config=config)
    for name, turned in knobs.items():
        if (value := getattr(config, name)) != turned:
            session[spec.prefix + name] = spec.knobs[name].widget.held(value)


def _left_behind(spec: Spec) -> bool:
    """Returns whether the knobs are still those of the state before. While a run grows, a page asks by itself how far
    it is, and may send old knobs along after another state was put.
    """
    knobs, at = st.session_state.get(spec.prefix + "left-behind", ({}, -UNDER_WAY_SECONDS))
    return time.monotonic() - at < UNDER_WAY_SECONDS and knobs_now(spec) == knobs


def knobs_now(spec: Spec) -> dict[str, Value]:
    """Returns the values of the widgets. A hidden widget has forgotten its value: the state's stands in."""
    return {name: knob_now(spec, name) for name in spec.turnable}


def knob_now(spec: Spec, name: str) -> Value:
    """Returns the value of one widget, as :func:`knobs_now` does of all."""
    key = spec.prefix + name
    if key in st.session_state:
        return spec.knobs[name].widget.value(st.session_state[key])
    value: Value = getattr(now(spec).config, name)
    return value
