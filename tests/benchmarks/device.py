"""Times a step of the batched engine on a CUDA device, and says what share that is of what the device can do.

A step is three matrix products, 6 K d N operations. The device's peak is measured beside it, by one large product in
the same precision; float32 is not TF32 unless torch is told so, and it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from tests.benchmarks import batches
from tests.benchmarks.check import by_compiled, refuse_other_steps
from tests.benchmarks.steps import Shape, config_of
from tests.benchmarks.timing import best_rounds, heading, row, short
from ulpm_core.dynamics.engines.batched.run import GRAPH_STEPS

SIDE = 8192
"""Side of the square matrices whose product measures the peak: 2 SIDE^3 = 1.1e12 operations, a tenth of a second at
most.
"""
CHECKED_GRAPHS = 3


def synchronise(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def peak(device: str, dtype: str, repeats: int, seconds: float, side: int = SIDE) -> float:
    """Measures the operations a second of one large matrix product."""
    A, B = torch.randn((2, side, side), dtype=getattr(torch, dtype), device=device)
    C = torch.empty_like(A)

    def take(steps: int) -> None:
        for _ in range(steps):
            torch.mm(A, B, out=C)
        synchronise(device)

    return 2 * side**3 / (best_rounds({"product": [take]}, repeats, seconds)["product"] * 1e-6)


def per_step(shape: Shape, batch: int, device: str, dtype: str, repeats: int, seconds: float) -> float:
    """Measures the microseconds a step of all B runs, by whole graphs; the device is read after each call: none leaves
    work behind.

    The check takes enough steps for graphs to have a part in it.
    """
    config, checked = config_of(shape), CHECKED_GRAPHS * GRAPH_STEPS
    starts = batches.starts_of(config, batch)
    take, *_ = batches.batched(config, starts, dtype, device)
    expected = [by_compiled(config, start, checked) for start in starts]
    refuse_other_steps(f"The batched engine on {device}", take(checked), starts, expected, dtype, checked)
    graphs = best_rounds({"batched": [lambda graphs: take(graphs * GRAPH_STEPS)]}, repeats, seconds)
    return graphs["batched"] / GRAPH_STEPS


def table(
    shapes: Sequence[Shape],
    dtypes: Sequence[str],
    repeats: int,
    seconds: float,
    device: str = "cuda",
    side: int = SIDE,
) -> Iterator[str]:
    peaks = {dtype: peak(device, dtype, repeats, seconds, side) for dtype in dtypes}
    name = torch.cuda.get_device_name() if device == "cuda" else device
    measured = ", ".join(f"{short(value / 1e9)} in {dtype}" for dtype, value in peaks.items())
    yield (
        f"The batched engine on {name}, B runs at once. GFLOP/s: 6 K d N operations a step; peak: what one product of"
        f" two {side} x {side} matrices reaches here, {measured}."
    )
    yield ""
    yield from heading(["(K, d, n)", "B", "precision"], ["microseconds a step", "a step and run", "GFLOP/s", "of peak"])
    for shape in shapes:
        for batch in batches.BATCHES if shape in batches.SHAPES else (1,):
            for dtype in dtypes:
                time = per_step(shape, batch, device, dtype, repeats, seconds)
                K, d, n = shape
                rate = 6 * K * d * K * n * batch / (time * 1e-6)
                figures = [short(time), short(time / batch), short(rate / 1e9), f"{rate / peaks[dtype]:.2%}"]
                yield row([str(shape), str(batch), dtype, *figures])
