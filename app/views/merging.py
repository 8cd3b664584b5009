"""Says from which ratio of class sizes on small classes merge: in words, and as marks on the ladder of that ratio."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from app.terms.explained import explained
from ulpm_core.model.number_words import number


class Merging(NamedTuple):
    """From which ratio of class sizes on the small classes merge: under weight decay, and within norm balls; NaN where
    a single one has none to merge with.
    """

    decayed: float
    bounded: float

    def by_rule(self, names: Sequence[str], decay: str, bound: str) -> dict[str, float]:
        """Returns these ratios by the rule in words, of those rules among `names` under which any merge.

        >>> Merging(13.3, 9.14).by_rule(["ulpm", "weight-decay"], "1.5", "2")
        {'weight decay 1.5': 13.3}
        """
        places = {
            f"weight decay {decay}": self.decayed if {"weight-decay", "squared-error"} & set(names) else math.nan,
            f"norm balls {bound}": self.bounded if "norm-bound" in names else math.nan,
        }
        return {rule: at for rule, at in places.items() if not math.isnan(at)}


def merging_words(places: Mapping[str, float], ratio: float) -> str:
    """Returns a paragraph of HTML on where small classes merge, by the rule, beside the ratio of sizes that is on
    stage; nothing where none of the rules merges any.
    """
    if not places:
        return ""
    said = " and ".join(f"under {rule} from R = {_ratio(at)} on" for rule, at in places.items())
    said = f"Small classes merge {said}."
    past = [rule for rule, at in places.items() if ratio >= at]
    if ratio > 1.0:
        where = f"past the threshold of {' and of '.join(past)}" if past else "below that"
        said += f" R = {number(ratio)} is {where}. Without decay or bounds they never merge exactly."
    return f"<p>{explained(said)}</p>"


def marks_on(ladder: Sequence[str], places: Mapping[str, float]) -> str:
    """Returns marks for the slider over a ladder of ratios, as HTML that lies on it: a line where small classes merge,
    and the rule below. A reader of screens has it in :func:`merging_words`.
    """
    values = [float(value) for value in ladder]
    lines = []
    for row, (rule, at) in enumerate(places.items()):
        if len(values) < 2 or not values[0] <= at <= values[-1]:
            continue
        left = share_along(values, at)
        side = "right" if left > 0.5 else "left"
        lines.append(
            f'<i style="left: {100 * left:.2f}%"></i><span style="{side}: {100 * min(left, 1 - left):.2f}%; top:'
            f' {1.1 * row:.1f}em">{escape(rule)}: {_ratio(at)}</span>'
        )
    return f'<div class="lab-on-ladder" aria-hidden="true">{"".join(lines)}</div>' if lines else ""


def share_along(values: Sequence[float], at: float) -> float:
    """Returns the share of a slider's way at which a number lies, whose steps are as long as each other; between two
    steps by its logarithm.

    >>> share_along([1.0, 10.0, 100.0, 200.0, 300.0], 10**0.5), share_along([1.0, 2.0], 2.0)
    (0.125, 1.0)
    """
    i = min(bisect_right(values, at), len(values) - 1)
    low, high = values[i - 1], values[i]
    return (i - 1 + math.log(at / low) / math.log(high / low)) / (len(values) - 1)


def _ratio(at: float) -> str:
    return "∞" if at == math.inf else number(at)
