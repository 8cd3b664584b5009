"""The presets of the Rules screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from ulpm_core import RunConfig


class SiblingsPreset(NamedTuple):
    """Four rules worth seeing together: a name, one sentence of what to watch, the start, and what the link chooses."""

    name: str
    watch: str
    config: RunConfig
    choices: Mapping[str, str]


_MINORITY: Final = {"d": "squared-error", "ratio": "15"}
PRESETS: Final = (
    SiblingsPreset(
        "Balanced",
        "One start, four rules, one clock: three reach their best to the last digit, and ULPM only turns to its own.",
        RunConfig(),
        {},
    ),
    SiblingsPreset(
        "Losses",
        "Three losses and a decay: seen from their middle the classes of A, B and C tend to one triangle, each at its"
        " own scale; of D only the logits do.",
        RunConfig(classes=3),
        {"c": "squared-error"},
    ),
    SiblingsPreset(
        "Just below collapse",
        "Two of four classes have a fifteenth of the samples: under decay 1.4 their arrows draw near, and stay two.",
        RunConfig(steps=100_000),
        _MINORITY | {"decay": "1.4"},
    ),
    SiblingsPreset(
        "Just past collapse",
        "A little more decay, and smaller balls: the two small classes become one, exactly. Under ULPM they never do.",
        RunConfig(steps=100_000),
        _MINORITY | {"decay": "1.5", "bound": "1.5"},
    ),
    SiblingsPreset(
        "Optimisers",
        "One loss, four ways to take steps: descent slows down, signs and spectra go on at full length, far beyond it.",
        RunConfig(),
        {"b": "adam", "c": "sign-descent", "d": "spectral-descent"},
    ),
)
