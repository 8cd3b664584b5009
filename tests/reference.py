"""The slow, different second opinion: autograd, dense Hessians, naive recursions, double loops, SciPy's integrator.

Nothing here imports the code it judges, except `ConfigError` for `refused`. Shapes: W (K, d), H (d, N), N = nK.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.special import logsumexp, softmax

from ulpm_core import ConfigError

METHODS = (
    "gradient-descent", "momentum", "normalised-gradient-descent", "adam", "sign-descent", "spectral-descent",
)  # fmt: skip
TURNING = tuple(method for method in METHODS if method not in ("adam", "sign-descent"))
"""Those whose steps turn with W and H; the others know the axes."""
SHAPES = [(2, 1, 1), (3, 2, 10), (4, 3, 30), (5, 2, 4), (4, 6, 3), (10, 16, 5)]


@contextmanager
def refused(field: str, *parts: object) -> Iterator[None]:
    """The block raises ConfigError on `field`: one printable line that holds every one of `parts`."""
    with pytest.raises(ConfigError) as caught:
        yield
    message = str(caught.value)
    assert caught.value.field == field, message
    assert message.isprintable(), message
    assert len(message) < 500, message
    for part in parts:
        assert str(part) in message, f"{part!r} is not in {message!r}"


def example_in(refusal: Exception) -> str:
    """The value that works, as the refusal names it: "... for example 4.", or "use 4." where it is the only one."""
    found = re.search(r"for example (.+)\.$", str(refusal)) or re.search(r"use (\S+)\.$", str(refusal))
    assert found, f"no example in {refusal}"
    return found[1]


def labels_of(K: int, n: int | tuple[int, ...]) -> np.ndarray:
    """The classes of n samples each, or of n[k] of class k, grouped."""
    return np.array([k for k in range(K) for _ in range(n if isinstance(n, int) else n[k])])


def gaussian(K: int, d: int, n: int, seed: int = 0, scale: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return scale * rng.standard_normal((K, d)), scale * rng.standard_normal((d, K * n))


@st.composite
def points(draw: st.DrawFn, most: int = 5, low_scale: float = 0.01, high_scale: float = 3.0):
    """(W, H, n): a random point of a random small problem; simplest K = 2, d = 1, n = 1."""
    K, d, n = draw(st.integers(2, most)), draw(st.integers(1, most)), draw(st.integers(1, most))
    scale = draw(st.floats(low_scale, high_scale))
    return *gaussian(K, d, n, draw(st.integers(0, 1000)), scale), n


# -- the model -----------------------------------------------------------------------------------------------------


def torch_loss(W: torch.Tensor, H: torch.Tensor, n: int, reduction: str = "sum") -> torch.Tensor:
    labels = torch.from_numpy(labels_of(len(W), n))
    return torch.nn.functional.cross_entropy((W @ H).T, labels, reduction=reduction)


def autograd_gradient(W: np.ndarray, H: np.ndarray, n: int, reduction: str = "sum") -> tuple[np.ndarray, np.ndarray]:
    blocks = [torch.tensor(block, requires_grad=True) for block in (W, H)]
    gradients = torch.autograd.grad(torch_loss(*blocks, n, reduction), blocks)
    return gradients[0].numpy(), gradients[1].numpy()


def autograd_hvp(W, H, X, V, n: int, reduction: str = "sum") -> tuple[np.ndarray, np.ndarray]:
    point, direction = tuple(map(torch.tensor, (W, H))), tuple(map(torch.tensor, (X, V)))
    _, product = torch.autograd.functional.hvp(lambda *b: torch_loss(*b, n, reduction), point, direction)
    return product[0].numpy(), product[1].numpy()


def dense_hessian(W: np.ndarray, H: np.ndarray, n: int, reduction: str = "sum") -> np.ndarray:
    """The full Hessian over theta = (W row by row, H row by row)."""
    K, d = W.shape

    def loss(theta: torch.Tensor) -> torch.Tensor:
        return torch_loss(theta[: K * d].reshape(K, d), theta[K * d :].reshape(d, -1), n, reduction)

    return torch.func.hessian(loss)(torch.tensor(np.concatenate([W.ravel(), H.ravel()]))).numpy()


def naive_gradient(W: np.ndarray, H: np.ndarray, n: int, reduction: str = "sum") -> tuple[np.ndarray, np.ndarray]:
    Y = np.eye(len(W))[:, labels_of(len(W), n)]
    G = softmax(W @ H, axis=0) - Y
    if reduction == "mean":
        G = G / Y.shape[1]
    return G @ H.T, W.T @ G


class Stepper:
    """The update rules as written: what the next gradient makes a step, and the gradient-flow time of it."""

    def __init__(self, method: str, beta: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8):
        self.method, self.beta, self.beta2, self.epsilon, self.t = method, beta, beta2, epsilon, 0
        self.v, self.s = [0.0, 0.0], [0.0, 0.0]

    def __call__(self, g: tuple[np.ndarray, np.ndarray], rate: float) -> tuple[list[np.ndarray], float]:
        self.t += 1
        speed = np.sqrt(sum((block**2).sum() for block in g))
        if self.method == "gradient-descent":
            return [rate * block for block in g], rate
        if self.method == "momentum":
            self.v = [self.beta * v + block for v, block in zip(self.v, g, strict=True)]
            return [rate * v for v in self.v], rate / (1 - self.beta)
        if self.method == "normalised-gradient-descent":
            steps = [rate / speed * block for block in g] if speed > 0 else [0.0 * block for block in g]
        elif self.method == "adam":
            self.v = [self.beta * v + (1 - self.beta) * block for v, block in zip(self.v, g, strict=True)]
            self.s = [self.beta2 * s + (1 - self.beta2) * block**2 for s, block in zip(self.s, g, strict=True)]
            roots = [np.sqrt(s / (1 - self.beta2**self.t)) + self.epsilon for s in self.s]
            steps = [rate * v / (1 - self.beta**self.t) / root for v, root in zip(self.v, roots, strict=True)]
        else:
            steps = [rate * (np.sign(block) if self.method == "sign-descent" else isometry(block)) for block in g]
        far = np.sqrt(sum((step**2).sum() for step in steps))
        return steps, far / speed if speed > 0 else 0.0


def naive_run(method, W, H, n, steps, learning_rate, beta=0.9, reduction="sum"):
    """Steps by the rules as written; returns W, H and gradient-flow time."""
    stepper, time = Stepper(method, beta), 0.0
    for _ in range(steps):
        (step_W, step_H), passed = stepper(naive_gradient(W, H, n, reduction), learning_rate)
        W, H, time = W - step_W, H - step_H, time + passed
    return W, H, time


def isometry(block: np.ndarray, cut: float = 1.5e-8) -> np.ndarray:
    """U V^T of U S V^T, of the singular values above the cut times the largest."""
    U, S, V = np.linalg.svd(block, full_matrices=False)
    kept = cut * S[0] < S
    return U[:, kept] @ V[kept]


def log_sample_loss(z: np.ndarray, y: int) -> float:
    """log(-log softmax(z)_y) for one sample, with no underflow: series where S is tiny, asymptote where it is huge."""
    log_S = float(logsumexp(np.delete(z, y) - z[y]))
    if log_S < -40.0:
        return log_S
    return float(np.log(np.logaddexp(0.0, log_S)))


def separated_gradient(W: np.ndarray, H: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, float]:
    """The gradient's direction (unit joint norm) and the logarithm of its norm, in the log domain throughout."""
    K, labels = len(W), labels_of(len(W), n)
    Z = W @ H
    log_P = np.full(Z.shape, -np.inf)
    for i, y in enumerate(labels):
        log_P[:, i] = Z[:, i] - logsumexp(Z[:, i])
        log_P[y, i] = logsumexp(np.delete(log_P[:, i], y))  # log of 1 - p_y, kept from cancelling
    shift = log_P.max()
    G = np.exp(log_P - shift)
    for i, y in enumerate(labels):
        G[y, i] = -G[y, i]
    g_W, g_H = G @ H.T, W.T @ G
    norm = np.sqrt((g_W**2).sum() + (g_H**2).sum())
    assert G.shape == (K, K * n)
    return g_W / norm, g_H / norm, float(np.log(norm) + shift)


