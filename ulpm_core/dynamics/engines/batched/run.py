"""The batched engine: B independent runs of one shape at once, by torch, on a CPU or a CUDA device.

It is tested against the compiled engine and against autograd. Measured on one
CPU core at (K, d, n) = (4, 3, 10), gradient descent in float64: a step takes 33 microseconds for one run, 65 for 32,
1,100 for 1,024, where the compiled engine takes 0.35 for one. On a CPU small runs are faster one by one there: what
batches of them are for is a GPU.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from ulpm_core.dynamics.engines.batched.step import BatchedStep
from ulpm_core.dynamics.engines.batched.threads import Threads
from ulpm_core.model.config import RunConfig
from ulpm_core.model.shapes import Array, Labels, Shaped
from ulpm_core.model.state import State

GRAPH_BELOW: Final = 2**22
"""B K N below which steps on a CUDA device are replayed from a graph: to launch some thirty kernels a step, of a few
microseconds each, then takes longer than to run them. Not yet measured: no GPU was at hand."""
GRAPH_STEPS: Final = 32
"""Steps in one graph: enough to hide its own launch, few enough to capture in a moment."""
WARM_UP: Final = 3
"""Steps taken before a capture, as torch asks: libraries set themselves up in the first, which no graph may hold."""


class BatchedRun(BatchedStep):
    """B runs in motion from W (B, K, d) and H (B, d, N); method, device and dtype are the config's.

    `limit` (B,) and `learning_rate` (B,), by default the config's, are each run's own. `labels` (N,) are the classes
    of the samples, in any order; by default the config's, class 0 first. `memories`, each shaped like (W, H),
    `log_time` (B,) and `taken`, their number of steps, are where earlier runs ended. The mean loss is divided by
    `samples`, by default N. Raises :class:`ConfigError` for a device that is not there.

    `diverged` (B,) marks the runs whose value's bound is over their limit; NaN counts as over it. Such a run stands
    still at its first state past the limit while the others go on; `taken` (B,) counts each run's steps. `log_time` is
    kept for rules whose `step_time` is None.

    >>> config = RunConfig(classes=2, dimension=1, per_class=1)
    >>> W, H = np.array([[[1.0], [-1.0]]]), np.zeros((1, 1, 2))
    >>> run = BatchedRun(config, W.repeat(2, 0), H.repeat(2, 0), np.full(2, 1e3), learning_rate=np.array([1.0, 0.5]))
    >>> run.advance(1), run.H[:, 0].tolist()  # G = (-1/2, 1/2; 1/2, -1/2), dL/dH = W^T G = (-1, 1)
    (1, [[1.0, -1.0], [0.5, -0.5]])
    """

    @torch.inference_mode()
    def __init__(
        self,
        config: RunConfig,
        W: Shaped[Array, "B K d"],
        H: Shaped[Array, "B d N"],
        limit: Shaped[Array, "B"],
        *,
        learning_rate: Shaped[Array, "B"] | None = None,
        labels: Shaped[Labels, "N"] | None = None,
        memories: Sequence[tuple[Array, Array]] | None = None,
        log_time: Shaped[Array, "B"] | None = None,
        taken: int = 0,
        samples: int | None = None,
    ):
        super().__init__(
            config,
            W,
            H,
            limit,
            learning_rate=learning_rate,
            labels=labels,
            memories=memories,
            log_time=log_time,
            taken=taken,
            samples=samples,
        )
        self._graph: torch.cuda.CUDAGraph | None = None
        self._threads = Threads(config, len(W))
        self.look()
        self._read()

    @torch.inference_mode()
    def advance(self, steps: int) -> int:
        """Takes `steps` steps of every run that has not diverged; returns the most that any run took."""
        before, end = self.taken, int(self.taken.max()) + steps
        while not self.diverged.all() and (left := end - int(self.taken.max())) > 0:
            self._attempt(left)
            self._read()
        return int((self.taken - before).max())

    def _worth_a_graph(self) -> bool:
        return (
            self.device.type == "cuda"
            and not self.config.step_rule.decomposes
            and self._residuals.G.numel() < GRAPH_BELOW
        )

    def _attempt(self, steps: int) -> None:
        if self._graph is None and self._worth_a_graph() and steps >= WARM_UP + GRAPH_STEPS:
            self._graph = self._captured()
            steps -= WARM_UP
        if self._graph is not None:
            for _ in range(steps // GRAPH_STEPS):
                self._graph.replay()
            steps %= GRAPH_STEPS
        self._threads.take(self.step, steps)

    def _captured(self) -> torch.cuda.CUDAGraph:
        """GRAPH_STEPS steps as one graph. To capture takes none of them; the warm-up before it takes WARM_UP."""
        side, current = torch.cuda.Stream(self.device), torch.cuda.current_stream(self.device)
        side.wait_stream(current)
        with torch.cuda.stream(side):
            for _ in range(WARM_UP):
                self.step()
        current.wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        # thread_local: the page computes several runs in threads, and none may spoil another's capture
        with torch.cuda.graph(graph, stream=side, capture_error_mode="thread_local"):
            for _ in range(GRAPH_STEPS):
                self.step()
        return graph

    def _read(self) -> None:
        """Reads the state of the runs from the device: the only place that waits for it."""
        self._take_stock()
        self.diverged = ~self._alive.view(-1).cpu().numpy()
        self.taken = self.count.view(-1).cpu().numpy().copy()

    @property
    def log_time(self) -> Shaped[Array, "B"]:
        """(B,), -inf at the start."""
        return self._on_host(self.clock.view(-1))

    @property
    def W(self) -> Shaped[Array, "B K d"]:
        """(B, K, d)."""
        return self._on_host(self.theta[0])

    @property
    def H(self) -> Shaped[Array, "B d N"]:
        """(B, d, N)."""
        return self._on_host(self.theta[1])

    @property
    def kept(self) -> list[tuple[Array, Array]]:
        """The rule's memories, each shaped like (W, H)."""
        return [(self._on_host(W), self._on_host(H)) for W, H in self.memories]

    @staticmethod
    def _on_host(block: Tensor) -> Array:
        return np.array(block.cpu().numpy(), dtype=np.float64)


