"""The curves of layers inside a network: NC1 by depth, from the first one named to the last layer's features."""

from __future__ import annotations

from collections.abc import Callable

from ulpm_core.analysis import panels
from ulpm_core.analysis.collapse_curves import SQUARES
from ulpm_core.analysis.curve import Curve
from ulpm_core.model.shapes import Array, Shaped
from ulpm_core.networks.recording import Recording


def depth_curves(recording: Recording) -> list[Curve]:
    """A curve for each recorded layer, and one for the features of the last; none where no layers were recorded."""
    if recording.depth is None:
        return []

    def of(layer: int) -> Callable[[Recording], Shaped[Array, "T"]]:
        return lambda net: net.metrics["nc1_trace_ratio"] if net.depth is None or layer < 0 else net.depth[:, layer]

    layers = [(f"depth_{i}", name, f"what the layer {name} gives", i) for i, name in enumerate(recording.layers)]
    layers.append(("depth_last", "last", "the features of the last layer", -1))
    return [
        Curve(
            curve,
            label,
            f"Tr Σ_W / Tr Σ_B of {what}: spread inside the classes over spread between them, centred.",
            on="features",
            values=of(i),
            floor=SQUARES,
            panels=(panels.DEPTH,),
        )
        for curve, label, what, i in layers
    ]