# -- gradient flow in log time -------------------------------------------------------------------------------------


def flat(W: np.ndarray, H: np.ndarray) -> np.ndarray:
    """theta as the flow keeps it: W^T row by row, then H row by row."""
    return np.concatenate([W.T.ravel(), H.ravel()])


def log_loss_and_field(W: np.ndarray, H: np.ndarray, n: int) -> tuple[float, np.ndarray, np.ndarray]:
    """log L of the sum and -grad log L = (-G H^T / L, -W^T G / L), in the log domain (docs/theory.md 5.3)."""
    labels, samples = labels_of(len(W), n), np.arange(H.shape[1])
    gaps = W @ H
    gaps -= gaps[labels, samples]
    gaps[labels, samples] = -np.inf
    worst = gaps.max(axis=0)
    log_S = worst + np.log(np.exp(gaps - worst).sum(axis=0))
    rest = np.logaddexp(0.0, log_S)
    log_l = np.where(log_S < -30.0, log_S, np.log(np.maximum(rest, 1e-300)))
    log_L = float(log_l.max() + np.log(np.exp(log_l - log_l.max()).sum()))
    G = np.exp(gaps - rest - log_L)
    G[labels, samples] = -G.sum(axis=0)
    return log_L, -G @ H.T, -W.T @ G


