"""Every quantity that is measured of a run or a network, and how it is shown: one registration each, in `CURVES`.

To add a curve, add an entry: it is then measured of every snapshot, saved, printed, drawn in its panels and explained
by the player. Files from before it still open; what they lack is measured anew, or left out and said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ulpm_core.analysis import panels
from ulpm_core.analysis.collapse_curves import COLLAPSE, DIFFERENCES
from ulpm_core.analysis.curve import Curve
from ulpm_core.model.shapes import Array


def _norm(block: str) -> Callable[[Any], Array]:
    return lambda run: np.linalg.norm(getattr(run, block), axis=(-2, -1))


_REGISTERED: Final = (
    Curve("loss", "L", "Cross-entropy L, in nats.", values=lambda run: np.exp(run.log_loss), panels=(panels.LOSS,)),
    Curve(
        "value",
        "L + decay",
        "The value that is minimised: the loss L, and λ/2 times the squared norms of W and H.",
        values=lambda run: run.value,
        panels=(panels.LOSS,),
        beside="regularised",
    ),
    Curve(
        "minus_log_loss",
        "−log L",
        "−log L, which outlasts L itself.",
        values=lambda run: -run.log_loss,
        panels=(panels.FLOW_LOSS,),
    ),
    Curve(
        "train_accuracy",
        "training",
        "Share of the training samples that are read correctly.",
        values=lambda net: net.train_accuracy,
        scale="linear",
        panels=(panels.ACCURACY,),
        beside="networks",
    ),
    Curve(
        "test_accuracy",
        "test",
        "The same of the test samples.",
        on="classifiers",
        values=lambda net: net.test_accuracy,
        scale="linear",
        panels=(panels.ACCURACY,),
        beside="networks",
    ),
    *COLLAPSE,
    *(
        Curve(
            f"{name}_cosine",
            size,
            f"Mean cosine between centred classifiers w_k of the {which} classes.",
            on=on,
            scale="signed",
            panels=(panels.SIZES,),
            beside="runs",
        )
        for name, size, which, on in (
            ("minority", "small", "smallest", "features"),
            ("majority", "large", "largest", "classifiers"),
        )
    ),
    *(
        Curve(
            f"norm_{block.lower()}",
            f"‖{block}‖",
            f"Frobenius norm of the {on} {block}.",
            on=on,
            values=_norm(block),
            panels=(panels.NORMS,),
            beside="runs",
        )
        for block, on in (("H", "features"), ("W", "classifiers"))
    ),
    Curve(
        "gamma_gap",
        "1 − γ",
        "What γ lacks of its bound 1.",
        values=lambda run: 1.0 - run.metrics["gamma"],
        floor=DIFFERENCES,
        panels=(panels.GAMMA_GAP,),
        beside="runs",
    ),
    Curve(
        "kkt_stationarity",
        "stationarity",
        "‖θ − Σ λ ∇margin‖ / ‖θ‖ with θ scaled to smallest margin 1 and λ read off the loss: the sine of the angle"
        " between θ and −∇L.",
        floor=DIFFERENCES,
        panels=(panels.KKT,),
    ),
    Curve(
        "kkt_complementarity",
        "complementarity",
        "Σ λ (margin − 1) / Σ λ: multipliers must rest on the smallest margins.",
        on="classifiers",
        floor=DIFFERENCES,
        panels=(panels.KKT,),
    ),
    Curve(
        "duality_gap",
        "gap",
        "Objective over dual bound, minus 1: the run's own proof of how far from optimal it can be at most.",
        floor=1e-14,
        panels=(panels.GAP,),
    ),
    Curve(
        "objective",
        "objective",
        "(‖W‖² + ‖H‖²)/2 once the smallest margin is scaled to 1.",
        panels=(panels.OBJECTIVE,),
    ),
    Curve(
        "dual_bound",
        "lower bound",
        "Σ λ once ‖A(λ)‖ is scaled to 1: no W, H with margins of 1 can have a smaller objective.",
        on="classifiers",
        panels=(panels.OBJECTIVE,),
    ),
)
CURVES: Final = {curve.name: curve for curve in _REGISTERED}
"""Every curve by its name; kkt_stationarity to dual_bound are metrics of :mod:`ulpm_core.analysis.separation`, the
cosines of classifiers, measured only where class sizes differ, of :mod:`ulpm_core.analysis.imbalance`."""
