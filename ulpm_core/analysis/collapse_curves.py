"""The collapse metrics as curves: the definitions of :mod:`ulpm_core.analysis.collapse` with their names and words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from ulpm_core.analysis import panels
from ulpm_core.analysis.collapse import (
    CENTRED,
    CLASS_CENTRED,
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
        words=(
            "How far the dots of a class scatter around their mean, over how far the class means scatter. 0:"
            " every class is one point."
        ),
        formula=r"\frac{\text{Tr}\, \Sigma_W}{\text{Tr}\, \Sigma_B}",
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
        words="How much the class means differ in length, as a share of their mean length. 0: all are equally long.",
        formula=r"\frac{\text{std}_k \lVert \bar h_k - \bar h \rVert}{\text{mean}_k \lVert \bar h_k - \bar h \rVert}",
    ),
    Curve(
        "nc2_norms_w",
        "classifiers",
        "Standard deviation over mean of the lengths of centred classifiers w_k (divisor K).",
        **_classifiers(norm_variation),
        panels=(panels.LENGTHS, panels.A),
        figure=("NC2, lengths of classifiers", "standard deviation / mean, centred"),
        words="The same of the arrows, the classifiers.",
        formula=r"\frac{\text{std}_k \lVert w_k - \bar w \rVert}{\text{mean}_k \lVert w_k - \bar w \rVert}",
    ),
    Curve(
        "nc2_angles",
        "class means",
        "Mean over pairs of |cos + 1/(K−1)| between centred class means; 0 at the ideal.",
        **_means(angle_error),
        panels=(panels.ANGLES, panels.C),
        figure=("NC2, angles of class means", "mean |cos + 1/(K−1)|, centred"),
        angles=True,
        words=(
            "How far the angles between class means are from those of the ideal shape: of all pairs of classes,"
            " the mean error of the cosine. 0: all angles are equal and as wide as can be."
        ),
        formula=r"\text{mean}_{j \ne k} \left| \cos(\bar h_j - \bar h, \bar h_k - \bar h) + \frac{1}{K-1} \right|",
    ),
    Curve(
        "nc2_angles_w",
        "classifiers",
        "Mean over pairs of |cos + 1/(K−1)| between centred classifiers w_k; 0 at the ideal.",
        **_classifiers(angle_error),
        panels=(panels.ANGLES, panels.C),
        figure=("NC2, angles of classifiers", "mean |cos + 1/(K−1)|, centred"),
        angles=True,
        words="The same between the arrows, the classifiers.",
        formula=r"\text{mean}_{j \ne k} \left| \cos(w_j - \bar w, w_k - \bar w) + \frac{1}{K-1} \right|",
    ),
    Curve(
        "nc3",
        "W against means",
        "‖W/‖W‖ − M/‖M‖‖ with W the centred classifiers and M the centred class means.",
        floor=DIFFERENCES,
        measure=_duality,
        panels=(panels.NC3, panels.D),
        figure=("NC3, classifiers against means", "‖W/‖W‖ − M/‖M‖‖, centred"),
        words=(
            "How far the arrows are from the class means, once both frames are scaled to length 1. 0: each arrow"
            " points at its own class mean."
        ),
        formula=r"\left\lVert \frac{W}{\lVert W\rVert} - \frac{M}{\lVert M\rVert} \right\rVert",
    ),
)
_AS_THEY_ARE: Final[Mapping[str, tuple[str, tuple[Panel, ...]]]] = {
    "nc1_trace_ratio": ("Tr Σ_W / Tr Σ_B with Σ_B from the class means as they are.", (panels.B_UNCENTRED,)),
    "nc1": ("NC1 with the class means as they are.", ()),
    "nc2_norms": ("Standard deviation over mean of the lengths of class means as they are.", ()),
    "nc2_norms_w": ("Standard deviation over mean of the lengths of classifiers as they are.", (panels.A_UNCENTRED,)),
    "nc2_angles": ("Mean over pairs of |cos + 1/(K−1)| between class means as they are.", ()),
    "nc2_angles_w": ("Mean over pairs of |cos + 1/(K−1)| between classifiers as they are.", (panels.C_UNCENTRED,)),
    "nc3": ("‖W/‖W‖ − M/‖M‖‖ with W and M as they are.", (panels.D_UNCENTRED,)),
}
"""Definitions and panels of the same metrics where class means and classifiers are not centred."""


_BY_CLASS: Final = {
    "nc1_trace_ratio": "Tr Σ_W / Tr Σ_B with Σ_B from class means less the mean of class means.",
    "nc1": "NC1 with class means less the mean of class means.",
    "nc2_norms": "Standard deviation over mean of the lengths of class means less the mean of class means.",
    "nc2_angles": "Mean over pairs of |cos + 1/(K−1)| between class means less the mean of class means.",
    "nc3": "‖W/‖W‖ − M/‖M‖‖ with M the class means less the mean of class means.",
}
"""Definitions of the metrics that have another centre, too, where class sizes differ."""


def _class_centred(curve: Curve) -> Curve:
    """The curve of the same metric where class means are taken less the mean of class means, each class counting once:
    that of samples where all classes have one size, so that it is measured of others alone.
    """
    measure: Any = curve.measure
    return Curve(
        curve.name + CLASS_CENTRED,
        curve.label,
        _BY_CLASS[curve.name],
        on=curve.on,
        floor=curve.floor,
        measure=partial(measure, centring=CLASS_CENTRED),
        beside="uneven",
    )


def _uncentred(curve: Curve) -> Curve:
    """The curve of the same metric where class means and classifiers are taken as they are."""
    measure: Any = curve.measure
    definition, shown = _AS_THEY_ARE[curve.name]
    name, measured = curve.name + UNCENTRED, partial(measure, centring=UNCENTRED)
    return curve._replace(
        name=name, definition=definition, measure=measured, panels=shown, figure=None, words="", formula=""
    )


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
        words=(
            "The smallest margin, by which the right answer wins, over the largest that W and H of this size"
            " could have, wherever a network keeps its scale. At most 1."
        ),
        formula=r"\frac{(K-1) \sqrt{n}\; q_{\min}}{\lVert W\rVert \, \lVert H\rVert}",
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
        words=(
            "The smallest margin, by which the right answer wins, over the largest that W and H of this length"
            " could have. At most 1, and 1 only at the collapsed simplex."
        ),
        formula=r"\gamma = \frac{2 (K-1) \sqrt{n}\; q_{\min}}{\lVert W\rVert^2 + \lVert H\rVert^2}",
    ),
    *map(_uncentred, _CENTRED),
    *(_class_centred(curve) for curve in _CENTRED if curve.name in _BY_CLASS),
)
