"""The words of a film that is made in a browser: the templates, definitions and panels that Python's own films use."""

from __future__ import annotations

from typing import Any, Final

from ulpm_core.analysis import panels
from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.projection import MAX_CLASSES
from ulpm_core.dynamics.engines.cost import TOO_LARGE
from ulpm_core.dynamics.stop_reason import DIVERGENCE, ON_THE_WAY, STOPPED, WHERE
from ulpm_core.film.curves import BOTH_LOSSES, DEFINITIONS, GUIDES, in_order
from ulpm_core.film.events import KINDS, LABELS
from ulpm_core.film.header import FORMAT
from ulpm_core.film.said import SAID
from ulpm_core.model.config import RunConfig
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.notes import NOTES
from ulpm_core.model.rules.known import RULES
from ulpm_core.model.versions import PACKAGE, versions

CROWD: Final = {"why": "is too many for a film made in a browser", "least": 2, "most": MAX_CLASSES, "example": 20}
"""The refusal of more classes than a stage holds; Python's films have blocks of them."""
ENGINE: Final = {
    "blocked": "This browser does not let a page compute in the background. Open the lab in another browser, or from a"
    " web address instead of a file.",
    "crashed": "What computes in the background stopped on its way ({why}). It has been started anew: turn a knob to"
    " try again.",
    "unsendable": "What was handed over cannot be read ({why}): use numbers, text and lists of them, as in {example}.",
    "left": "{words}, about {wait} left",
}
"""Said by the engine itself. A wait is told from some seconds on."""
WAITS: Final = ((1, "{count} s"), (60, "{count} min"), (3600, "{count} h"))
"""Units of a wait: the seconds that each has, and a template for a count of them."""
STARTS: Final = {
    "numbers": "{block} is no list of rows of numbers: use rows of one length, W (K, d) and H (d, N), and entries from"
    " -1e100 to 1e100.",
    "dimension": "H has {rows} rows but W has {columns} columns: both are the dimension d.",
    "columns": "H has {columns} columns for {classes} classes: use as many for each class, or say them in class_sizes.",
    "sizes": "class_sizes does not say the class of {columns} columns of H for {classes} rows of W: use a size for each"
    " row, {columns} in all.",
}
"""Refusals of a start that a script gives, by what is wrong with it."""


def words() -> dict[str, Any]:
    """Every sentence of a run's film and of the engine, as templates by name."""
    return {
        "said": dict(SAID),
        "where": WHERE,
        "on_the_way": ON_THE_WAY,
        "stopped": STOPPED,
        "divergence": DIVERGENCE,
        "notes": NOTES,
        "losses": {name: loss.definition for name, loss in LOSSES.items()},
        "rules": {name: rule.words for name, rule in RULES.items()},
        "events": LABELS,
        "kinds": KINDS,
        "too_large": TOO_LARGE,
        "crowd": CROWD,
        "engine": ENGINE,
        "waits": [list(wait) for wait in WAITS],
        "starts": STARTS,
    }


def curves() -> dict[str, Any]:
    """The curves of runs in their order, as a film's header holds them, each with the numbers of its panels."""
    at = in_order(_OF_RUNS).index
    known = [
        {**curve.header(), "panels": list(map(at, curve.panels)), "beside": curve.beside, "angles": curve.angles}
        for curve in _OF_RUNS
    ]
    return {
        "format": FORMAT,
        "made_by": {PACKAGE: versions()[PACKAGE], "engine": "that of the browser"},
        "definitions": DEFINITIONS,
        "guides": GUIDES,
        "always": list(BOTH_LOSSES),
        "known": known,
    }


def known_panels() -> dict[str, Any]:
    """The panels in their order; which of them holds the loss by steps, that of a flow and the norms; and the sets
    that only a flow has.
    """
    order = in_order(_OF_RUNS)
    return {
        "known": [panel._asdict() for panel in order],
        "loss": order.index(panels.LOSS),
        "flow_loss": order.index(panels.FLOW_LOSS),
        "norms": order.index(panels.NORMS),
        "held_norms": panels.HELD_NORMS,
        "flow_sets": list(panels.FLOW_SETS),
    }


def config_form() -> dict[str, Any]:
    """Returns what a film's header needs to know of configs: their kind, and the fields that are left out at their
    defaults.
    """
    return {"kind": RunConfig.KIND, "added": sorted(RunConfig.ADDED)}


_OF_RUNS: Final = [curve for curve in CURVES.values() if curve.beside != "networks"]
