"""The kinds of widgets that a knob can be. They refuse nothing but knobs that clash: the page says in its own words
why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from app.page.session import knob_now
from app.page.spec import BY_LINK, Row, Spec, Widget
from ulpm_core.dynamics.engines.choice import devices
from ulpm_core.networks.parameters import ALL_CLASSES


def _common(spec: Spec, knob: Row, how: str = "value") -> dict[str, Any]:
    """Returns the arguments that all widgets share: label, help and key, and the value to begin with, in every run of
    the script: a browser may draw a widget for the first time from the second run, and would begin at its least value.
    A value that a tab sends along is stronger than that.
    """
    p = knob.parameter
    return {
        "label": p.label,
        "help": p.help,
        "key": spec.prefix + p.name,
        how: knob.widget.held(knob_now(spec, p.name)),
    }


def _slider(spec: Spec, knob: Row) -> None:
    p = knob.parameter
    st.slider(min_value=int(p.low), max_value=int(p.high), **_common(spec, knob))


def _number(spec: Spec, knob: Row) -> None:
    """Draws a number without a range: Streamlit's own refusal is a red box without words."""
    step, shape = (1, "%d") if knob.parameter.kind is int else (0.01, "%g")
    st.number_input(step=step, format=shape, **_common(spec, knob))


def _ladder(spec: Spec, knob: Row) -> None:
    kind = knob.parameter.kind
    rungs = sorted({kind(rung) for rung in knob.ladder} | {knob_now(spec, knob.name)})
    words = lambda rung: knob.words.get(rung) or rung_words(rung)  # noqa: E731
    st.select_slider(options=rungs, format_func=words, **_common(spec, knob))


def rung_words(value: float) -> str:
    """Writes a rung of a ladder as people write it.

    >>> rung_words(10_000), rung_words(1e-05), rung_words(0.3)
    ('10,000', '1e-05', '0.3')
    """
    return f"{value:,.10g}" if value >= 1000 else f"{value:g}"


def select(spec: Spec, knob: Row, options: Sequence[Any], words: Mapping[Any, str]) -> None:
    """Draws a menu of these options, each in its words."""
    said = _common(spec, knob, "index")
    said["index"] = options.index(said["index"])
    st.selectbox(options=options, format_func=words.__getitem__, **said)


def _classes(spec: Spec, knob: Row) -> None:
    st.pills(options=[*range(ALL_CLASSES)], selection_mode="multi", **_common(spec, knob, "default"))


def _numbers(classes: str) -> list[int]:
    return [*range(ALL_CLASSES)] if classes == "all" else [int(number) for number in classes.split(",")]


def _joined(numbers: Sequence[int]) -> str:
    return "all" if len(numbers) == ALL_CLASSES else ",".join(map(str, sorted(numbers)))


SLIDER: Final = Widget(_slider)
NUMBER: Final = Widget(_number)
LADDER: Final = Widget(_ladder)
CHOICE: Final = Widget(lambda spec, knob: select(spec, knob, knob.parameter.choices, knob.words))
SWITCH: Final = Widget(
    lambda spec, knob: st.toggle(**_common(spec, knob)),
    held=lambda value: value == "on",
    value=lambda on: "on" if on else "off",
)
CLASSES: Final = Widget(_classes, held=_numbers, value=_joined)
DEVICE: Final = CHOICE if len(devices()) > 1 else BY_LINK
OF_DEVICES: Final = {"cpu": "Processor", "cuda": "GPU"}
