"""The minimum-norm separation problem, how far a state's direction is from solving it, and a proof of that distance.

(P)  minimise (||W||^2 + ||H||^2)/2  subject to every margin m_{ki,j} = (w_k - w_j)^T h_{k,i} >= 1, j != k.
With multipliers lambda >= 0, a (K, N) array that is 0 on the true class, and
A = sum lambda_{kij} (e_k - e_j) e_{ki}^T, (P) is stationary where W = A H^T and H = W^T A.
Gradient flow ends in the direction of such a point (Lyu and Li 2020; Ji et al. 2022).
The direction of a state that does not separate its data has no answer: NaN. docs/theory.md 2.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.analysis.polar import polar_multipliers, smaller
from ulpm_core.model.class_sizes import encoding_factors
from ulpm_core.model.etf import uneven_optimum
from ulpm_core.model.losses import SMALL
from ulpm_core.model.multipliers import dual_matrix, log_loss_and_multipliers, operator_norm, proved_gap
from ulpm_core.model.refusal import refuse
from ulpm_core.model.shapes import Array, Labels, Shaped

LOG_THRESHOLD: Final = math.log(math.log(2.0))
"""Below L = log 2 every sample's loss is below log 2, so every margin is positive and the smoothed margin grows."""


def _energy(W: Array, H: Array) -> Array:
    """||W||^2 + ||H||^2."""
    return (W**2).sum(axis=(-2, -1)) + (H**2).sum(axis=(-2, -1))


class _Reading(NamedTuple):
    """Margins z_y - z_j, inf on the true class; q_min, NaN where not positive; multipliers and their A; log L."""

    margins: Shaped[Array, "*T K N"]
    q_min: Shaped[Array, "*T"]
    multipliers: Shaped[Array, "*T K N"]
    A: Shaped[Array, "*T K N"]
    log_loss: Shaped[Array, "*T"]


def _read(W: Array, H: Array, labels: Labels) -> _Reading:
    Z = W @ H
    samples = np.arange(Z.shape[-1])
    margins = Z[..., labels, samples][..., None, :] - Z
    margins[..., labels, samples] = np.inf
    q_min = margins.min(axis=(-2, -1))
    log_loss, relative = log_loss_and_multipliers(Z, labels)
    return _Reading(margins, np.where(q_min > 0, q_min, np.nan), relative, dual_matrix(relative, labels), log_loss)


def multipliers(
    W: Shaped[Array, "*T K d"], H: Shaped[Array, "*T d N"], labels: Shaped[Labels, "N"]
) -> Shaped[Array, "*T K N"]:
    """lambda_{j,(k,i)} = exp(z_j - z_y - log1p(S) - log L): softmax over loss, 0 on the true class.

    -grad log L = (A H^T, W^T A) for these multipliers: a state in motion proposes them for (P), docs/theory.md 2.2. The
    exponent is a difference of logarithms, exact where the loss is e^-10^8. Their sum tends to 1 as L does to 0.

    >>> multipliers(np.array([[1e8], [0.0]]), np.array([[1.0, -1.0]]), np.array([0, 1]))
    array([[0. , 0.5],
           [0.5, 0. ]])
    """
    return _read(W, H, labels).multipliers


class KKT(NamedTuple):
    """Distances from a KKT point of (P); all four are 0 there. See :func:`kkt_residual`.

    >>> bool(direction_kkt(9.0 * np.eye(2), np.eye(2), np.arange(2)).stationarity > 0.5), KKT._fields[1]
    (True, 'feasibility')
    """

    stationarity: Shaped[Array, "*T"]
    feasibility: Shaped[Array, "*T"]
    complementarity: Shaped[Array, "*T"]
    signs: Shaped[Array, "*T"]


def _kkt(W: Array, H: Array, multipliers: Array, margins: Array, pull: tuple[Array, Array]) -> KKT:
    """`margins` are inf on the true class; `pull` = (A H^T, W^T A)."""
    size = np.abs(multipliers)
    with np.errstate(invalid="ignore"):  # 0/0 (no state, or no multipliers) and 0 inf (the true class)
        return KKT(
            np.sqrt(_energy(W - pull[0], H - pull[1]) / _energy(W, H)),
            np.maximum(1.0 - margins, 0.0).max(axis=(-2, -1)),
            (size * np.abs(margins - 1.0)).sum(axis=(-2, -1), where=size > 0) / size.sum(axis=(-2, -1)),
            np.maximum(-multipliers, 0.0).max(axis=(-2, -1)) / size.max(axis=(-2, -1)),
        )


