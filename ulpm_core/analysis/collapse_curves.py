"""The collapse metrics as curves: the definitions of :mod:`ulpm_core.analysis.collapse` with their names and words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
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
from ulpm_core.analysis.curve import Curve, Panel
from ulpm_core.model.shapes import Array

SQUARES: Final = 1e-30
"""Floor of ratios of squares."""
DIFFERENCES: Final = 1e-15
"""Floor of differences of numbers near 1."""


def _means(definition: Callable[[Array], Array]) -> dict[str, Any]:
    def measure(sums: Sums, centring: str = CENTRED) -> Array:
        return definition(sums.means[centring])

    return {"on": "features", "floor": DIFFERENCES, "measure": measure}


def _classifiers(definition: Callable[[Array], Array]) -> dict[str, Any]:
    def measure(sums: Sums, centring: str = CENTRED) -> Array:
        return definition(sums.classifiers[centring])

    return {"on": "classifiers", "floor": DIFFERENCES, "measure": measure}


def _duality(sums: Sums, centring: str = CENTRED) -> Array:
    return self_duality(sums.classifiers[centring], sums.means[centring])


_CENTRED: Final = (
    Curve(
        "nc1_trace_ratio",
        "within / between",
        "Tr Σ_W / Tr Σ_B: spread inside the classes over spread between them, centred.",
        on="features",
        floor=SQUARES,
        measure=nc1_trace_ratio,
        panels=(panels.NC1, panels.B),
        figure=("NC1, within / between", "Tr Σ_W / Tr Σ_B, centred"),
    ),
    Curve(
        "nc1",
        "NC1",
        "Tr(Σ_W Σ_B⁺) / K: spread inside the classes, seen in the directions between them.",
        on="features",
        floor=SQUARES,
        measure=nc1,
        figure=("NC1, Papyan, Han and Donoho", "Tr(Σ_W Σ_B⁺) / K"),
    ),
    Curve(
        "nc2_norms",
        "class means",
        "Standard deviation over mean of the lengths of centred class means (divisor K).",
        **_means(norm_variation),
        panels=(panels.LENGTHS, panels.A),
        figure=("NC2, lengths of class means", "standard deviation / mean, centred"),
    ),
    Curve(
        "nc2_norms_w",
        "classifiers",
        "The same for centred classifiers w_k.",
        **_classifiers(norm_variation),
        panels=(panels.LENGTHS, panels.A),
        figure=("NC2, lengths of classifiers", "standard deviation / mean, centred"),
    ),
    Curve(
        "nc2_angles",
        "class means",
        "Mean over pairs of |cos + 1/(K−1)| between centred class means; 0 at the ideal.",
        **_means(angle_error),
        panels=(panels.ANGLES, panels.C),
        figure=("NC2, angles of class means", "mean |cos + 1/(K−1)|, centred"),
        angles=True,
    ),
    Curve(
        "nc2_angles_w",
        "classifiers",
        "The same between centred classifiers w_k.",
        **_classifiers(angle_error),
        panels=(panels.ANGLES, panels.C),
        figure=("NC2, angles of classifiers", "mean |cos + 1/(K−1)|, centred"),
        angles=True,
    ),
    Curve(
        "nc3",
        "W against means",
        "‖W/‖W‖ − M/‖M‖‖ with W the centred classifiers and M the centred class means.",
        floor=DIFFERENCES,
        measure=_duality,
        panels=(panels.NC3, panels.D),
        figure=("NC3, classifiers against means", "‖W/‖W‖ − M/‖M‖‖, centred"),
    ),
)
_AS_THEY_ARE: Final[Mapping[str, tuple[str, tuple[Panel, ...]]]] = {
    "nc1_trace_ratio": ("Tr Σ_W / Tr Σ_B with Σ_B from the class means as they are.", (panels.B_UNCENTRED,)),
    "nc1": ("NC1 with the class means as they are.", ()),
    "nc2_norms": ("Standard deviation over mean of the lengths of class means as they are.", ()),
    "nc2_norms_w": ("The same for classifiers as they are.", (panels.A_UNCENTRED,)),
    "nc2_angles": ("Mean over pairs of |cos + 1/(K−1)| between class means as they are.", ()),
    "nc2_angles_w": ("The same between classifiers as they are.", (panels.C_UNCENTRED,)),
    "nc3": ("‖W/‖W‖ − M/‖M‖‖ with W and M as they are.", (panels.D_UNCENTRED,)),
}
"""Definitions and panels of the same metrics where class means and classifiers are not centred."""


def _uncentred(curve: Curve) -> Curve:
    """The curve of the same metric where class means and classifiers are taken as they are."""
    measure: Any = curve.measure
    definition, shown = _AS_THEY_ARE[curve.name]
    name, measured = curve.name + UNCENTRED, partial(measure, centring=UNCENTRED)
    return curve._replace(name=name, definition=definition, measure=measured, panels=shown, figure=None)


COLLAPSE: Final = (
    *_CENTRED,
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
    *map(_uncentred, _CENTRED),
)
