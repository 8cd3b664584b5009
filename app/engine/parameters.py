"""The parameters of a run as the browser's engine reads them: the one table of Python, as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from app.engine.refusals import refusals
from ulpm_core.model.class_sizes import SizeList
from ulpm_core.model.config import RunConfig
from ulpm_core.model.limits import MAX_ENTRIES
from ulpm_core.model.parameter import Bound, Parameter
from ulpm_core.model.parameters import METHODS, PARAMETERS, RANDOM_STARTS
from ulpm_core.model.rules.known import RULES

HERE: Final = {
    "method": tuple(name for name in METHODS if name not in RULES or not RULES[name].decomposes),
    "initialisation": RANDOM_STARTS,
    "engine": ("auto", "compiled"),
    "device": ("cpu",),
    "dtype": ("float64",),
}
"""The choices that the engine has, where they are not all of them."""


def parameters(of: Mapping[str, Parameter] = PARAMETERS) -> dict[str, Any]:
    """Returns what a config is checked by: every parameter of a run by its name, in the order of
    :class:`ulpm_core.RunConfig`; of a page, in its ranges. `refusals` are the phrases that refuse one, and `example` is
    a config to learn from.

    `kind` is one of int, float, text, bound and sizes; `low` and `high` are None where nothing bounds them, and
    `default` is as JSON has it, or as a person writes it. `here` are the choices that the engine has. `allowed` and
    `example` are what a refusal says is allowed. `most` is how many numbers a list may hold, and, of per_class, how
    many W and H may hold together.

    >>> known = parameters()["known"]
    >>> known["seed"]["high"], known["norm_bound_w"]["default"], known["dtype"]["here"], known["classes"]["allowed"]
    (4294967295, 'none', ['float64'], '2 to 1000')
    """
    known = {name: _row(parameter) for name, parameter in of.items()}
    return {"known": known, "refusals": refusals(), "example": RunConfig.EXAMPLE}


def _row(parameter: Parameter) -> dict[str, Any]:
    name, choices = parameter.name, list(parameter.choices)
    row = {
        "name": name,
        "label": parameter.label,
        "help": parameter.help,
        "kind": _kind(parameter),
        "default": parameter.write(parameter.default) if isinstance(parameter, Bound) else parameter.default,
        "low": _finite(parameter.low),
        "high": _finite(parameter.high),
        "choices": choices,
        "here": list(HERE.get(name, choices)),
        "allowed": parameter.allowed(),
        "example": str(parameter.example()),
    }
    if isinstance(parameter, SizeList):
        return row | {"default": list(parameter.default), "most": parameter.most}
    return row | ({"most": MAX_ENTRIES["cpu"]} if name == "per_class" else {})


def _kind(parameter: Parameter) -> str:
    if isinstance(parameter, SizeList):
        return "sizes"
    if isinstance(parameter, Bound):
        return "bound"
    return {int: "int", float: "float", str: "text"}[parameter.kind]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
