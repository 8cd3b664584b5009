"""`Parameter`: one knob of a run or a training, its range, and the words that refuse a bad value."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any, Final, TypeVar

import numpy as np

from ulpm_core.model.refusal import LONGEST, ConfigError, among, refuse, span

Value = int | float | str
Default = TypeVar("Default")
WHY: Final = {
    "choice": "is not a known choice",
    "number": "is not a number",
    "whole": "is not a whole number",
    "bound": "is neither a number nor none, for no bound",
    "range": "is out of range",
}
"""Why a value is refused."""


@dataclass(frozen=True)
class Parameter:
    """One parameter: its type, default, range (inclusive) or choices, and what it means.

    >>> from ulpm_core.model.parameters import PARAMETERS
    >>> PARAMETERS["classes"].check(4)
    4
    >>> PARAMETERS["classes"].parse("four")
    Traceback (most recent call last):
        ...
    ulpm_core.model.refusal.ConfigError: classes = four is not a whole number: use 2 to 1000, for example 4.
    """

    name: str
    label: str
    help: str
    default: Value
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()

    @property
    def kind(self) -> type:
        return type(self.default)

    def allowed(self) -> str:
        """The allowed values in words."""
        if self.choices:
            return among(self.choices)
        return span(self.low, self.high)

    def example(self) -> object:
        """A value that works, as a person types it."""
        return f"{self.default:.12g}" if isinstance(self.default, float) else self.default

    def refuse(self, value: object, why: str) -> ConfigError:
        return refuse(self.name, value, why, self.allowed(), self.example())

    def check(self, value: object, written: str | None = None) -> Value:
        """The value in its own type, or :class:`ConfigError`. Booleans and text are not numbers here.

        `written` is how the person wrote the value, for the refusal to repeat.
        """
        value = value.item() if isinstance(value, np.generic) else value
        said = value if written is None else written
        if self.choices:
            if value not in self.choices:
                raise self.refuse(said, WHY["choice"])
            return str(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.refuse(said, self._not_a_number)
        if not -1e300 < value < 1e300:
            raise self.refuse(said, WHY["range" if value == value else "number"])
        if not self.low <= value <= self.high:
            raise self.refuse(said, WHY["range"])
        if self.kind is int and value != int(value):
            raise self.refuse(said, self._not_a_number)
        return self.kind(value) + 0  # -0.0 becomes 0.0: equal configs, equal digests

    @property
    def _not_a_number(self) -> str:
        return WHY["whole" if self.kind is int else "number"]

    def write(self, value: Value) -> str:
        """The value as text that `parse` reads back, a whole number without a point.

        >>> from ulpm_core.model.parameters import PARAMETERS
        >>> PARAMETERS["log_time"].write(690.0)
        '690'
        """
        return str(value).removesuffix(".0")

    def read(self, given: object) -> Value:
        """The value that was given, parsed where it is text: a link and a file go the same way."""
        return self.parse(given) if isinstance(given, str) else self.check(given)

    def parse(self, text: str) -> Value:
        """The value written as text, from a link, a file or the command line."""
        if self.choices:
            return self.check(text)
        plain = text.strip()
        if GROUPED.fullmatch(plain):  # a comma may only group thousands: 0,3 is not 3
            plain = plain.replace(",", "")
        plain = plain.replace("_", "")
        if len(plain) > LONGEST or not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", plain, re.ASCII):
            raise self.refuse(text, self._not_a_number)
        whole = self.kind is int and plain.lstrip("+-").isdigit()
        return self.check(int(plain) if whole else float(plain), written=text)


@dataclass(frozen=True)
class Bound(Parameter):
    """A bound that may be left out: infinity, which people write as `none`.

    >>> from ulpm_core.model.parameters import PARAMETERS
    >>> PARAMETERS["norm_bound_w"].parse("none"), PARAMETERS["norm_bound_w"].write(math.inf)
    (inf, 'none')
    """

    def allowed(self) -> str:
        return f"{super().allowed()}, or none"

    def example(self) -> object:
        return 1

    @property
    def _not_a_number(self) -> str:
        return WHY["bound"]

    def check(self, value: object, written: str | None = None) -> Value:
        free = isinstance(value, float) and value == math.inf and written is None
        return math.inf if free else super().check(value, written)

    def write(self, value: Value) -> str:
        return "none" if value == math.inf else super().write(value)

    def parse(self, text: str) -> Value:
        return math.inf if text.strip() == "none" else super().parse(text)


GROUPED: Final = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", re.ASCII)


def row(
    label: str,
    help: str,
    between: tuple[float, float] = (-math.inf, math.inf),
    *,
    choices: tuple[str, ...] = (),
    kind: type[Parameter] = Parameter,
) -> dict[str, Any]:
    """Returns the metadata of a dataclass field: the parameter that it is, but for the field's name and default."""
    low, high = between
    return {"parameter": partial(kind, label=label, help=help, low=low, high=high, choices=choices)}


def knob(label: str, help: str, default: Default, *between: tuple[float, float], **options: Any) -> Default:
    """Returns a dataclass field with its default and its :func:`row`.

    >>> @dataclass(frozen=True)
    ... class Oven:
    ...     degrees: int = knob("Heat", "How hot it gets.", 200, (50, 250))
    >>> Oven().degrees, table(Oven)["degrees"].allowed()
    (200, '50 to 250')
    """
    return field(default=default, metadata=row(label, help, *between, **options))


def table(config: type) -> dict[str, Parameter]:
    """Returns the parameters that the fields of a dataclass are, by their names and in their order."""
    return {f.name: f.metadata["parameter"](f.name, default=f.default) for f in fields(config)}
