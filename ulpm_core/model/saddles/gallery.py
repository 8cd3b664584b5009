"""`SADDLES`: the gallery in the order in which it hangs. The command line, menus, pictures and closed forms read it."""

from __future__ import annotations

from typing import Final

from ulpm_core.model.saddles.cross_polytope import CROSS_POLYTOPE
from ulpm_core.model.saddles.merged_classes import MERGED_CLASSES
from ulpm_core.model.saddles.merged_pairs import MERGED_PAIRS
from ulpm_core.model.saddles.neglected_class import NEGLECTED_CLASS
from ulpm_core.model.saddles.origin import ORIGIN
from ulpm_core.model.saddles.polygon import POLYGON, SQUARE
from ulpm_core.model.saddles.saddle import Saddle
from ulpm_core.model.saddles.simplex import SIMPLEX

SADDLES: Final[dict[str, Saddle]] = {
    saddle.name: saddle
    for saddle in (
        ORIGIN,
        NEGLECTED_CLASS,
        MERGED_CLASSES,
        MERGED_PAIRS,
        SQUARE,
        POLYGON,
        CROSS_POLYTOPE,
        SIMPLEX,
    )
}
"""By name. All are stationary on their sphere; the simplex is the one that is no saddle."""