class OneRun:
    """One run on this engine as the driver drives it: the interface of `CompiledRun`.

    `diverged` is True once the loss has passed `limit`; the state then is the first one past it. Of H only `columns`
    are held, by a `batch` that knows of the others. Raises :class:`ConfigError` for a device that is not there.

    >>> start = State(np.array([[1.0], [-1.0]]), np.zeros((1, 2)))
    >>> run = OneRun(RunConfig(classes=2, dimension=1, per_class=1, learning_rate=1.0), start, 1e3)
    >>> run.advance(1), run.H.tolist()
    (1, [[1.0, -1.0]])
    """

    def __init__(
        self,
        config: RunConfig,
        start: State,
        limit: float,
        memories: Sequence[State] | None = None,
        log_time: float = -math.inf,
        taken: int = 0,
        columns: slice = slice(None),
        batch: type[BatchedRun] = BatchedRun,
    ):
        self.config, self.limit = config, limit
        self._run = batch(
            config,
            start.W[None],
            start.H[None, :, columns],
            np.array([limit]),
            labels=config.labels[columns],
            memories=None if memories is None else [(kept.W[None], kept.H[None, :, columns]) for kept in memories],
            log_time=np.array([log_time]),
            taken=taken,
            samples=config.label_count,
        )

    def advance(self, steps: int) -> int:
        """Takes up to `steps` steps; returns how many were taken."""
        return self._run.advance(steps)

    @property
    def diverged(self) -> bool:
        return bool(self._run.diverged[0])

    @property
    def log_time(self) -> float:
        return float(self._run.log_time[0])

    @property
    def W(self) -> Shaped[Array, "K d"]:
        """(K, d)."""
        return self._run.W[0]

    @property
    def H(self) -> Shaped[Array, "d N"]:
        """(d, N)."""
        return self._run.H[0]

    @property
    def memories(self) -> tuple[State, ...]:
        return tuple(State.reached(W[0], H[0]) for W, H in self._run.kept)
