"""The metrics of features and classifiers by their names: what :data:`ulpm_core.analysis.curves.CURVES` measures."""

from __future__ import annotations

from typing import Literal

from ulpm_core.analysis.class_means import ClassMeans, class_means
from ulpm_core.analysis.collapse import CENTRED, CLASS_CENTRED, UNCENTRED, Sums
from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.imbalance import size_cosines
from ulpm_core.analysis.rounding import ROUNDING
from ulpm_core.model.shapes import Array, Labels, Shaped

Of = Literal["features", "runs", "networks"]
"""Features without classifiers, runs of the model, and networks or features and classifiers from anywhere."""


def metric_names(of: Of = "networks") -> tuple[str, ...]:
    """The names of what is measured of those.

    >>> "nc3" in metric_names("features"), "gamma_balanced" in metric_names("runs"), "nc3" in metric_names("networks")
    (False, False, True)
    """
    measured = [curve for curve in CURVES.values() if curve.measure is not None and curve.beside != "uneven"]
    if of == "features":
        return tuple(curve.name for curve in measured if curve.on == "features")
    return tuple(curve.name for curve in measured if of == "networks" or curve.beside != "networks")


def values_of(sums: Sums, of: Of) -> dict[str, Shaped[Array, "*T"]]:
    """Each of those metrics from sums over all samples; where class sizes differ those by the other centre of class
    means, too, and of runs the :func:`size_cosines` of the classifiers.
    """
    found = {name: measure(sums) for name in metric_names(of) if (measure := CURVES[name].measure) is not None}
    if CLASS_CENTRED in sums.means:
        beside = [curve for curve in CURVES.values() if curve.beside == "uneven"]
        found |= {c.name: c.measure(sums) for c in beside if c.measure and (of != "features" or c.on == "features")}
    if of != "runs":
        return found
    return found | size_cosines(sums.classifiers[CENTRED], sums.of.counts, sums.classifiers[UNCENTRED])


def summed(
    W: Shaped[Array, "*T K d"] | None,
    H: Shaped[Array, "*T d N"],
    labels: Shaped[Labels, "N"],
    precision: float = ROUNDING,
    bias: Shaped[Array, "K"] | None = None,
) -> Sums:
    """The sums over features that are all here, with classifiers and their bias if there are any."""
    sums = Sums(means_of(H, labels, precision), W, bias, by_class=True)
    sums.add(H, labels)
    return sums


def means_of(H: Shaped[Array, "*T d N"], labels: Shaped[Labels, "N"], precision: float = ROUNDING) -> ClassMeans:
    """The class means of features that are all here, stored in `precision`."""
    return class_means(lambda: [(H, labels)], int(labels.max()) + 1, precision)


def metrics(
    W: Shaped[Array, "*T K d"] | None,
    H: Shaped[Array, "*T d N"],
    labels: Shaped[Labels, "N"],
    precision: float = ROUNDING,
    of: Of = "runs",
) -> dict[str, Shaped[Array, "*T"]]:
    """Every metric by its contract name, without W those of features; `_uncentred` variants use means and classifiers
    as they are. `precision` is that in which both were stored: :func:`rounding_of`.

    >>> import numpy as np
    >>> W, H = 9.0 * np.eye(2), np.eye(2) / 3.0
    >>> float(metrics(W, H, np.array([0, 1]), of="networks")["gamma_balanced"])
    0.5
    """
    return values_of(summed(W, H, labels, precision), of)
