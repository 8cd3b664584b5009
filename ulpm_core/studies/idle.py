"""Which parameters have a part in no cell of a sweep; an axis of such a one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ulpm_core.model.config import RunConfig
from ulpm_core.model.refusal import refuse
from ulpm_core.model.unused import DECIDING, has_part, without_part
from ulpm_core.studies.axes import SAMPLE
from ulpm_core.studies.study import Study

WHY: Final = "changes nothing: it plays no part {beside}"


def deciding_cells(study: Study) -> Iterator[RunConfig]:
    """Gives a config for each way in which the cells of a sweep may differ in which parameters have a part."""
    few = Study(study.config, tuple(each for each in study.axes if DECIDING & set(each.parameters)))
    return (run for cell in range(few.cells) if isinstance(run := few.asked(cell), RunConfig))


def has_part_somewhere(study: Study, name: str) -> bool:
    """Returns whether a parameter has a part in any cell of a sweep.

    >>> from ulpm_core.studies.axes import axis
    >>> has_part_somewhere(Study(RunConfig(), (axis("method", ["adam", "momentum"]),)), "beta2")
    True
    """
    return any(has_part(run, name) for run in deciding_cells(study))


def refuse_idle_axes(study: Study) -> None:
    """Raises :class:`ConfigError` for an axis of a parameter that has a part in no cell: all its cells would be one."""
    one = next(deciding_cells(study), None)
    if one is None:  # each cell is refused, and says why
        return
    for each in study.axes:
        for name in each.parameters:
            if not has_part_somewhere(study, name):
                field = SAMPLE if each.name == SAMPLE else "grid"
                why = WHY.format(beside=without_part(one, name))
                raise refuse(field, name, why, "another parameter", "dimension=3,4")
