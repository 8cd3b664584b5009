"""Says how the pinned run or training differs from the one on stage, in the words of the knobs."""

from __future__ import annotations

from typing import Final

from app.page.spec import Config, PageSpec, Row
from ulpm_core.model.config_base import Described

LENGTHS: Final = ("steps", "log_time")
"""Knobs that say how long a run is: each run's own is named, since two methods count in different units."""

SAME: Final = "A and B are the same {what}: turn one knob to compare."
DIFFER: Final = "A pinned: {pinned}. B now: {now}."


def difference(spec: PageSpec[Config], pinned: Config, now: Config) -> str:
    """Returns one sentence that names each knob by which two configs differ, if it plays a part in either.

    >>> from app.page.networks import NETWORKS
    >>> from app.page.runs import RUNS
    >>> difference(RUNS, RUNS.config(), RUNS.config(seed=7))
    'A pinned: Seed 4. B now: Seed 7.'
    >>> difference(RUNS, RUNS.config(), RUNS.config(method="gradient-flow"))
    'A pinned: Method Gradient descent, Steps 10,000. B now: Method Gradient flow (log time), Log time log t 1,000.'
    >>> difference(RUNS, RUNS.config(class_sizes=(6, 4, 2)), RUNS.config(classes=3))
    'A pinned: Class sizes 6, 4, 2. B now: Samples per class n 30, Class sizes equal.'
    >>> difference(NETWORKS, NETWORKS.config(), NETWORKS.config())
    'A and B are the same training: turn one knob to compare.'
    """
    differ = [
        row
        for row in spec.rows
        if getattr(pinned, row.name) != getattr(now, row.name)
        or (row.name in LENGTHS and row.matters(pinned) != row.matters(now))
    ]
    if not differ:
        return SAME.format(what=spec.what)
    one, other = (", ".join(_said(row, run) for row in differ if row.matters(run)) for run in (pinned, now))
    return DIFFER.format(pinned=one, now=other)


def _said(row: Row, config: Described) -> str:
    value = getattr(config, row.name)
    words = row.words.get(value, f"{value:,.10g}" if isinstance(value, (int, float)) else value)
    return f"{row.parameter.label} {words if isinstance(words, str) else ', '.join(map(str, words))}"