def kkt_residual(
    W: Shaped[Array, "*T K d"],
    H: Shaped[Array, "*T d N"],
    labels: Shaped[Labels, "N"],
    multipliers: Shaped[Array, "*T K N"],
) -> KKT:
    """The four residuals of a point and multipliers, 0 on the true class (docs/theory.md 2.2).

    stationarity ||(W - A H^T, H - W^T A)|| / ||(W, H)||;  feasibility max (1 - m)_+;
    complementarity sum |lambda (m - 1)| / sum |lambda|;  signs max (-lambda)_+ / max |lambda|.

    >>> best = separation_optimum((5, 5, 5, 5), 3)
    >>> bool(max(kkt_residual(best.W, best.H, np.repeat(np.arange(4), 5), best.multipliers)) < 1e-14)
    True
    """
    A = dual_matrix(multipliers, labels)
    pull = A @ np.swapaxes(H, -1, -2), np.swapaxes(W, -1, -2) @ A
    return _kkt(W, H, multipliers, _read(W, H, labels).margins, pull)


def _direction(W: Array, H: Array, r: _Reading) -> KKT:
    pull_W, pull_H = r.A @ np.swapaxes(H, -1, -2), np.swapaxes(W, -1, -2) @ r.A
    along = (pull_W * W).sum(axis=(-2, -1)) + (pull_H * H).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore"):
        alpha = (along / _energy(pull_W, pull_H) + 0.0 * r.q_min)[..., None, None]  # NaN where q_min is
    return _kkt(W, H, alpha * r.multipliers, r.margins / r.q_min[..., None, None], (alpha * pull_W, alpha * pull_H))


def direction_kkt(W: Shaped[Array, "*T K d"], H: Shaped[Array, "*T d N"], labels: Shaped[Labels, "N"]) -> KKT:
    """The KKT residual of theta / sqrt(q_min), whose smallest margin is 1, with the state's own multipliers times the
    least-squares factor alpha > 0: feasibility and signs are 0, stationarity is the sine between theta and -grad L.

    >>> square = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    >>> bool(direction_kkt(6.0 * square, 6.0 * square.T, np.arange(4)).stationarity < 1e-14)  # and not the best
    True
    """
    return _direction(W, H, _read(W, H, labels))


def smoothed_margin(
    W: Shaped[Array, "*T K d"], H: Shaped[Array, "*T d N"], log_loss: Shaped[Array, "*T"]
) -> Shaped[Array, "*T"]:
    """gamma~ = -log(e^L - 1) / ||theta||^2 for L < log 2, else NaN; `log_loss` = log L of the SUM over samples.

    Gradient flow never lets it fall (Lyu and Li 2020; docs/theory.md 5.2), and q_min / ||theta||^2 >= gamma~. Exact
    where L underflows: log(e^L - 1) = log L + L/2 + O(L^2).

    >>> float(smoothed_margin(np.array([[2.0]]), np.array([[0.0]]), np.array(-1e6)))
    250000.0
    """
    L = np.exp(np.minimum(log_loss, LOG_THRESHOLD))
    logarithm = np.where(L < SMALL, log_loss + L / 2, np.log(np.expm1(np.maximum(L, SMALL))))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(log_loss < LOG_THRESHOLD, -logarithm / _energy(W, H), np.nan)


def largest_decrease(values: Shaped[Array, "T"]) -> float:
    """Returns by how much values ever fall below an earlier one: 0 if never, NaN for fewer than two finite ones.

    >>> largest_decrease(np.array([np.nan, 1.0, 3.0, 2.5, 2.0, 4.0]))
    1.0
    """
    finite = values[np.isfinite(values)]
    return float((np.maximum.accumulate(finite) - finite).max()) if len(finite) > 1 else np.nan


class Certificate(NamedTuple):
    """primal >= optimum of (P) >= dual, and gap = primal/dual - 1.

    >>> certificate(np.eye(2), np.eye(2), np.arange(2))._fields
    ('primal', 'dual', 'gap')
    """

    primal: Shaped[Array, "*T"]
    dual: Shaped[Array, "*T"]
    gap: Shaped[Array, "*T"]


def _certificate(W: Array, H: Array, r: _Reading) -> Certificate:
    A = np.where(np.isnan(r.q_min)[..., None, None], 1.0, r.A)  # of what separates nothing, infinities included
    primal = _energy(W, H) / (2.0 * r.q_min)
    dual = r.multipliers.sum(axis=(-2, -1)) / operator_norm(A) + 0.0 * r.q_min
    return Certificate(primal, dual, proved_gap(primal / dual - 1.0))


