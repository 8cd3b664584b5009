"""The curves of layers inside a network: NC1 by depth, from the first one named to the last layer's features."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ulpm_core.analysis import panels
from ulpm_core.analysis.collapse_curves import SQUARES
from ulpm_core.analysis.curve import Curve
from ulpm_core.model.shapes import Array, Shaped
from ulpm_core.networks.recording import Recording

LAST: Final = "depth_last"
"""The curve of the features of the last layer."""


def layers_by_curve(recording: Recording) -> dict[str, str]:
    """Returns what each layer is called by a person, by the name of its curve in films, tables and claims, which is
    short and holds nothing that a file or an address could not; empty where no layers were recorded.
    """
    if recording.depth is None:
        return {}
    return {f"depth_{i}": layer for i, layer in enumerate(recording.layers)} | {LAST: "last"}


def curve_of_layer(recording: Recording, layer: str) -> str:
    """Returns the name of the curve of a layer that a person calls so; the word itself where there is none."""
    return next((curve for curve, called in layers_by_curve(recording).items() if called == layer), layer)


def depth_curves(recording: Recording) -> list[Curve]:
    """A curve for each recorded layer, and one for the features of the last; none where no layers were recorded."""

    def of(curve: str, layer: int) -> Callable[[Recording], Shaped[Array, "T"]]:
        return lambda net: net.metrics["nc1_trace_ratio"] if net.depth is None or curve == LAST else net.depth[:, layer]

    def what(curve: str, called: str) -> str:
        return "the features of the last layer" if curve == LAST else f"what the layer {called} gives"

    return [
        Curve(
            curve,
            called,
            f"Tr Σ_W / Tr Σ_B of {what(curve, called)}: spread inside the classes over spread between them, centred.",
            on="features",
            values=of(curve, i),
            floor=SQUARES,
            panels=(panels.DEPTH,),
        )
        for i, (curve, called) in enumerate(layers_by_curve(recording).items())
    ]
