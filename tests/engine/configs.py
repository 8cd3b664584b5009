"""Configs of runs of every kind, and how a test hands one to the browser's engine as a plain object."""

from __future__ import annotations

import math
from typing import Any, Final

from ulpm_core import RunConfig

NORMALISED: Final = "normalised-gradient-descent"
STEPPED: Final = {
    "plain": RunConfig(),
    "mean": RunConfig(classes=3, dimension=2, per_class=7, learning_rate=1.0, loss_reduction="mean"),
    "two points": RunConfig(classes=2, dimension=1, per_class=1),
    "large": RunConfig(classes=10, dimension=16, per_class=50, learning_rate=0.01),
    "many classes": RunConfig(classes=20, dimension=40, per_class=3, learning_rate=0.02),
    "momentum": RunConfig(method="momentum", learning_rate=0.01, momentum=0.8),
    "normalised": RunConfig(method=NORMALISED, learning_rate=0.1),
    "shifted": RunConfig(method=NORMALISED, classes=3, dimension=2, per_class=1, learning_rate=0.05),
    "shifted far": RunConfig(
        method=NORMALISED, classes=2, dimension=1, per_class=2, learning_rate=0.1, loss_reduction="mean"
    ),
    "squared error": RunConfig(loss="squared-error", learning_rate=0.02),
    "label smoothing": RunConfig(loss="label-smoothing", classes=5, dimension=6),
    "smoothing and decay": RunConfig(loss="label-smoothing", smoothing=0.3, weight_decay=0.003, loss_reduction="mean"),
    "smoothing within bounds": RunConfig(loss="label-smoothing", smoothing=0.01, norm_bound_w=0.5, norm_bound_h=2.0),
    "smoothing of sizes": RunConfig(loss="label-smoothing", class_sizes=(10, 1, 4, 7), method="momentum"),
    "decay": RunConfig(weight_decay=0.01, weight_decay_h=0.2, learning_rate=0.05),
    "decay of the mean": RunConfig(weight_decay=0.003, loss_reduction="mean", learning_rate=2.0),
    "decay of one block": RunConfig(weight_decay=0.1, weight_decay_h=0.0, loss="squared-error", learning_rate=0.02),
    "bounds": RunConfig(norm_bound_w=0.5, norm_bound_h=2.0),
    "one bound": RunConfig(norm_bound_h=0.2, method=NORMALISED),
    "feature norm": RunConfig(feature_norm=2.0, loss_reduction="mean", learning_rate=3.0),
    "feature norm of sizes": RunConfig(feature_norm=0.7, class_sizes=(9, 1, 4, 7), dimension=5, method="momentum"),
    "feature norm of many": RunConfig(feature_norm=3.0, classes=12, dimension=11, per_class=3, learning_rate=0.02),
    "errors of one length": RunConfig(feature_norm=0.7, dimension=4, loss="squared-error", learning_rate=0.05),
    "smoothing at one length": RunConfig(feature_norm=2.0, loss="label-smoothing", method=NORMALISED),
    "sizes": RunConfig(class_sizes=(10, 1, 4, 7), learning_rate=0.05),
    "sizes within bounds": RunConfig(class_sizes=(30, 2, 4, 9), norm_bound_w=0.5, norm_bound_h=0.3, learning_rate=0.05),
    "adam": RunConfig(method="adam", learning_rate=0.01, momentum=0.8, beta2=0.99, epsilon=1e-6),
    "adam of the mean": RunConfig(method="adam", classes=3, dimension=2, per_class=7, loss_reduction="mean"),
    "signs": RunConfig(method="sign-descent", learning_rate=0.001),
    "adam, decay": RunConfig(method="adam", learning_rate=0.01, weight_decay=0.1),
    "adam, decay beside": RunConfig(method="adam", learning_rate=0.01, weight_decay=0.1, decay="decoupled"),
    "momentum, decay beside": RunConfig(
        method="momentum", learning_rate=0.01, weight_decay=0.1, weight_decay_h=0.01, decay="decoupled"
    ),
    "sizes, signs, decay beside": RunConfig(
        class_sizes=(3, 5, 9), method="sign-descent", learning_rate=0.001, weight_decay=0.1, decay="decoupled"
    ),
    "sizes with decay": RunConfig(class_sizes=(3, 5, 9), weight_decay=0.1, method="momentum", learning_rate=0.01),
}
"""Runs that do not diverge in 1,000 steps, nor amplify rounding: every rule, loss, decay, bound and list of sizes."""
DIVERGING: Final = {
    "at once": RunConfig(classes=3, dimension=2, per_class=10, learning_rate=50.0),
    "soon": RunConfig(learning_rate=1.0),
    "beyond numbers": RunConfig(learning_rate=1e6, initial_scale=50.0),
    "squared error": RunConfig(loss="squared-error", learning_rate=0.3),
    "decay": RunConfig(weight_decay=1.0, learning_rate=2.5, initial_scale=1.0),
    "decay beside": RunConfig(
        weight_decay=3.0, learning_rate=1.0, method="momentum", decay="decoupled", initial_scale=1.0
    ),
    "sizes": RunConfig(class_sizes=(40, 3, 5), learning_rate=3.0, method="momentum"),
}


def plain(config: RunConfig) -> dict[str, Any]:
    """Returns what the engine reads of a config, as JSON has it: null for what is no number, or infinite."""
    fields = ("classes", "dimension", "steps", "snapshots", "learning_rate", "method", "momentum", "beta2", "epsilon")
    fields = (*fields, "loss", "smoothing", "decay", "loss_reduction")
    return {name: getattr(config, name) for name in fields} | {
        "sizes": config.sizes,
        "labels": config.labels.tolist(),
        "sampleCount": config.label_count,
        "decays": config.decays,
        "decaysAtRest": config.decays_at_rest,
        "bounds": [None if bound == math.inf else bound for bound in config.bounds],
        "feature_norm": None if config.feature_norm == math.inf else config.feature_norm,
        "stepTime": None if math.isnan(config.step_time) else config.step_time,
    }


REVIVED: Final = """const revived = (fields) => ({ ...fields, labels: Int32Array.from(fields.labels),
  bounds: fields.bounds.map((bound) => bound ?? Infinity), feature_norm: fields.feature_norm ?? Infinity,
  stepTime: fields.stepTime ?? NaN });
const stateOf = ({ W, H }) => ({ W: Float64Array.from(W.flat()), H: Float64Array.from(H.flat()) });
const words = (x) => (Number.isFinite(x) ? x : String(x));
"""
"""What makes a config and a state of such objects in a test's script."""
