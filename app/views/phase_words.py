"""Says what a phase picture shows, what it fixes, and where a cell of it lies."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from app.views.lines import paragraphs
from app.views.phase_pictures import ENDS, PICTURES, RULES
from app.views.texts import Figure, Text
from ulpm_core import RunConfig
from ulpm_core.claims.at_a_moment import claim_at_the_end
from ulpm_core.model.number_words import number
from ulpm_core.studies.axes import Axis
from ulpm_core.studies.study import Study
from ulpm_core.studies.sweep import Sweep

CALLED: Final = {"gamma": "γ", "q_min": "smallest margin", "minority_cosine": "cosine of small classes"}
"""What figures of a cell are called."""


def said(name: str, found: Sweep, foretold: Mapping[str, float], run_of: Callable[[int], RunConfig]) -> Text:
    """One sentence on what a picture shows so far, with its own numbers, beside what is foretold; `run_of` gives the
    run of a cell.
    """
    shown = PICTURES[name].shown(found)
    made = np.isfinite(shown)
    if not made.any():
        return ""
    if name == "rates":
        counts = [f"{np.sum(shown == level):.0f} {word}" for level, word in enumerate(ENDS)]
        return f"Of {made.sum():,} runs: {', '.join(counts)}."
    if name == "room":
        d, K = (np.array(each.parameters[each.name]) for each in found.study.axes)
        fits = d[:, None] >= K - 1
        if not (made & fits).any():
            return ""
        least = int(np.where(made & fits, shown, np.inf).argmin())
        words: list[str | Figure] = ["Where a simplex fits the least margin ratio is "]
        words.append(_figure("gamma", found, least, run_of(least)))
        if (made & ~fits).any():
            largest = int(np.where(made & ~fits, shown, -np.inf).argmax())
            words += [", where none does the largest is ", _figure("gamma", found, largest, run_of(largest))]
        return [*words, "."]
    if name == "rare":
        at = ", ".join(f"{rule}: R = {number(ratio)}" for rule, ratio in foretold.items())
        return f"Foretold to merge from: {at}. ULPM: never."
    return f"From {number(float(np.nanmin(shown)))} to {number(float(np.nanmax(shown)))} digits."


def fixed_words(name: str, study: Study) -> str:
    """One sentence on what all runs of a picture have in common."""
    config = study.config_of(study.cells - 1)
    few, steps, end = min(config.sizes), study.config.steps, study.config.log_time
    return PICTURES[name].fixed.format(run=config, few=few, steps=steps, end=end)


def cell_words(name: str, study: Study, cell: int) -> str:
    """A cell in words: where it lies on both axes."""
    place = study.place(cell)
    picture, values = PICTURES[name], [labels(each)[i] for each, i in zip(study.axes, place, strict=True)]
    return f"{picture.across} {values[0]}, {picture.up or 'rule'} {values[1]}"


def cell_figures(name: str, found: Sweep, cell: int, run: RunConfig) -> str:
    """How the run of a cell ended, as HTML: each figure that its number is made of can be copied as a claim."""
    outcome = str(found.outcome[(*found.study.place(cell), 0)]) or "not made yet"
    parts: list[str | Figure] = []
    for key in PICTURES[name].figures if outcome == "done" else ():
        if key in found.figures and math.isfinite(_value(key, found, cell)):
            parts += [f"{', ' if parts else ''}{CALLED[key]} = ", _figure(key, found, cell, run)]
    return paragraphs([[f"{cell_words(name, found.study, cell)}: ", *(parts or [outcome]), "."]])


def _value(key: str, found: Sweep, cell: int) -> float:
    """The figure of a cell's first run."""
    return float(found.figures[key][(*found.study.place(cell), 0)])


def _figure(key: str, found: Sweep, cell: int, run: RunConfig) -> Figure:
    value = _value(key, found, cell)
    return Figure(number(value), claim_at_the_end(run, key, value))


def labels(of: Axis) -> list[str]:
    """The values of an axis as they stand at its ticks."""
    if of.name == "rule":
        return list(RULES)
    if of.name == "ratio":
        return [f"{max(sizes) / min(sizes):g}" for sizes in of.parameters["class_sizes"]]
    return [f"{value:g}" for value in of.parameters[of.name]]