def log_time_flow(
    W: np.ndarray, H: np.ndarray, n: int, log_times: list[float], reduction: str = "sum", start: float = -np.inf
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The flow at each log t by SciPy's DOP853 in c = log(1 + t)."""
    K, d = W.shape
    weight = np.log(H.shape[1]) if reduction == "mean" else 0.0

    def rhs(c: float, theta: np.ndarray) -> np.ndarray:
        log_L, f_W, f_H = log_loss_and_field(theta[: K * d].reshape(K, d), theta[K * d :].reshape(d, -1), n)
        return np.exp(min(c + log_L - weight, 600.0)) * np.concatenate([f_W.ravel(), f_H.ravel()])

    clock = [float(np.logaddexp(0.0, t)) for t in (start, *log_times)]
    theta = np.concatenate([W.ravel(), H.ravel()])
    answer = solve_ivp(rhs, (clock[0], clock[-1]), theta, method="DOP853", t_eval=clock[1:], rtol=1e-12, atol=1e-13)
    assert answer.success, answer.message
    return [(y[: K * d].reshape(K, d), y[K * d :].reshape(d, -1)) for y in answer.y.T]


# -- the collapsed ray (docs/theory.md 5.4) ---------------------------------------------------------------------------


def collapsed_flow(a: float, b: float, K: int, n: int, time: float) -> tuple[float, float]:
    """a and b of W = a M, H = b M^T Y after gradient flow on the sum loss: a' = K n q b, b' = K q a."""

    def rhs(_: float, ab: np.ndarray) -> list[float]:
        q = 1.0 / (np.exp(ab[0] * ab[1]) + K - 1.0)
        return [K * n * q * ab[1], K * q * ab[0]]

    answer = solve_ivp(rhs, (0.0, time), [a, b], method="DOP853", rtol=1e-12, atol=1e-13)
    assert answer.success
    return float(answer.y[0, -1]), float(answer.y[1, -1])


# -- the metrics, one loop per sum sign ----------------------------------------------------------------------------


def _cos(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / (np.sqrt(a @ a) * np.sqrt(b @ b)))


def _nc2(rows: np.ndarray) -> tuple[float, float]:
    K = len(rows)
    norms = [float(np.sqrt(r @ r)) for r in rows]
    mean = sum(norms) / K
    spread = np.sqrt(sum((x - mean) ** 2 for x in norms) / K)
    gaps = [abs(_cos(rows[j], rows[k]) + 1 / (K - 1)) for j in range(K) for k in range(K) if j != k]
    return spread / mean, sum(gaps) / len(gaps)


def _nc3(W: np.ndarray, means: np.ndarray) -> float:
    w, m = np.sqrt((W * W).sum()), np.sqrt((means * means).sum())
    return float(np.sqrt(sum((W[k, r] / w - means[k, r] / m) ** 2 for k in range(len(W)) for r in range(W.shape[1]))))


def slow_metrics(W: np.ndarray | None, H: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Every metric by its contract name, from the definitions in docs/theory.md 4.1."""
    d, N = H.shape
    K = int(max(labels)) + 1
    n_k = [sum(1 for y in labels if y == k) for k in range(K)]
    means = np.array([sum(H[:, i] for i in range(N) if labels[i] == k) / n_k[k] for k in range(K)])
    centre = sum(H[:, i] for i in range(N)) / N
    centred = np.array([m - centre for m in means])
    within = np.zeros((d, d))
    for i in range(N):
        deviation = H[:, i] - means[labels[i]]
        within += np.outer(deviation, deviation) / N
    values: dict[str, float] = {}
    ways = {"": centred, "_uncentred": means}
    if min(n_k) < max(n_k):
        ways["_class_centred"] = np.array([m - sum(means) / K for m in means])
    for suffix, m in ways.items():
        between = sum(np.outer(row, row) for row in m) / K
        values["nc1_trace_ratio" + suffix] = float(np.trace(within) / np.trace(between))
        values["nc1" + suffix] = float(np.trace(within @ np.linalg.pinv(between, rcond=1e-11)) / K)
        values["nc2_norms" + suffix], values["nc2_angles" + suffix] = _nc2(m)
    if W is None:
        return values
    wdot = np.array([w - sum(W) / K for w in W])
    for suffix, m in ways.items():
        w = W if suffix == "_uncentred" else wdot
        values["nc3" + suffix] = _nc3(w, m)
        if suffix != "_class_centred":
            values["nc2_norms_w" + suffix], values["nc2_angles_w" + suffix] = _nc2(w)
    disagree, least = 0, np.inf
    for i in range(N):
        scores = [float(w @ H[:, i]) for w in W]
        distances = [float(np.sum((H[:, i] - m) ** 2)) for m in means]
        disagree += scores.index(max(scores)) != distances.index(min(distances))
        least = min([least] + [scores[labels[i]] - s for k, s in enumerate(scores) if k != labels[i]])
    values["nc4"], values["q_min"] = disagree / N, least
    one_hot = np.array([[float(y == k) for y in labels] for k in range(K)])
    norm = np.linalg.svd(one_hot - one_hot.mean(axis=0), compute_uv=False).sum()  # (K - 1) sqrt(n) for equal sizes
    values["gamma"] = 2 * norm * least / float((W * W).sum() + (H * H).sum())
    if min(n_k) == max(n_k):
        return values
    small, large = ([k for k in range(K) if n_k[k] == size] for size in (min(n_k), max(n_k)))
    for name, some, others in (("minority", small, small), ("majority", large, large), ("cross", small, large)):
        pairs = [_cos(wdot[j], wdot[k]) for j in some for k in others if j != k]
        values[name + "_cosine"] = sum(pairs) / len(pairs) if pairs else np.nan
    return values


def random_rotation(d: int, rng: np.random.Generator) -> np.ndarray:
    """Haar-distributed orthogonal (d, d), reflections included."""
    Q, R = np.linalg.qr(rng.standard_normal((d, d)))
    return Q * np.sign(np.diag(R))
