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
from ulpm_core.analysis.own_margins import gamma_entries, gamma_spectral
from ulpm_core.model.shapes import Array


def _norm(block: str) -> Callable[[Any], Array]:
    return lambda run: np.linalg.norm(getattr(run, block), axis=(-2, -1))


_REGISTERED: Final = (
    Curve(
        "loss",
        "L",
        "Cross-entropy L, in nats.",
        values=lambda run: np.exp(run.log_loss),
        panels=(panels.LOSS,),
        words=(
            "What training makes small: for each image, how surprising its right answer is to the last layer, −log p;"
            " then the sum of all, or their mean where that is chosen."
        ),
        formula=r"-\log p, \quad p = \frac{e^{z_y}}{\sum_j e^{z_j}}",
    ),
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
        words="The loss on a scale that does not end: each unit more is a loss 2.7 times smaller.",
        formula=r"-\log L",
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
        "Share of the test samples that are read correctly.",
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
            words=f"The length of the {on}, all numbers of {block} taken together.",
            formula=rf"\lVert {block}\rVert = \sqrt{{\sum {block.lower()}^2}}",
            on=on,
            values=_norm(block),
            panels=(panels.NORMS,),
            beside="runs",
        )
        for block, on in (("H", "features"), ("W", "classifiers"))
    ),
    Curve(
        "gamma_spectral",
        "γ, spectral",
        "√n · smallest margin / (‖W‖ ‖H‖) in operator norms: what spectral descent seeks. At most 1, for classes of one"
        " size n; 1 at the collapsed simplex, and not there alone.",
        values=gamma_spectral,
        scale="linear",
        panels=(panels.MARGIN,),
        beside="spectral",
        words=(
            "The smallest margin over the largest that W and H of these largest singular values could have. At most 1."
        ),
        formula=r"\frac{\sqrt{n}\; q_{\min}}{\lVert W\rVert_{\text{op}} \lVert H\rVert_{\text{op}}}",
    ),
    Curve(
        "gamma_entries",
        "γ, entries",
        "Smallest margin / (c d max|W| max|H|), c = K/(K−1) for even K, (K+1)/K for odd: what sign descent and Adam"
        " seek. At most 1, and 1 only at codes of signs that few K and d have.",
        values=gamma_entries,
        scale="linear",
        panels=(panels.MARGIN,),
        beside="entries",
        words="The smallest margin over a bound for W and H whose largest entries are these. At most 1.",
        formula=r"\frac{q_{\min}}{c\, d\, \max |W| \max |H|}",
    ),
    Curve(
        "gamma_gap",
        "1 − γ",
        "What γ lacks of its bound 1.",
        values=lambda run: 1.0 - run.metrics["gamma"],
        floor=DIFFERENCES,
        panels=(panels.GAMMA_GAP,),
        beside="runs",
        words="What the margin still lacks of the largest that there is. 0: nothing separates the classes better.",
        formula=r"1 - \gamma",
    ),
    Curve(
        "kkt_stationarity",
        "stationarity",
        "‖θ − Σ λ ∇margin‖ / ‖θ‖ with θ scaled to smallest margin 1 and λ read off the loss: the sine of the angle"
        " between θ and −∇L.",
        floor=DIFFERENCES,
        panels=(panels.KKT,),
        words=(
            "Whether the run grows straight ahead: the sine of the angle between where it is and where the"
            " gradient pulls. 0: only its length changes."
        ),
        formula=r"\sin(\theta, -\nabla L)",
    ),
    Curve(
        "kkt_complementarity",
        "complementarity",
        "Σ λ (margin − 1) / Σ λ: multipliers must rest on the smallest margins.",
        on="classifiers",
        floor=DIFFERENCES,
        panels=(panels.KKT,),
        words="Whether only the smallest margins pull, as they must at an optimum. 0: they alone do.",
        formula=r"\frac{\sum \lambda (\text{margin} - 1)}{\sum \lambda}",
    ),
    Curve(
        "duality_gap",
        "gap",
        "Objective over dual bound, minus 1: the run's own proof of how far from optimal it can be at most.",
        floor=1e-14,
        panels=(panels.GAP,),
        words="How far from the best at most, proved from this run alone. 0: nothing is better.",
        formula=r"\frac{\text{objective}}{\text{lower bound}} - 1",
    ),
    Curve(
        "objective",
        "objective",
        "(‖W‖² + ‖H‖²)/2 once the smallest margin is scaled to 1.",
        panels=(panels.OBJECTIVE,),
        words="How large W and H have to be to win every answer by a margin of 1. Training seeks the smallest.",
        formula=r"\frac{1}{2} \left( \lVert W\rVert^2 + \lVert H\rVert^2 \right) \; \text{at} \; q_{\min} = 1",
    ),
    Curve(
        "dual_bound",
        "lower bound",
        "Σ λ once ‖A(λ)‖ is scaled to 1: no W, H with margins of 1 can have a smaller objective.",
        on="classifiers",
        panels=(panels.OBJECTIVE,),
        words="What no W and H that win by 1 can be below.",
        formula=r"\sum \lambda \; \text{at} \; \lVert A(\lambda) \rVert = 1",
    ),
)
CURVES: Final = {curve.name: curve for curve in _REGISTERED}
"""Every curve by its name; kkt_stationarity to dual_bound are metrics of :mod:`ulpm_core.analysis.separation`, the
cosines of classifiers, measured only where class sizes differ, of :mod:`ulpm_core.analysis.imbalance`."""
