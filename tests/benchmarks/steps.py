"""Times a gradient step of one run, in microseconds: the compiled engine and its peers, at every size and precision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tests.benchmarks.check import STEPS, by_compiled, refuse_other_steps
from tests.benchmarks.peers import Peer, available, compiled
from tests.benchmarks.timing import against, best_rounds, heading, row
from ulpm_core import RunConfig
from ulpm_core.model.initialisation import initial_state

Shape = tuple[int, int, int]
SHAPES: list[Shape] = [
    (3, 2, 10),
    (4, 3, 10),
    (4, 3, 30),
    (10, 16, 50),
    (10, 64, 100),
    (100, 128, 50),
    (100, 512, 100),
]
OURS = "compiled"


def config_of(shape: Shape) -> RunConfig:
    """Returns a config that does not diverge: the curvature is at most about that of H H^T at the start."""
    config = RunConfig(classes=shape[0], dimension=shape[1], per_class=shape[2])
    H = initial_state(config).H
    return config.with_changes(learning_rate=1.0 / float(np.linalg.norm(H @ H.T, 2)))


def per_step(shape: Shape, dtype: str, peers: dict[str, Peer], repeats: int, seconds: float) -> dict[str, float]:
    """Measures the microseconds a step of the compiled engine and every peer, after all of them have been checked."""
    config = config_of(shape)
    start = initial_state(config)
    expected = by_compiled(config, start)
    methods = {name: make(config, start, dtype) for name, make in {OURS: compiled, **peers}.items()}
    for name, (take, *_) in methods.items():
        if (reached := take(STEPS)) is not None:
            refuse_other_steps(name, reached, [start], [expected], dtype)
    return best_rounds(methods, repeats, seconds)


def table(shapes: Sequence[Shape], dtypes: Sequence[str], repeats: int, seconds: float) -> Iterator[str]:
    peers, sentences = available()
    yield (
        "Microseconds a gradient step of one run; in brackets, times the compiled engine in the same precision. The"
        " compiled engine, NumPy and the products use one core; torch uses one or all, whichever is faster; JAX"
        " (jit + scan) decides for itself and may use all."
    )
    yield from sentences
    yield ""
    yield from heading(["(K, d, n)", "precision"], [OURS, *peers])
    for shape in shapes:
        for dtype in dtypes:
            yield row([str(shape), dtype, *against(per_step(shape, dtype, peers, repeats, seconds), OURS)])
