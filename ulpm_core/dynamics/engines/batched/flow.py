"""Gradient flow of B runs at once, in log time, by torch: an ensemble reaches t = e^1000 together.

The pair DOP853 (`dormand_prince`) in the clock c = log(1 + t), d theta/dc = exp(c + log L) (-grad log L), in which
nothing over- or underflows (docs/theory.md 5.3). Each run has its own step size and error, kept on the device; one
that has arrived stands still, by a mask, until all have.

Measured at (K, d, n) = (4, 3, 30), 32 starts, to t = e^690 at tolerance 1e-8: 3,600 to 3,820 right-hand sides a run;
largest error of an entry 3e-7 (entries up to 59; `gradient_flow` at tolerance 1e-12 as the reference), relative drift
of W^T W - H H^T at most 5e-12. `gradient_flow`, which changes to cheaper methods late, takes 1,484 at the median: on
one CPU core it is four times faster than the batch, run by run. What the batch is for is a GPU.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ulpm_core.dynamics.engines.batched.step import device_named
from ulpm_core.dynamics.engines.batched.threads import Threads
from ulpm_core.dynamics.flow.dormand_prince import E3, E5, STAGES, A, C
from ulpm_core.dynamics.flow.dormand_prince import B as WEIGHTS
from ulpm_core.dynamics.flow.limits import FIRST_SHARE, LONGEST_FIRST, SHORTEST, most_right_hand_sides
from ulpm_core.dynamics.schedule import log_expm1
from ulpm_core.model.config import RunConfig
from ulpm_core.model.losses.cross_entropy import BatchedCrossEntropy
from ulpm_core.model.shapes import Array, Labels, Shaped

SEPARATED: Final = -40.0
"""Where the largest gap is below, log1p(S) is S in float64 for every sample, and L is summed over its scale."""


class BatchedFlow:
    """The flow of B runs from W (B, K, d), H (B, d, N) at `log_time` (B,), by default t = 0.

    Loss, class sizes, tolerance and device are the config's; always float64.
    Raises :class:`ConfigError` for a device that is not there.

    `right_hand_sides` (B,) counts each run's evaluations. `stalled` (B,) marks the runs that took too many, as where
    the classes cannot be separated: they stand still before their log time.

    >>> from scipy.special import expi
    >>> config = RunConfig(method="gradient-flow", classes=2, dimension=1, per_class=1)
    >>> flow = BatchedFlow(config, np.array([[[0.5], [-0.5]]]), np.array([[[0.5, -0.5]]]))
    >>> flow.advance_to(10.0)
    True
    >>> m = 2 * flow.W[0, 0, 0] ** 2  # the margin, for which m' = 4 m / (1 + e^m): Ei(m) + log m - 4 t is constant
    >>> round(float(np.log((expi(m) + np.log(m) - expi(0.5) - np.log(0.5)) / 4)), 6)
    10.0
    """

    @torch.inference_mode()
    def __init__(
        self,
        config: RunConfig,
        W: Shaped[Array, "B K d"],
        H: Shaped[Array, "B d N"],
        log_time: Shaped[Array, "B"] | None = None,
    ):
        (B, K, d), N = W.shape, H.shape[2]
        self._threads = Threads(config, len(W))
        self.config, self.device, self._shape = config, device_named(config.device), (K, d, N)
        self._log_weight = -math.log(N) if config.loss_reduction == "mean" else 0.0
        self._residuals = BatchedCrossEntropy(B, K, config.labels, self.device, torch.float64)
        size = B * d * (K + N)
        self._theta = self._tensor(np.concatenate([W.ravel(), H.ravel()]))
        self._trial, self._spare = torch.empty_like(self._theta), torch.empty_like(self._theta)
        self._stages = self._tensor(np.zeros((STAGES + 1, size)))
        self._A = [self._tensor(A[s, :s]) for s in range(STAGES)]
        self._weights, self._E5, self._E3 = self._tensor(WEIGHTS), self._tensor(E5), self._tensor(E3)
        start = np.full(B, -np.inf) if log_time is None else log_time
        self._clock = self._tensor(np.logaddexp(0.0, start)).view(B, 1)
        self._most = most_right_hand_sides(K, d)
        self._spent = torch.ones((B, 1), dtype=torch.int64, device=self.device)
        self._stalled = torch.zeros((B, 1), dtype=torch.bool, device=self.device)
        self._field(self._theta, self._clock, self._stages[0])
        first = FIRST_SHARE * self._norm(self._theta) / self._norm(self._stages[0])  # 0/0 at a saddle of zeros
        self._h = torch.nan_to_num(first, nan=LONGEST_FIRST).clamp_(max=LONGEST_FIRST)

    @torch.inference_mode()
    def advance_to(self, log_time: float, steps: int | None = None) -> bool:
        """Follows the flow to t = e^log_time: every run ends exactly there, but for those that stall on the way.

        A run that is already past it stays. With `steps`, takes at most so many; says whether all are there.
        """
        end = self._tensor(np.logaddexp(0.0, log_time))
        while bool((going := (self._clock < end) & ~self._stalled).any()):
            if steps == 0:
                return False
            self._threads.take(partial(self._step, end, going), 1)
            steps = None if steps is None else steps - 1
        return True

    def _step(self, end: Tensor, going: Tensor) -> None:
        """One step of each run that is going, the last one shortened so that it ends at the clock `end`."""
        left = end - self._clock
        lands = self._h >= left
        h = torch.where(lands, left, self._h).masked_fill_(~going, 0.0)
        for s in range(1, STAGES):
            self._add_to_theta(self._A[s], h)
            self._field(self._trial, self._clock + float(C[s]) * h, self._stages[s])
        self._add_to_theta(self._weights, h)
        self._field(self._trial, self._clock + h, self._stages[STAGES])
        ratio = self._error(h) / (self.config.tolerance * self._norm(self._theta)).clamp_(min=SHORTEST)
        accepted = going & (ratio <= 1.0)
        for new, old in ((self._trial, self._theta), (self._stages[STAGES], self._stages[0])):
            for end_block, block in zip(self._blocks(new), self._blocks(old), strict=True):
                torch.where(accepted.unsqueeze(2), end_block, block, out=block)
        self._clock = torch.where(accepted, torch.where(lands, end, self._clock + h), self._clock)
        wanted = h * (0.9 * ratio ** (-1 / 8)).clamp_(0.2, 5.0)
        wanted = torch.where(accepted & lands, torch.maximum(wanted, self._h), wanted)  # a shortened step says little
        self._h = torch.where(going, wanted, self._h)
        self._spent += STAGES * going
        self._stalled |= going & ((self._spent > self._most) | (self._h < SHORTEST))

    def _field(self, theta: Tensor, clock: Tensor, out: Tensor) -> None:
        """out = d theta/dc at the clocks (B, 1).

        With p the probability of all classes but the true one, a sample's loss is -log(1 - p): as log1p where p is
        small, from the gap itself where p is nearly one. G and L are both carried over e^reference, as in G / L.
        """
        room, (W, H), (out_W, out_H) = self._residuals, self._blocks(theta), self._blocks(out)
        room.look(W, H)
        separated = room.largest < SEPARATED
        reference = torch.where(separated, room.largest.clamp(min=torch.finfo(torch.float64).min), 0.0)
        room.evaluate(reference)
        losses = torch.where(room.above > 0.0, room.above - room.over.log(), -torch.log1p(-room.rest))
        loss = torch.where(separated.unsqueeze(2), room.rest, losses).sum(2)
        torch.bmm(room.G, H.mT, out=out_W)
        torch.bmm(W.mT, room.G, out=out_H)
        log_factor = clock + self._log_weight + reference + loss.log()
        factor = -log_factor.exp_() / loss  # infinite only on a trial step far off, which its error rejects
        for block in (out_W, out_H):
            block.mul_(factor.unsqueeze(2))

    def _add_to_theta(self, weights: Tensor, h: Tensor) -> None:
        """trial = theta + h sum_s weights_s stages_s."""
        self._combine(weights, self._trial)
        for block in self._blocks(self._trial):
            block.mul_(h.unsqueeze(2))
        self._trial.add_(self._theta)

    def _combine(self, weights: Tensor, out: Tensor) -> None:
        """out = sum_s weights_s stages_s."""
        torch.mv(self._stages[: len(weights)].T, weights, out=out)

    def _error(self, h: Tensor) -> Tensor:
        """(B, 1): the norm of the estimated local error (Hairer, Norsett, Wanner, II.10); infinite where it is none."""
        self._combine(self._E5, self._spare)
        fifth = self._norm(self._spare)
        self._combine(self._E3, self._spare)
        third = self._norm(self._spare)
        error = h * fifth / (1.0 + 0.01 * (third / fifth) ** 2).sqrt()
        error = torch.where(fifth > 0.0, error, 0.0)
        return torch.where(torch.isfinite(fifth + third), error, math.inf)

    def _norm(self, theta: Tensor) -> Tensor:
        """(B, 1): the Euclidean norm of each run's blocks, also where squares leave float64."""
        blocks = [block.flatten(1) for block in self._blocks(theta)]
        largest = torch.maximum(*(torch.linalg.vector_norm(b, math.inf, dim=1, keepdim=True) for b in blocks))
        scale = torch.where((largest > 0.0) & torch.isfinite(largest), largest, 1.0)
        return torch.hypot(*(torch.linalg.vector_norm(b / scale, dim=1, keepdim=True) for b in blocks)) * scale

    def _tensor(self, values: Array | float) -> Tensor:
        return torch.tensor(values, dtype=torch.float64, device=self.device)

    def _blocks(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """W (B, K, d) and H (B, d, N) in theta (B P,): all W, then all H, so that each is contiguous."""
        (K, d, N), B = self._shape, len(self._clock)
        return theta[: B * K * d].view(B, K, d), theta[B * K * d :].view(B, d, N)

    @property
    def W(self) -> Shaped[Array, "B K d"]:
        """(B, K, d)."""
        return self._on_host(self._blocks(self._theta)[0])

    @property
    def H(self) -> Shaped[Array, "B d N"]:
        """(B, d, N)."""
        return self._on_host(self._blocks(self._theta)[1])

    @property
    def log_time(self) -> Shaped[Array, "B"]:
        """(B,): log t that each run has reached."""
        return np.array([log_expm1(c) for c in self._clock.view(-1).tolist()])

    @property
    def right_hand_sides(self) -> Shaped[Labels, "B"]:
        return np.array(self._spent.view(-1).cpu().numpy())

    @property
    def stalled(self) -> NDArray[np.bool_]:
        return np.array(self._stalled.view(-1).cpu().numpy())

    @staticmethod
    def _on_host(block: Tensor) -> Array:
        return np.array(block.cpu().numpy())
