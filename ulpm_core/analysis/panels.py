"""The panels that hold curves, set by set and in their order."""

from __future__ import annotations

from typing import Final

from ulpm_core.analysis.curve import Panel

DISTANCE: Final = Panel("escape", "Distance from the saddle")
CURVATURE: Final = Panel("escape", "The lowest curvature here")
ABOVE_FLOOR: Final = Panel("escape", "Loss above its floor")
ESCAPING: Final = Panel("escape", "Margin against its bound")
LOSS: Final = Panel("run", "Loss")
FLOW_LOSS: Final = Panel("run", "Loss, as −log L")
"""Stands in place of the loss where the model's flow has a part: its loss soon leaves float64."""
ACCURACY: Final = Panel("run", "Accuracy")
NC1: Final = Panel("run", "NC1 · clusters tighten")
DEPTH: Final = Panel("run", "NC1 by depth")
"""Stands only where layers inside a network were recorded."""
ANGLES: Final = Panel("run", "NC2 · angles even out", "NC2 · angles off a simplex’s")
LENGTHS: Final = Panel("run", "NC2 · lengths even out")
SIZES: Final = Panel("run", "Cosines of classifiers")
"""Stands only where class sizes differ."""
SPECTRUM: Final = Panel("run", "Spectrum of class means")
"""Stands only beside more classes than a stage holds."""
NC3: Final = Panel("run", "NC3 · classifiers align")
MARGIN: Final = Panel("run", "Margin against its bound")
NORMS: Final = Panel("run", "Norms grow")
HELD_NORMS: Final = "Norms"
"""The title of that panel where the objective is another: decay and bounds hold norms down, and squared error stops."""
FIGURE: Final = (
    Panel("figure-2", "(a) lengths vary"),
    Panel("figure-2", "(b) variation within classes"),
    Panel("figure-2", "(c) cosines off the ideal", "(c) cosines off a simplex’s"),
    Panel("figure-2", "(d) distance to self-duality"),
)
A, B, C, D = FIGURE
A_UNCENTRED, B_UNCENTRED, C_UNCENTRED, D_UNCENTRED = (panel._replace(set="figure-2-uncentred") for panel in FIGURE)
GAMMA: Final = Panel("theorem", "Margin γ against its bound 1")
GAMMA_GAP: Final = Panel("theorem", "1 − γ, what the margin lacks")
KKT: Final = Panel("theorem", "KKT residual")
GAP: Final = Panel("theorem", "Duality gap")
OBJECTIVE: Final = Panel("theorem", "Objective and its bound")
PANELS: Final = (
    *(DISTANCE, CURVATURE, ABOVE_FLOOR, ESCAPING),
    *(LOSS, FLOW_LOSS, ACCURACY, NC1, DEPTH, ANGLES, SIZES, LENGTHS, SPECTRUM, NC3, MARGIN, NORMS),
    *(*FIGURE, A_UNCENTRED, B_UNCENTRED, C_UNCENTRED, D_UNCENTRED, GAMMA, GAMMA_GAP, KKT, GAP, OBJECTIVE),
)
"""The panels in their order; others that a curve names follow them."""
FLOW_SETS: Final = ("figure-2", "figure-2-uncentred", "theorem")
"""The sets that only the model's flow has; "run" stands beside every film, "escape" beside those from a saddle."""