def certificate(W: Shaped[Array, "*T K d"], H: Shaped[Array, "*T d N"], labels: Shaped[Labels, "N"]) -> Certificate:
    """primal = ||theta||^2 / (2 q_min), the objective of the scaled state, and a proved lower bound of the optimum.

    (P) is at least min ||Z||_* over logits with margins >= 1, whose dual is max sum lambda, ||A||_op <= 1, lambda >= 0:
    sum lambda / ||A||_op is below the optimum for every d, and meets it for d >= K-1 (docs/theory.md 2.4).

    >>> square = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    >>> [round(float(x), 6) for x in certificate(6 * square, 6 * square.T, np.arange(4))]
    [4.0, 2.0, 1.0]
    """
    return _certificate(W, H, _read(W, H, labels))


def separation_metrics(
    W: Shaped[Array, "*T K d"],
    H: Shaped[Array, "*T d N"],
    labels: Shaped[Labels, "N"],
    fitted: bool = False,
) -> dict[str, Shaped[Array, "*T"]]:
    """Returns all measures of this module by name for a chunk of a trajectory, whose logits are formed once.

    With `fitted`, for states that separate their data, the KKT residual is that of the state's own multipliers or of
    the polar ones, whichever fit better, and the bound the larger one: both are proved.

    >>> list(separation_metrics(np.eye(2), np.eye(2), np.arange(2)))[-4:]
    ['objective', 'dual_bound', 'duality_gap', 'smoothed_margin']
    """
    r = _read(W, H, labels)
    kkt, proof = _direction(W, H, r), _certificate(W, H, r)
    if fitted:
        polar = polar_multipliers(W, H, labels)
        r = r._replace(multipliers=polar, A=dual_matrix(polar, labels))
        kkt = smaller(kkt, _direction(W, H, r), "stationarity")
        proof = smaller(proof, _certificate(W, H, r), "gap")
    named = {f"kkt_{name}": value for name, value in kkt._asdict().items()}
    bounds = {"objective": proof.primal, "dual_bound": proof.dual, "duality_gap": proof.gap}
    return named | bounds | {"smoothed_margin": smoothed_margin(W, H, r.log_loss)}


class Optimum(NamedTuple):
    """A global solution of (P): W and H, columns grouped by class; multipliers; its value.

    >>> round(separation_optimum((5, 5, 5), 2).value ** 2, 12)  # (K - 1)^2 n
    20.0
    """

    W: Shaped[Array, "K d"]
    H: Shaped[Array, "d N"]
    multipliers: Shaped[Array, "K N"]
    value: float


def separation_optimum(sizes: Sequence[int], dimension: int) -> Optimum:
    """The solution of (P) for class sizes n_k (docs/theory.md 2.3 and 6.1), D = diag(n_k), Pi = I - 11^T/K, M the ETF:

    W = (Pi D Pi)^(1/4) M, H = M^T (Pi D Pi)^(+1/4) Y, so Z = Pi Y and all margins are 1; value ||Pi Y||_*
    (simplex-encoded labels: Thrampoulidis et al. 2022). With Pi D^(1/2) = U S V^T, Pi D Pi = U S^2 U^T.
    Dual: A = (Pi D Pi)^(+1/2) Y, the polar factor of Pi Y, hence ||A||_op = 1; lambda = -A off the true class.
    lambda > 0 for all sizes: (Pi D Pi)^+ = D^-1 - D^-1 11^T D^-1 / sum(1/n) is the Laplacian of a complete graph
    with weights > 0, and L^(1/2) is a positive integral of I - e^(-tL), whose heat kernel e^(-tL) is positive.
    Equal sizes: exactly :func:`minimum_norm_optimum`. Raises :class:`ConfigError` for d < K-1 or an empty class.

    >>> round(separation_optimum((10, 10, 2, 2), 3).value, 6)
    7.025981
    """
    if min(sizes) < 1:
        raise refuse("per_class", f"{min(sizes):g}", "is an empty class", "1 or more", 1)
    best, (U, S, _) = uneven_optimum(sizes, dimension), encoding_factors(tuple(sizes))
    half = (U / S) @ U.T
    return Optimum(best.W, best.H, (np.diag(np.diag(half)) - half)[:, best.labels], float(S.sum()))
