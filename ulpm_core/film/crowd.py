"""What a film of more classes than its stage holds shows beside it: the spectrum of class means, and a note."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ulpm_core.analysis import panels
from ulpm_core.analysis.crowd import spectrum
from ulpm_core.analysis.curve import Curve
from ulpm_core.analysis.projection import Stage
from ulpm_core.model.shapes import Array, Labels, Shaped

FLOOR: Final = 1e-8
"""Smaller singular values over their root mean square are rounding."""
SPECTRUM: Final = "spectrum_"
"""How the names of these curves begin."""
QUANTILES: Final = (("largest", 0.0, "features"), ("median", 0.5, "run"), ("smallest", 1.0, "classifiers"))
"""Names of singular values, how far down the list they stand, and whose colour their curves have."""


def spectrum_curves(means: Shaped[Array, "T K d"], frames: Shaped[Labels, "F"]) -> list[Curve]:
    """The largest, the median and the smallest singular value of centred class means at these snapshots, over the root
    mean square of all, as curves.
    """
    values = np.full((len(means), min(means.shape[1] - 1, means.shape[2])), np.nan)
    values[frames] = spectrum(means[frames])
    r = values.shape[1]

    def at(share: float) -> Any:
        held: Array = values[:, round(share * (r - 1))]
        return lambda _: held

    return [
        Curve(
            SPECTRUM + name,
            name,
            f"The {name} of {r:,} singular values of the centred class means, over their root mean square. All are 1"
            " where class means spread evenly over all directions, as at a simplex.",
            on=on,
            values=at(share),
            floor=FLOOR,
            panels=(panels.SPECTRUM,),
        )
        for name, share, on in QUANTILES
    ]


def note(stage: Stage) -> str:
    """Says which classes are on stage, and what a cell of the cosine matrix is; empty where all are."""
    if stage.classes is None or stage.blocks is None:
        return ""
    every, sizes = sum(map(len, stage.blocks)), sorted({len(block) for block in stage.blocks})
    of = " or ".join(map(str, sizes))
    return (
        f"On stage are {len(stage.classes)} of {every:,} classes, one of each block of {of}; a cell of the matrix is"
        " the mean cosine between all classes of two blocks. Curves are of all classes."
    )
