"""Draws what runs of several rules came to, as a table, and a sentence on each rule."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final, NamedTuple

from app.terms.explained import explained
from app.views.siblings import SIBLINGS
from app.views.tables import cell, table
from app.views.texts import Figure
from ulpm_core import RunConfig
from ulpm_core.analysis.curves import CURVES
from ulpm_core.claims.at_a_moment import claim_at
from ulpm_core.claims.ideal import OF_THE_IDEAL, ideal_for
from ulpm_core.film.curves import defined_for
from ulpm_core.model.number_words import number

PROVED: Final = 1e-9
"""Certificate up to which an optimum counts as proved."""
TOO_SMALL: Final = "another one: the usual best has no room in d = {d}"
AS_FAR: Final = "{usual}; as far as d = {d} has room"
ROUNDING: Final = 1e-12
"""A margin or cosine below this is 0 but for rounding."""


class Ends(NamedTuple):
    """What a run came to, beside what is best: margins, values, the certificate, the distance to the ideal, and the
    mean cosine of the smallest classes' classifiers, at the moment `at` which it ends. NaN where not known; the best
    margin is infinite where none is.
    """

    margin: float
    best_margin: float
    value: float
    best_value: float
    certificate: float
    distance: float
    cosine: float
    best_cosine: float
    at: Mapping[str, float]


def siblings_table(
    names: Sequence[str], ends: Sequence[Ends] | None, config: RunConfig, uneven: bool, runs: Sequence[RunConfig] = ()
) -> str:
    """Returns what is best for each rule and what its run came to, as HTML; `ends` is None as long as that is not
    known, and then `runs` are those of the films. `config` has K and d.
    """
    head = ["rule", "best shape", "its scale", "how it is reached", "margin, and best", "value, and least"]
    head += ["proved", "from the ideal", *(["cosine of small classes"] if uneven else [])]
    rows: list[list[str | Figure]] = []
    for i, name in enumerate(names):
        sibling = SIBLINGS[name]
        fits = config.dimension >= config.classes + sibling.room
        usual, small = (sibling.uneven, AS_FAR) if uneven else (sibling.shape, TOO_SMALL)
        shape = usual if fits else small.format(usual=usual, d=config.dimension)
        scale = sibling.scale if sibling.endless or (fits and not uneven) else "finite"
        said = [shape, scale, sibling.reached]
        figures = _figures(ends[i], uneven, runs[i]) if ends is not None else ["…"] * (5 if uneven else 4)
        rows.append([f"{'ABCD'[i]} {sibling.label}", *said, *figures])
    return f'<div class="lab-glance">{table(head, rows)}</div>'


def _figures(end: Ends, uneven: bool, run: RunConfig) -> list[str | Figure]:
    """Returns the cells of a run: each figure, and after it what is best; what is known of its film is a claim."""
    proved = "not known" if math.isnan(end.certificate) else "yes" if end.certificate <= PROVED else "not yet"
    if not math.isnan(end.certificate) and end.certificate > PROVED:
        proved += f", within {number(end.certificate)}"

    def claim(said: str, name: str, value: float) -> str | Figure:
        if math.isnan(value):
            return said
        curve = ideal_for(run, OF_THE_IDEAL[name]) if name in OF_THE_IDEAL else defined_for(run, CURVES[name])
        return Figure(said, claim_at(run, curve, value, end.at))

    cells = [
        claim(_of(end.margin, end.best_margin), "q_min", end.margin),
        claim(_of(end.value, end.best_value, rounding=0.0), "value" if any(run.decays) else "loss", end.value),
        claim(proved, "certificate", end.certificate),
        claim(cell(end.distance), "distance_to_ideal", end.distance),
    ]
    cosine = claim(_of(end.cosine, end.best_cosine), "minority_cosine", end.cosine)
    return [*cells, cosine] if uneven else cells


def _of(value: float, best: float, rounding: float = ROUNDING) -> str:
    """Returns a figure and what is best; what is below `rounding` is 0.

    >>> _of(0.25, 1.0), _of(7.0, math.inf), _of(7.0, math.nan), _of(-2e-16, 0.0)
    ('0.25 of 1', '7 of ∞', '7', '0 of 0')
    >>> _of(3e-40, 0.0, rounding=0.0)  # a loss that has no least value falls for ever
    '3.0 × 10⁻⁴⁰ of 0'
    """
    value = 0.0 if abs(value) < rounding else value
    if math.isnan(best):
        return cell(value)
    return f"{cell(value)} of {'∞' if best == math.inf else number(0.0 if abs(best) < ROUNDING else best)}"


def sentences(names: Sequence[str], uneven: bool) -> str:
    """Returns the sentence of each rule on stage, for sizes that differ or not, as a list in HTML."""
    rules = [SIBLINGS[name] for name in names]
    words = [(uneven and rule.uneven_words) or rule.words for rule in rules]
    items = (
        f"<li><b>{letter} {escape(rule.label)}.</b> {explained(said)}</li>"
        for letter, rule, said in zip("ABCD", rules, words, strict=False)
    )
    return f'<ul class="lab-siblings">{"".join(items)}</ul>'
