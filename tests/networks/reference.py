"""The second opinion on networks: the field's own definitions of collapse, written out with loops
(docs/theory.md 4.1), the update of SGD as torch documents it, and log L from probabilities.

Nothing here imports the code it judges.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn


def class_statistics(H: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Class means (K, d), centred by the mean over samples; Sigma_W and Sigma_B (d, d)."""
    d, N = H.shape
    K = int(max(labels)) + 1
    means = np.array([np.mean([H[:, i] for i in range(N) if labels[i] == k], axis=0) for k in range(K)])
    centred = means - sum(H[:, i] for i in range(N)) / N
    within, between = np.zeros((d, d)), np.zeros((d, d))
    for i in range(N):
        within += np.outer(H[:, i] - means[labels[i]], H[:, i] - means[labels[i]]) / N
    for k in range(K):
        between += np.outer(centred[k], centred[k]) / K
    return means, centred, within, between


def papyan_han_donoho(W: np.ndarray, b: np.ndarray, H: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """As in their notebook: NC1 over the top K-1 singular vectors, not divided by K; torch's std, divisor K-1; NC3
    squared; W as it is; NC4 by a loop.
    """
    means, centred, within, between = class_statistics(H, labels)
    K = len(W)
    U, S, _ = np.linalg.svd(between)
    inverse = U[:, : K - 1] @ np.diag(1.0 / S[: K - 1]) @ U[:, : K - 1].T

    def coherence(rows: np.ndarray) -> float:
        unit = [row / np.linalg.norm(row) for row in rows]
        return float(np.mean([abs(unit[j] @ unit[k] + 1 / (K - 1)) for j in range(K) for k in range(K) if j != k]))

    norms_m, norms_w = np.linalg.norm(centred, axis=1), np.linalg.norm(W, axis=1)
    mismatch = 0
    for i in range(H.shape[1]):
        nearest = min(range(K), key=lambda k: float(np.linalg.norm(H[:, i] - means[k])))
        mismatch += nearest != int(np.argmax(W @ H[:, i] + b))
    return {
        "nc1": float(np.trace(within @ inverse)),
        "equinorm_m": float(np.std(norms_m, ddof=1) / np.mean(norms_m)),
        "equinorm_w": float(np.std(norms_w, ddof=1) / np.mean(norms_w)),
        "equiangular_m": coherence(centred),
        "equiangular_w": coherence(W),
        "nc3": float(np.linalg.norm(W / np.linalg.norm(W) - centred / np.linalg.norm(centred)) ** 2),
        "nc4": mismatch / H.shape[1],
    }


def zhu_nc1(H: np.ndarray, labels: np.ndarray) -> float:
    """Zhu et al. 2021: Tr(Sigma_W pinv(Sigma_B)) / K."""
    _, centred, within, between = class_statistics(H, labels)
    return float(np.trace(within @ np.linalg.pinv(between, rcond=1e-11)) / len(centred))


def naive_sgd(network: nn.Module, x, y, batches, rates, momentum: float, decay: float) -> list[torch.Tensor]:
    """Parameters after v <- beta v + (g + lambda theta), theta <- theta - rate v on each batch's mean loss."""
    theta = list(network.parameters())
    velocity = [torch.zeros_like(p) for p in theta]
    for batch, rate in zip(batches, rates, strict=True):
        loss = nn.functional.cross_entropy(network(x[batch]), y[batch])
        gradients = torch.autograd.grad(loss, theta)
        with torch.no_grad():
            for p, v, g in zip(theta, velocity, gradients, strict=True):
                v.copy_(momentum * v + (g + decay * p))
                p -= rate * v
    return theta


def naive_log_loss(Z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """log of the summed cross-entropy, as one would write it where nothing underflows."""
    return torch.log(nn.functional.cross_entropy(Z, y, reduction="sum"))
