"""The gallery's landscape: what is computed at each saddle beside its closed forms.

G has the symmetries of U, which therefore lies in one singular space of G. The least tangent eigenvalue is
lambda - ||G||_op wherever d > r: once for each free dimension and each top singular pair.
docs/theory.md 3.3, 3.4 and 3.5.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from ulpm_core.analysis.landscape import landscape
from ulpm_core.model.config import RunConfig
from ulpm_core.model.initialisation import saddle_state
from ulpm_core.model.plain import plain

SADDLE_FIELDS: Final = ("initialisation", "classes", "dimension", "per_class", "margin", "loss_reduction")
"""The fields of a config that its saddle depends on."""
REPORTED: Final = (
    *("norm", "loss", "log_loss", "loss_floor", "multiplier", "gradient_operator_norm", "multiplier_gap"),
    *("tangent_gradient_norm", "least_tangent_eigenvalue", "curvature_ratio", "multiplicity", "negative_curvature"),
    *("verdict", "sentence"),
)
"""The figures of a landscape that are reported, each beside its closed form if there is one."""


class Exact(NamedTuple):
    """Closed forms, None where no proof is known."""

    loss: float
    multiplier: float
    gradient_operator_norm: float
    least_tangent_eigenvalue: float | None
    multiplicity: int | None


def exact(config: RunConfig) -> Exact:
    """Returns the closed forms at the saddle that a config starts from.

    Without a free dimension the least eigenvalue is known only for the simplex, where nothing lies below the rotations;
    two classes on a line have none, and lambda is least, along W = 11^T.

    >>> square = RunConfig(initialisation="square", dimension=3, per_class=5, margin=2.0)
    >>> round(exact(square).least_tangent_eigenvalue, 6)  # 2 sqrt(n) (q2 - q1)
    -0.406
    """
    assert config.saddle is not None
    K, d, n = config.classes, config.dimension, config.per_class
    loss, multiplier, norm, times, r = config.saddle.form(K, n, config.margin)
    least, multiplicity = (multiplier - norm, (d - r) * times) if d > r else (None, None)
    if not times:
        rotations = r * (r - 1) // 2 + r * (d - r)
        least, multiplicity = (0.0, rotations) if rotations else (multiplier, 1)
    per = K * n if config.loss_reduction == "mean" else 1
    return Exact(loss / per, multiplier / per, norm / per, None if least is None else least / per, multiplicity)


def report(config: RunConfig) -> dict[str, Any]:
    """The landscape at the saddle that a config starts from beside its closed forms, each `_exact`; None where one is
    not known.

    Where the loss underflows, `log_loss` and `curvature_ratio`, the least tangent eigenvalue over lambda, remain.

    >>> found = report(RunConfig(initialisation="square", dimension=3, per_class=5, margin=2.0))
    >>> found["verdict"], round(found["lambda"], 6), round(found["least_tangent_eigenvalue"], 6)
    ('strict saddle', 0.533092, -0.406)
    """
    found, known = landscape(saddle_state(config), config.loss_reduction, pairs=0), exact(config)._asdict()
    figures = {"saddle": config.initialisation, **{name: getattr(config, name) for name in SADDLE_FIELDS[1:]}}
    figures["margin"] = config.margin if found.norm else 0.0
    for name in REPORTED:
        said = "lambda" if name == "multiplier" else name
        figures[said] = plain(getattr(found, name))
        if name in known:
            figures[f"{said}_exact"] = known[name]
    return figures
