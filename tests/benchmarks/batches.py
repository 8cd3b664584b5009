"""Times a step of each of B independent runs, in microseconds: ours one after another, over all cores, and by torch;
and JAX.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tests.benchmarks.check import STEPS, by_compiled, refuse_other_steps
from tests.benchmarks.peers import Reached, compiled, has_jax, jax_run, one_hot
from tests.benchmarks.steps import Shape, config_of
from tests.benchmarks.timing import Stepper, against, best_rounds, by_torch, heading, row
from ulpm_core import RunConfig
from ulpm_core.dynamics.engines.batched.run import BatchedRun
from ulpm_core.dynamics.engines.cost import cores
from ulpm_core.dynamics.stability import divergence_limit
from ulpm_core.model.initialisation import initial_state
from ulpm_core.model.state import State

SHAPES: list[Shape] = [(4, 3, 10), (4, 3, 30)]
BATCHES = (1, 32, 1024)
Starts = Sequence[State]


def starts_of(config: RunConfig, batch: int) -> list[State]:
    return [initial_state(config.with_changes(seed=seed)) for seed in range(batch)]


class Several:
    """Takes steps of several runs of the compiled engine, shared out among threads; on one thread, one after
    another.
    """

    def __init__(self, config: RunConfig, starts: Starts, dtype: str, threads: int):
        self._takes = [take for start in starts for take in compiled(config, start, dtype)]
        self._shares = [range(first, len(starts), threads) for first in range(threads)]
        self._pool = ThreadPoolExecutor(threads)

    def take(self, steps: int) -> Several:
        if len(self._shares) == 1:
            self._advance(self._shares[0], steps)
        else:
            list(self._pool.map(self._advance, self._shares, [steps] * len(self._shares)))
        return self

    def _advance(self, share: range, steps: int) -> None:
        for i in share:
            self._takes[i](steps)

    @property
    def W(self) -> np.ndarray:
        return np.stack([take(0).W for take in self._takes])  # type: ignore[attr-defined]

    @property
    def H(self) -> np.ndarray:
        return np.stack([take(0).H for take in self._takes])  # type: ignore[attr-defined]


def on_one_core(config: RunConfig, starts: Starts, dtype: str) -> list[Stepper]:
    return [Several(config, starts, dtype, 1).take]


def on_all_cores(config: RunConfig, starts: Starts, dtype: str) -> list[Stepper]:
    return [Several(config, starts, dtype, min(cores(), len(starts))).take]


def batched(config: RunConfig, starts: Starts, dtype: str, device: str = "cpu") -> list[Stepper]:
    """Returns a stepper of our engine in torch: B runs as one array."""
    W, H = (np.stack([getattr(start, block) for start in starts]) for block in ("W", "H"))
    limit = np.array([divergence_limit(config, start) for start in starts])
    run = BatchedRun(config.with_changes(dtype=dtype, device=device), W, H, limit)

    def take(steps: int) -> BatchedRun:
        run.advance(steps)
        if run.diverged.any():
            raise RuntimeError("A run diverged: its steps cannot be timed.")
        return run

    return by_torch(take) if device == "cpu" else [take]


def jax_vmap(config: RunConfig, starts: Starts, dtype: str) -> list[Stepper]:
    """Returns a stepper of the scanned step under vmap, compiled as one."""
    import jax

    run = jax.jit(jax.vmap(jax_run(config), in_axes=(0, None, None)), static_argnums=2)
    theta = jax.device_put(tuple(np.stack([getattr(s, block) for s in starts]).astype(dtype) for block in ("W", "H")))
    Y = jax.device_put(one_hot(config, dtype))

    def take(steps: int) -> Reached:
        nonlocal theta
        theta = jax.block_until_ready(run(theta, Y, steps))
        return Reached(*theta)

    return [take]


METHODS: dict[str, Callable[[RunConfig, Starts, str], list[Stepper]]] = {
    "compiled, one core": on_one_core,
    "compiled, all cores": on_all_cores,
    "batched (torch)": batched,
}
if has_jax():
    METHODS["JAX vmap"] = jax_vmap


def per_step(shape: Shape, batch: int, dtype: str, repeats: int, seconds: float) -> dict[str, float]:
    """Measures the microseconds a step and run of every method, after all of them have been checked."""
    config = config_of(shape)
    starts = starts_of(config, batch)
    expected = [by_compiled(config, start) for start in starts]
    methods = {name: make(config, starts, dtype) for name, make in METHODS.items()}
    for name, (take, *_) in methods.items():
        refuse_other_steps(name, take(STEPS), starts, expected, dtype)
    # one call a round: 1,024 runs are as many calls to the engine, whose steps must outweigh them
    return {name: time / batch for name, time in best_rounds(methods, repeats, seconds, calls=1).items()}


def table(shapes: Sequence[Shape], dtypes: Sequence[str], repeats: int, seconds: float) -> Iterator[str]:
    yield (
        f"Microseconds a step and run where B runs go on at once; in brackets, times the compiled engine on one core."
        f" All cores: {cores()} threads, each with its share of the runs. torch uses one core or all, whichever is"
        " faster; JAX (jit + vmap + scan) decides for itself."
    )
    yield ""
    yield from heading(["(K, d, n)", "B", "precision"], list(METHODS))
    for shape in shapes:
        for batch in BATCHES:
            for dtype in dtypes:
                times = per_step(shape, batch, dtype, repeats, seconds)
                yield row([str(shape), str(batch), dtype, *against(times, next(iter(METHODS)))])
