"""One large run over several processes, each with some of its samples: torchrun starts them, torch.distributed joins.

Process r of R holds the columns r N // R to (r + 1) N // R of H, and all of W. Its part of dL/dW = G H^T is a sum over
its own samples, and dL/dH = W^T G needs no others: one all_reduce of K d + R + 2 numbers a step is all that travels.

    torchrun --nproc-per-node 4 script.py     # which calls begin(), ShardedRun(...).advance(...) and end()
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from ulpm_core.dynamics.engines.batched.run import BatchedRun, OneRun
from ulpm_core.dynamics.engines.batched.step import device_named
from ulpm_core.model.class_sizes import sizes_in_words
from ulpm_core.model.config import RunConfig
from ulpm_core.model.refusal import refuse, unfit
from ulpm_core.model.shapes import Array, Shaped
from ulpm_core.model.state import State

NEAR: Final = 30.0
"""Most by which the reference of a step may differ from the largest log exponential: e^(2 x 30) fits into float32."""


def begin(device: str = "cpu") -> None:
    """Joins the processes that torchrun has started, over nccl on CUDA, each with the GPU of its local rank, else gloo.

    Raises :class:`ConfigError` where there are more processes than GPUs.
    """
    if device_named(device).type == "cuda":
        found, local = torch.cuda.device_count(), int(os.environ["LOCAL_RANK"])
        if local >= found:
            raise refuse(
                "device",
                "cuda",
                f"has {found} GPUs here, too few for process {local + 1}",
                "cpu",
                do="start one process for each GPU, or use",
            )
        torch.cuda.set_device(local)
    dist.init_process_group("nccl" if device == "cuda" else "gloo")


def end() -> None:
    """Leaves the group of processes."""
    dist.destroy_process_group()


class ShardedRun(OneRun):
    """One run over all processes of the group that `begin` has joined: the interface of `OneRun`.

    Every process gives the whole start and calls every method, and reads `H` and `memories`, at the same time as the
    others: these are collective. `W`, `log_time`, `diverged` and what `advance` returns are the same on all of them.
    Raises :class:`ConfigError` for fewer samples than processes, a method that needs them all, or a device that is not
    there.
    """

    def __init__(
        self,
        config: RunConfig,
        start: State,
        limit: float,
        memories: Sequence[State] | None = None,
        log_time: float = -math.inf,
        taken: int = 0,
    ):
        if config.step_rule.decomposes:
            why = f"method = {config.method} decomposes the gradient of all samples, which no process has here"
            raise unfit("method", why, "start it without torchrun")
        N, rank, ranks = config.label_count, dist.get_rank(), dist.get_world_size()
        if ranks > N:
            least = math.ceil(ranks / config.classes)
            raise unfit(
                "per_class",
                f"{sizes_in_words(config.sizes)} makes {N} samples, too few for {ranks} processes",
                f"use per_class {least} or more",
                least,
            )
        self._mine = slice(rank * N // ranks, (rank + 1) * N // ranks)
        super().__init__(config, start, limit, memories, log_time, taken, self._mine, _Shard)

    @property
    def H(self) -> Shaped[Array, "d N"]:
        """H (d, N), gathered from all processes: all must ask for it at the same time."""
        return self._gathered(self._run.H[0])

    @property
    def memories(self) -> tuple[State, ...]:
        """The rule's memories, gathered from all processes: all must ask for them at the same time."""
        return tuple(State.reached(W[0], self._gathered(H[0])) for W, H in self._run.kept)

    def _gathered(self, columns: Shaped[Array, "d mine"]) -> Shaped[Array, "d N"]:
        whole = torch.zeros((len(columns), self.config.label_count), dtype=torch.float64, device=self._run.device)
        whole[:, self._mine] = torch.from_numpy(columns)
        dist.all_reduce(whole)  # a sum in which every column has one term that is not 0
        return np.array(whole.cpu().numpy())


def _total(part: torch.Tensor) -> torch.Tensor:
    """The sum over all processes, in place: a second collective of steps that a constraint keeps within bounds."""
    dist.all_reduce(part)
    return part


class _Shard(BatchedRun):
    """The part of a run that one process holds: a batch of one, whose sums over samples go over all processes.

    Whatever decides what happens next is read from those sums, of which all processes get the same bits.

    The residuals' reference is a maximum over all samples and would need a second collective. Instead every process
    adds its own maximum in a place of its own, and a step uses the reference that the sum before it told. Where that
    has become wrong by more than NEAR, as margins leap, the step is void: nothing moves, and it is tried again from
    the same state, whose reference is known by then.
    """

    def _allocate(self) -> None:
        ranks, size = dist.get_world_size(), self.gradient[0].numel()
        self._share_of_W = 1.0 / ranks  # each process adds its part of what W costs to the sum
        self._sums = torch.zeros(size + 2 + ranks, **self._kind)
        self._sum_W = self._sums[:size].view_as(self.gradient[0])
        self._violation, self._squares = self._sums[size].view(1, 1), self._sums[size + 1].view(1, 1)
        self._largest = self._sums[size + 2 :].view(1, ranks)
        self._near = torch.ones_like(self._alive)
        self.moves = torch.ones_like(self._alive)
        self._total = _total

    def _worth_a_graph(self) -> bool:
        return False  # what needs several processes is no small problem

    def _refer(self) -> None:
        """Does nothing: the reference is there already, from the last sum."""

    def _combine(self) -> None:
        self._exchange()
        self.gradient[0].copy_(self._sum_W)

    def _exchange(self) -> None:
        """The one collective of a step: the sums over all samples, and from them the reference of the next step."""
        room = self._residuals
        self._sums.zero_()
        self._sum_W.copy_(self.gradient[0])
        self._violation.copy_(room.violation)
        self._squares.copy_(torch.linalg.vector_norm(self.gradient[1])).square_()
        self._largest[:, dist.get_rank()].copy_(room.largest[:, 0])
        dist.all_reduce(self._sums)
        lowest = torch.finfo(self._sums.dtype).min
        current = self._largest.amax(1, keepdim=True).clamp_(min=lowest, max=0.0)
        torch.le((current - self._reference).abs_(), NEAR, out=self._near)
        self._reference.copy_(current)

    def _take_stock(self) -> None:
        super()._take_stock()
        torch.logical_and(self._alive, self._near, out=self.moves)

    def norm(self) -> Tensor:
        torch.linalg.vector_norm(self.gradient[0], out=self._norm.view(())).square_()
        return self._norm.add_(self._squares).sqrt_()

    def _read(self) -> None:
        self._exchange()
        super()._read()
