"""The collapse metrics as curves: the definitions of :mod:`ulpm_core.analysis.collapse` with their names and words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ulpm_core.analysis import panels
from ulpm_core.analysis.collapse import (
    CENTRED,
    UNCENTRED,
    Sums,
    angle_error,
    gamma,
    gamma_balanced,
    nc1,
    nc1_trace_ratio,
    nc4,
    norm_variation,
    self_duality,
)
from ulpm_core.analysis.curve import Curve
from ulpm_core.model.shapes import Array

SQUARES: Final = 1e-30
"""Floor of ratios of squares."""
DIFFERENCES: Final = 1e-15
"""Floor of differences of numbers near 1."""


def _means(definition: Callable[[Array], Array], centring: str) -> dict[str, Any]:
    return {"on": "features", "floor": DIFFERENCES, "measure": lambda sums: definition(sums.means[centring])}


def _classifiers(definition: Callable[[Array], Array], centring: str) -> dict[str, Any]:
    return {"on": "classifiers", "floor": DIFFERENCES, "measure": lambda sums: definition(sums.classifiers[centring])}


def _within(definition: Callable[[Sums, str], Array], centring: str) -> dict[str, Any]:
    return {"on": "features", "floor": SQUARES, "measure": lambda sums: definition(sums, centring)}


def _duality(centring: str) -> dict[str, Any]:
    def measure(sums: Sums) -> Array:
        return self_duality(sums.classifiers[centring], sums.means[centring])

    return {"label": "W against means", "floor": DIFFERENCES, "measure": measure}


COLLAPSE: Final = (
    Curve(
        "nc1_trace_ratio",
        "within / between",
        "Tr Σ_W / Tr Σ_B: spread inside the classes over spread between them, centred.",
        **_within(nc1_trace_ratio, CENTRED),
        panels=(panels.NC1, panels.B),
        figure=("NC1, within / between", "Tr Σ_W / Tr Σ_B, centred"),
    ),
    Curve(
        "nc1",
        "NC1",
        "Tr(Σ_W Σ_B⁺) / K: spread inside the classes, seen in the directions between them.",
        **_within(nc1, CENTRED),
        figure=("NC1, Papyan, Han and Donoho", "Tr(Σ_W Σ_B⁺) / K"),
    ),
    Curve(
        "nc2_norms",
        "class means",
        "Standard deviation over mean of the lengths of centred class means (divisor K).",
        **_means(norm_variation, CENTRED),
        panels=(panels.LENGTHS, panels.A),
        figure=("NC2, lengths of class means", "standard deviation / mean, centred"),
    ),
    Curve(
        "nc2_norms_w",
        "classifiers",
        "The same for centred classifiers w_k.",
        **_classifiers(norm_variation, CENTRED),
        panels=(panels.LENGTHS, panels.A),
        figure=("NC2, lengths of classifiers", "standard deviation / mean, centred"),
    ),
    Curve(
        "nc2_angles",
        "class means",
        "Mean over pairs of |cos + 1/(K−1)| between centred class means; 0 at the ideal.",
        **_means(angle_error, CENTRED),
        panels=(panels.ANGLES, panels.C),
        figure=("NC2, angles of class means", "mean |cos + 1/(K−1)|, centred"),
        angles=True,
    ),
    Curve(
        "nc2_angles_w",
        "classifiers",
        "The same between centred classifiers w_k.",
        **_classifiers(angle_error, CENTRED),
        panels=(panels.ANGLES, panels.C),
        figure=("NC2, angles of classifiers", "mean |cos + 1/(K−1)|, centred"),
        angles=True,
    ),
    Curve(
        "nc3",
        definition="‖W/‖W‖ − M/‖M‖‖ with W the centred classifiers and M the centred class means.",
        **_duality(CENTRED),
        panels=(panels.NC3, panels.D),
        figure=("NC3, classifiers against means", "‖W/‖W‖ − M/‖M‖‖, centred"),
    ),
    Curve(
        "nc4",
        "unlike the nearest mean",
        "Share of samples whose classifier's answer is not the nearest class mean.",
        measure=nc4,
        scale="linear",
        figure=("NC4, unlike the nearest mean", "share of samples"),
    ),
    Curve(
        "q_min",
        "smallest margin",
        "Least of all margins: own logit less the largest other.",
        measure=lambda sums: sums.q_min,
        scale="signed",
        figure=("smallest margin", "own logit less the largest other"),
    ),
    Curve(
        "gamma_balanced",
        "γ, balanced",
        "‖ΠY‖∗ · smallest margin / (‖W‖ ‖H‖), with ‖ΠY‖∗ = (K−1)√n for classes of one size n: γ at the best rescaling"
        " of W against H, which a network may choose freely, since it changes no logit. At most 1.",
        measure=gamma_balanced,
        scale="signed",
        panels=(panels.MARGIN,),
        beside="networks",  # γ itself mostly says how uneven the two scales are: .044 where this is .877
        figure=("γ balanced, the margin against its bound", "‖ΠY‖∗ q_min / (‖W‖ ‖H‖), at most 1"),
    ),
    Curve(
        "gamma",
        "γ",
        "γ = 2(K−1)√n · smallest margin / (‖W‖² + ‖H‖²); at most 1, and 1 only at the collapsed simplex.",
        measure=gamma,
        scale="linear",
        panels=(panels.MARGIN, panels.GAMMA, panels.ESCAPING),
        beside="runs",
        figure=("γ, where W and H are not rescaled", "2 ‖ΠY‖∗ q_min / (‖W‖² + ‖H‖²), at most 1"),
    ),
    Curve(
        "nc1_trace_ratio_uncentred",
        "within / between",
        "Tr Σ_W / Tr Σ_B with Σ_B from the class means as they are.",
        **_within(nc1_trace_ratio, UNCENTRED),
        panels=(panels.B_UNCENTRED,),
    ),
    Curve("nc1_uncentred", "NC1", "NC1 with the class means as they are.", **_within(nc1, UNCENTRED)),
    Curve(
        "nc2_norms_uncentred",
        "class means",
        "Standard deviation over mean of the lengths of class means as they are.",
        **_means(norm_variation, UNCENTRED),
    ),
    Curve(
        "nc2_norms_w_uncentred",
        "classifiers",
        "The same for classifiers as they are.",
        **_classifiers(norm_variation, UNCENTRED),
        panels=(panels.A_UNCENTRED,),
    ),
    Curve(
        "nc2_angles_uncentred",
        "class means",
        "Mean over pairs of |cos + 1/(K−1)| between class means as they are.",
        **_means(angle_error, UNCENTRED),
        angles=True,
    ),
    Curve(
        "nc2_angles_w_uncentred",
        "classifiers",
        "The same between classifiers as they are.",
        **_classifiers(angle_error, UNCENTRED),
        panels=(panels.C_UNCENTRED,),
        angles=True,
    ),
    Curve(
        "nc3_uncentred",
        definition="‖W/‖W‖ − M/‖M‖‖ with W and M as they are.",
        **_duality(UNCENTRED),
        panels=(panels.D_UNCENTRED,),
    ),
)
