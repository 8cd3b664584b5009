"""The sidebar of the screen of real networks: widgets from the table of training, and the state they share with the
link. Their keys start with `network-`, so that no other screen's knob is touched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from app.page import state
from app.page.look import read_look
from app.page.network_link import (
    NETWORK_KNOBS,
    NETWORK_PAGE,
    NetworkLab,
    check_network_page,
    network_relevant,
    read_network_link,
    settled,
)
from app.page.state import same_run
from app.views.networks import NETWORK_WORDS
from ulpm_core import ConfigError
from ulpm_core.model.parameter import Value
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.parameters import ALL_CLASSES

PREFIX: Final = "network-"
ADVANCED: Final = (
    "per_class", "width", "depth", "dimension", "last_activation", "bias", "batch_size", "schedule", "momentum",
    "relative_rate", "device",
)  # fmt: skip
LADDERS: Final[dict[str, tuple[float, ...]]] = {
    "per_class": (0, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 7000),
    "width": (0, 8, 16, 32, 64, 128, 256, 512),
    "dimension": (0, 1, 2, 3, 4, 9, 10, 16, 32, 64, 128, 256, 512),
    "epochs": (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
    "batch_size": (2, 8, 16, 32, 64, 128, 256, 512, 1024),
    "learning_rate": (1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
    "weight_decay": (0.0, 1e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.1),
    "log_time_steps": (0, 50, 100, 200, 400, 800, 1600, 3200, 5000),
    "relative_rate": (0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0),
}
"""Round values to choose from; a link may hold others, and then they stand on the ladder too."""
OWN: Final = {"per_class": "all", "width": "own", "dimension": "own", "depth": "own"}
"""What 0 means."""


def restore() -> NetworkLab:
    """The state of the screen as this run of the script begins: as :func:`app.page.state.restore` does for runs."""
    session, link = st.session_state, dict(st.query_params)
    session[PREFIX + "clash"] = ""
    arrived = state.step_aside("networks")
    if "network" not in session:
        lab, refusals = read_network_link(link)
        put(lab)
        session[PREFIX + "refusals"] = state.repeated() + refusals
    elif arrived:
        put(session["network"])
    elif not (session.pop("network-acted", False) or _knobs() != session["network-knobs"] or same_run(link, _link())):
        lab, refusals = read_network_link(link)
        put(session["network"] if refusals else lab)
        session[PREFIX + "refusals"] = refusals
    else:
        _turn()
    session["network"] = replace(session["network"], look=read_look(link, []))
    session.pop("network-acted", None)
    session["network-knobs"] = _knobs()
    link = session["network"].to_link()
    if dict(st.query_params) != link:
        st.query_params.from_dict(link)
    session["network-link"] = link
    return session["network"]


def _turn() -> None:
    """Takes the knobs as they are; where they clash, the last good state."""
    session, before = st.session_state, st.session_state["network"]
    try:
        config = check_network_page(before.config.with_changes(**settled(_values_of(_knobs()))))
    except ConfigError as refusal:
        session[PREFIX + "clash"] = str(refusal)
        return
    if config != before.config:
        put(replace(before, config=config))


def put(lab: NetworkLab) -> None:
    """Makes this the state of the screen: the widgets read it when they are drawn next."""
    session = st.session_state
    if "network" in session and lab.config != session["network"].config:
        session[PREFIX + "refusals"] = []
    session["network"], session["network-acted"] = lab, True
    session.update(_widgets_of(lab.config))


def _link() -> dict[str, str]:
    return st.session_state["network-link"]


def _widgets_of(config: NetworkConfig) -> dict[str, Any]:
    """What the widgets hold for a config: numbers of classes as a list, on and off as a switch."""
    held: dict[str, Any] = {name: getattr(config, name) for name in NETWORK_KNOBS}
    held |= {
        "classes": list(config.class_numbers),
        "batch_norm": config.batch_norm == "on",
        "bias": config.bias == "on",
    }
    return {PREFIX + name: value for name, value in held.items()}


def _values_of(knobs: dict[str, Any]) -> dict[str, Value]:
    values = {name.removeprefix(PREFIX): value for name, value in knobs.items()}
    classes = ",".join(str(number) for number in sorted(values["classes"]))
    return values | {"classes": classes} | {name: "on" if values[name] else "off" for name in ("batch_norm", "bias")}


def _knobs() -> dict[str, Any]:
    """The values of the widgets; one that was hidden has forgotten its own."""
    return {
        key: st.session_state.get(key, value) for key, value in _widgets_of(st.session_state["network"].config).items()
    }


def sidebar(lab: NetworkLab) -> None:
    """Every knob that changes something in this training. The few that a link leaves stand over its film."""
    if lab.controls is not None:
        return
    visible = _visible(NETWORK_KNOBS, lab)
    for name in (name for name in visible if name not in ADVANCED):
        _WIDGETS.get(name, _ladder)(name)
    rest = [name for name in visible if name in ADVANCED]
    if rest:
        with st.expander("Advanced"):
            for name in rest:
                _WIDGETS.get(name, _ladder)(name)


def lesson(lab: NetworkLab) -> None:
    """The few knobs that a link leaves visible, side by side over the film, as those of a run are."""
    visible = _visible(lab.controls or (), lab)
    if visible and not lab.talk:
        with st.container(horizontal=True, key="lesson"):
            for name in visible:
                with st.container():
                    _WIDGETS.get(name, _ladder)(name)


def _visible(names: tuple[str, ...], lab: NetworkLab) -> list[str]:
    """Those that change something in this training; their widgets are about to be drawn."""
    for key, value in _knobs().items():
        st.session_state.setdefault(key, value)
    return [name for name in names if network_relevant(name, lab.config)]


def _ladder(name: str) -> None:
    p = NETWORK_PAGE[name]
    rungs = sorted({p.kind(rung) for rung in LADDERS[name]} | {st.session_state[PREFIX + name]})
    st.select_slider(p.label, rungs, key=PREFIX + name, help=p.help, format_func=lambda value: _rung(name, value))


def _rung(name: str, value: float) -> str:
    return OWN[name] if value == 0 and name in OWN else f"{value:,.10g}"


def _slider(name: str) -> None:
    p = NETWORK_PAGE[name]
    st.slider(p.label, int(p.low), int(p.high), key=PREFIX + name, help=p.help)


def _number(name: str) -> None:
    p = NETWORK_PAGE[name]
    st.number_input(p.label, p.kind(p.low), p.kind(p.high), key=PREFIX + name, help=p.help)


def _choice(name: str) -> None:
    p = NETWORK_PAGE[name]
    st.selectbox(
        p.label, p.choices, key=PREFIX + name, help=p.help, format_func=lambda choice: NETWORK_WORDS.get(choice, choice)
    )


def _switch(name: str) -> None:
    p = NETWORK_PAGE[name]
    st.toggle(p.label, key=PREFIX + name, help=p.help)


def _classes(name: str) -> None:
    p = NETWORK_PAGE[name]
    st.pills(p.label, list(range(ALL_CLASSES)), selection_mode="multi", key=PREFIX + name, help=p.help)


_WIDGETS: Final[dict[str, Callable[[str], None]]] = {
    "dataset": _choice,
    "classes": _classes,
    "model": _choice,
    "depth": _slider,
    "batch_norm": _switch,
    "last_activation": _choice,
    "bias": _switch,
    "schedule": _choice,
    "momentum": _number,
    "seed": _number,
    "device": _choice,
}
