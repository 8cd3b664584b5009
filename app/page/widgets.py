"""The kinds of widgets that a knob can be. None but those of a clash is refused here: a page says why in its words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st

from app.page.session import knob_now
from app.page.spec import Knob, PageSpec, Widget
from ulpm_core.networks.parameters import ALL_CLASSES

Spec = PageSpec[Any]
Row = Knob[Any]


def _first(spec: Spec, knob: Row, how: str = "value") -> dict[str, Any]:
    """What a widget begins with where no value was put for it; what a tab sends along is stronger than that."""
    key = spec.prefix + knob.name
    return {} if key in st.session_state else {how: knob.held(knob_now(spec, knob.name))}


def _slider(spec: Spec, knob: Row) -> None:
    p = knob.parameter
    st.slider(p.label, int(p.low), int(p.high), key=spec.prefix + p.name, help=p.help, **_first(spec, knob))


def _number(spec: Spec, knob: Row) -> None:
    """Without the range: Streamlit's own refusal is a red box without words."""
    p = knob.parameter
    step, shape = (1, "%d") if p.kind is int else (0.01, "%g")
    key = spec.prefix + p.name
    st.number_input(p.label, key=key, help=p.help, step=step, format=shape, **_first(spec, knob))


def _ladder(spec: Spec, knob: Row) -> None:
    p = knob.parameter
    rungs = sorted({p.kind(rung) for rung in knob.ladder} | {knob_now(spec, p.name)})
    words = lambda rung: knob.words.get(rung) or rung_words(rung)  # noqa: E731
    key = spec.prefix + p.name
    st.select_slider(p.label, rungs, key=key, help=p.help, format_func=words, **_first(spec, knob))


def rung_words(value: float) -> str:
    """A rung of a ladder as people write it.

    >>> rung_words(10_000), rung_words(1e-05), rung_words(0.3)
    ('10,000', '1e-05', '0.3')
    """
    return f"{value:,.10g}" if value >= 1000 else f"{value:g}"


def _choice(spec: Spec, knob: Row) -> None:
    select(spec, knob, knob.parameter.choices, lambda choice: knob.words.get(choice, choice))


def select(spec: Spec, knob: Row, options: Sequence[Any], words: Callable[[Any], str]) -> None:
    """A menu of these options, each in its words."""
    p, key = knob.parameter, spec.prefix + knob.name
    first: dict[str, Any] = {} if key in st.session_state else {"index": options.index(knob_now(spec, p.name))}
    st.selectbox(p.label, options, key=key, help=p.help, format_func=words, **first)


def _switch(spec: Spec, knob: Row) -> None:
    p = knob.parameter
    st.toggle(p.label, key=spec.prefix + p.name, help=p.help, **_first(spec, knob))


def _classes(spec: Spec, knob: Row) -> None:
    p, key = knob.parameter, spec.prefix + knob.name
    first = _first(spec, knob, "default")
    st.pills(p.label, list(range(ALL_CLASSES)), selection_mode="multi", key=key, help=p.help, **first)


def _numbers(classes: str) -> list[int]:
    return [*range(ALL_CLASSES)] if classes == "all" else [int(number) for number in classes.split(",")]


def _joined(numbers: Sequence[int]) -> str:
    return "all" if len(numbers) == ALL_CLASSES else ",".join(map(str, sorted(numbers)))


SLIDER: Final = Widget(_slider)
NUMBER: Final = Widget(_number)
LADDER: Final = Widget(_ladder)
CHOICE: Final = Widget(_choice)
SWITCH: Final = Widget(_switch, held=lambda value: value == "on", value=lambda on: "on" if on else "off")
CLASSES: Final = Widget(_classes, held=_numbers, value=_joined)
