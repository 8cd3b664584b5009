"""The presets of the Rules screen: four rules worth seeing together."""

from __future__ import annotations

from typing import Final

from app.views.presets import Preset
from ulpm_core import RunConfig

_MINORITY: Final = {"d": "squared-error", "ratio": "15"}
SIBLINGS_PRESETS: Final = (
    Preset(
        "Balanced",
        "One start, four rules, one clock: three reach their best to the last digit, and ULPM only turns to its own.",
        RunConfig(),
        choices={},
    ),
    Preset(
        "Losses",
        "Three losses and a decay: seen from their middle the classes of A, B and C tend to one triangle, each at its"
        " own scale; of D only the logits do.",
        RunConfig(classes=3),
        choices={"c": "squared-error"},
    ),
    Preset(
        "Just below collapse",
        "Two of four classes have a fifteenth of the samples: under decay 1.4 their arrows draw near, and stay two.",
        RunConfig(steps=100_000),
        choices=_MINORITY | {"decay": "1.4"},
    ),
    Preset(
        "Just past collapse",
        "A little more decay, and smaller balls: the two small classes become one, exactly. Under ULPM they never do.",
        RunConfig(steps=100_000),
        choices=_MINORITY | {"decay": "1.5", "bound": "1.5"},
    ),
    Preset(
        "Optimisers",
        "One loss, four ways to take steps: descent slows down, signs and spectra go on at full length, far beyond it.",
        RunConfig(),
        choices={"b": "adam", "c": "sign-descent", "d": "spectral-descent"},
    ),
)
