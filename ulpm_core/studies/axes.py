"""The axes of a sweep: which values a parameter takes, from text or from Python, and what is drawn at random."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

import numpy as np

from ulpm_core.model.parameter import Parameter
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.refusal import ConfigError, UnusedWarning, among, refuse, shown, span, unfit

MOST_VALUES: Final = 10_000
FEW: Final = 20
"""Values that a warning lists."""
SPACINGS: Final = ("linear", "log")
SAMPLE: Final = "sample"
"""The name of the axis along which parameters are drawn at random, all at once."""
EXAMPLE: Final = "learning_rate=0.01:1:log:9"
SAMPLE_EXAMPLE: Final = "learning_rate=0.01:1:log"
WHY: Final = {
    "form": "names no parameter and its values",
    "unknown": "{name} is not a parameter",
    "range": "{name} has no range of numbers",
    "spacing": "is not a known spacing",
    "positive": "starts at or below 0, which has no logarithm",
    "order": "is below {low}, where the range begins",
    "twice": "stands on two axes",
    "repeats": "holds {value} twice",
    "empty": "holds no value",
    "count": "makes {count} values",
    "end": "makes one value, and leaves out {high}, where the range ends",
    "fewer": "makes {count} values, {found} of them different: each is taken once",
}
"""Why an axis is refused."""


@dataclass(frozen=True)
class Axis:
    """One axis of a sweep: the values that a parameter takes along it, or of several parameters that move together.

    >>> parse_axis("classes=3,4,6").settings(1)
    {'classes': 4}
    """

    name: str
    parameters: Mapping[str, tuple[Any, ...]]

    def __len__(self) -> int:
        return len(next(iter(self.parameters.values())))

    @property
    def grid(self) -> str:
        """The text that :func:`parse_axis` reads as this axis; empty where several parameters move together.

        >>> axis("class_sizes", ["10,2", "5,5,5"]).grid
        'class_sizes=10.2,5.5.5'
        """
        if [*self.parameters] != [self.name]:
            return ""
        written = [PARAMETERS[self.name].write(value) for value in self.parameters[self.name]]
        return f"{self.name}={','.join(value.replace(',', '.') for value in written)}"

    def settings(self, i: int) -> dict[str, Any]:
        """The parameters at place i of the axis."""
        return {name: values[i] for name, values in self.parameters.items()}


def parse_axis(text: str) -> Axis:
    """The axis that a text says: `name=a,b,c`, or `name=low:high:linear|log:count`. Raises :class:`ConfigError`.

    Values of whole-numbered parameters are rounded, and each is taken once: where that leaves fewer than `count`, a
    warning says so. Within a list, class sizes have points
    between them: 10.10.2.2.

    >>> parse_axis("learning_rate=0.01:1:log:3").parameters
    {'learning_rate': (0.01, 0.1, 1.0)}
    >>> parse_axis("classes=2:4:linear:3").parameters
    {'classes': (2, 3, 4)}
    """
    parameter, values = _named("grid", text, EXAMPLE)
    parts = values.split(":")
    if len(parts) == 1:
        return axis(parameter.name, [part for part in values.split(",") if part.strip()])
    if len(parts) != 4:
        raise unfit("grid", f"grid = {shown(text)} {WHY['form']}", "write", EXAMPLE)
    low, high, spacing = _range("grid", parameter, parts)
    if not parts[3].strip().isdecimal() or not 1 <= int(parts[3][:9]) <= MOST_VALUES:
        raise refuse("grid", text, WHY["count"].format(count=parts[3].strip()[:9]), span(1, MOST_VALUES), EXAMPLE)
    count, name = int(parts[3][:9]), parameter.name
    if count == 1 and low < high:
        raise refuse(
            "grid", text, WHY["end"].format(high=f"{high:g}"), span(2, MOST_VALUES), f"{name}={low:g},{high:g}"
        )
    places = np.linspace(0.0, 1.0, count) if count > 1 else np.zeros(1)
    found = dict.fromkeys(_at(parameter, low, high, spacing, place) for place in places.tolist())
    if len(found) < count:
        same = f", as of {name}={','.join(map(parameter.write, found))}" if len(found) <= FEW else ""
        words = WHY["fewer"].format(found=len(found), count=count)
        warnings.warn(f"grid = {shown(text)} {words}{same}.", UnusedWarning, stacklevel=2)
    return axis(name, list(found))


def axis(name: str, values: Iterable[object]) -> Axis:
    """The axis of a parameter and its values, each checked on its own. Raises :class:`ConfigError`.

    >>> axis("dimension", ["3", 4]).parameters
    {'dimension': (3, 4)}
    """
    parameter = _parameter("grid", name)
    checked = [_value("grid", parameter, value) for value in values]
    if not checked:
        raise refuse("grid", name, WHY["empty"], "one value or more", EXAMPLE)
    if len(checked) > MOST_VALUES:
        raise refuse("grid", name, WHY["count"].format(count=f"{len(checked):,}"), span(1, MOST_VALUES), EXAMPLE)
    for i, value in enumerate(checked):
        if value in checked[:i]:
            raise refuse("grid", name, WHY["repeats"].format(value=parameter.write(value)), "each once", EXAMPLE)
    return Axis(name, {name: tuple(checked)})


def drawn(texts: Sequence[str], count: int, seed: int) -> Axis:
    """The axis of `count` draws of several parameters, each independent and uniform: `name=low:high:linear|log`, or
    among the values of `name=a,b,c`. Raises :class:`ConfigError`.

    >>> draws = drawn(["learning_rate=0.01:1:log", "classes=3,5"], 4, seed=0)
    >>> len(draws), draws.settings(0) == drawn(["learning_rate=0.01:1:log", "classes=3,5"], 9, seed=0).settings(0)
    (4, True)
    """
    parameters: dict[str, tuple[Any, ...]] = {}
    for text in texts:
        parameter, values = _named("sample", text, SAMPLE_EXAMPLE)
        # a stream of its own for each parameter: more draws, or other parameters, leave those that there are
        places = np.random.default_rng([seed, *parameter.name.encode()]).random(count).tolist()
        parts = values.split(":")
        if parameter.name in parameters:
            raise refuse("sample", parameter.name, WHY["twice"], "each parameter once", SAMPLE_EXAMPLE)
        if len(parts) == 1:
            among_these = axis(parameter.name, [_value("sample", parameter, part) for part in values.split(",")])
            choices = among_these.parameters[parameter.name]
            parameters[parameter.name] = tuple(choices[int(place * len(choices))] for place in places)
        elif len(parts) == 3:
            low, high, spacing = _range("sample", parameter, parts)
            parameters[parameter.name] = tuple(_at(parameter, low, high, spacing, place) for place in places)
        else:
            raise unfit("sample", f"sample = {shown(text)} {WHY['form']}", "write", SAMPLE_EXAMPLE)
    return Axis(SAMPLE, parameters)


def refuse_shared(axes: Sequence[Axis]) -> None:
    """Raises :class:`ConfigError` where two axes set one parameter."""
    seen: set[str] = set()
    for each in axes:
        if both := seen & set(each.parameters):
            raise refuse("grid", min(both), WHY["twice"], "each parameter on one axis", EXAMPLE)
        seen |= set(each.parameters)


def _named(field: str, text: str, example: str) -> tuple[Parameter, str]:
    name, equals, values = text.partition("=")
    if not equals or not values.strip():
        raise unfit(field, f"{field} = {shown(text)} {WHY['form']}", "write", example)
    return _parameter(field, name.strip().replace("-", "_")), values


def _parameter(field: str, name: str) -> Parameter:
    if name not in PARAMETERS:
        near = get_close_matches(name, PARAMETERS, 1) or list(PARAMETERS)
        raise unfit(field, WHY["unknown"].format(name=shown(name)), f"use {among(sorted(PARAMETERS))}", near[0])
    return PARAMETERS[name]


def _value(field: str, parameter: Parameter, given: object) -> Any:
    """A value of a parameter; what is wrong with it is said of the axis on which it stands."""
    try:
        return parameter.read(given)
    except ConfigError as refusal:
        raise refusal.said_of(field) from None


def _range(field: str, parameter: Parameter, parts: Sequence[str]) -> tuple[float, float, str]:
    """Its ends, which are values of the parameter, and how it is divided."""
    if parameter.choices or not isinstance(parameter.default, (int, float)):
        listed = ",".join(parameter.choices[:2]) or "10.10.2.2,5.5"
        raise unfit(field, WHY["range"].format(name=parameter.name), "list its values", f"{parameter.name}={listed}")
    spacing = parts[2].strip()
    if spacing not in SPACINGS:
        raise refuse(field, spacing, WHY["spacing"], among(SPACINGS), EXAMPLE)
    low, high = (float(_value(field, parameter, part)) for part in parts[:2])
    if high < low:
        raise refuse(field, f"{high:g}", WHY["order"].format(low=f"{low:g}"), "low:high", EXAMPLE)
    if spacing == "log" and low <= 0.0:
        raise refuse(field, f"{low:g}", WHY["positive"], "a range above 0, or linear", EXAMPLE)
    return low, high, spacing


def _at(parameter: Parameter, low: float, high: float, spacing: str, place: float) -> Any:
    """The value at a share `place` of the way from low to high, in 15 digits: 0.01:1:log:3 holds 0.1."""
    if spacing == "log":
        value = 10.0 ** (math.log10(low) + place * (math.log10(high) - math.log10(low)))
    else:
        value = low + place * (high - low)
    value = {0.0: low, 1.0: high}.get(place, min(max(float(f"{value:.15g}"), low), high))
    return parameter.check(round(value) if parameter.kind is int else value)
