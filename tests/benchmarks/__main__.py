"""`python -m tests.benchmarks`: one table of ratios, measured in one process. Not collected by pytest.

Microseconds a gradient step: the compiled engine, the same step in NumPy, torch autograd with SGD, the bare matrix
products (what no engine can beat), and JAX where it is installed. Below it, the parts of one turn of a knob.
Times are the best of several repeats, all methods taking turns, so that a busy machine disturbs all alike.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import os
import platform
import time
from collections.abc import Callable

import numpy as np
import torch

from ulpm_core import RunConfig, simulate
from ulpm_core.analysis.measure import measured
from ulpm_core.dynamics import simulate as driver
from ulpm_core.dynamics.compiled import CompiledRun
from ulpm_core.film.film import build_film
from ulpm_core.model.initialisation import initial_state
from ulpm_core.model.state import State

SHAPES = [(3, 2, 10), (4, 3, 10), (4, 3, 30), (10, 16, 50), (10, 64, 100)]
RATE = 0.01
Stepper = Callable[[int], object]


def config_of(K: int, d: int, n: int) -> RunConfig:
    return RunConfig(classes=K, dimension=d, per_class=n, learning_rate=RATE / (1 + n / 100))


def compiled(config: RunConfig, start: State) -> Stepper:
    run = CompiledRun(config, start, limit=1e300)
    return run.advance


def analytic(config: RunConfig, start: State) -> Stepper:
    """Softmax minus one-hot, two products, two updates: what a careful NumPy user writes."""
    W, H = start.W.copy(), start.H.copy()
    Y = np.repeat(np.eye(config.classes), config.per_class, axis=1)

    def take(steps: int) -> None:
        for _ in range(steps):
            Z = W @ H
            G = np.exp(Z - Z.max(axis=0))
            G /= G.sum(axis=0)
            G -= Y
            gradient_W, gradient_H = G @ H.T, W.T @ G
            np.subtract(W, config.learning_rate * gradient_W, out=W)
            np.subtract(H, config.learning_rate * gradient_H, out=H)

    return take


def autograd(config: RunConfig, start: State) -> Stepper:
    W = torch.tensor(start.W, requires_grad=True)
    H = torch.tensor(start.H, requires_grad=True)
    labels = torch.arange(config.classes).repeat_interleave(config.per_class)
    optimiser = torch.optim.SGD([W, H], lr=config.learning_rate)

    def take(steps: int) -> None:
        for _ in range(steps):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy((W @ H).T, labels, reduction="sum").backward()
            optimiser.step()

    return take


def products(config: RunConfig, start: State) -> Stepper:
    """The three matrix products alone, into arrays that exist already."""
    W, H = start.W.copy(), start.H.copy()
    Z, g_W, g_H = W @ H, np.empty_like(W), np.empty_like(H)

    def take(steps: int) -> None:
        for _ in range(steps):
            np.matmul(W, H, out=Z)
            np.matmul(Z, H.T, out=g_W)
            np.matmul(W.T, Z, out=g_H)

    return take


def jax_scan(config: RunConfig, start: State) -> Stepper:
    """jit + scan in float64, gradients by jax.grad."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    labels = jnp.repeat(jnp.arange(config.classes), config.per_class)
    samples = jnp.arange(config.label_count)

    def loss(theta):
        return -jax.nn.log_softmax(theta[0] @ theta[1], axis=0)[labels, samples].sum()

    def step(theta, _):
        return jax.tree.map(lambda x, g: x - config.learning_rate * g, theta, jax.grad(loss)(theta)), None

    run = jax.jit(lambda theta, steps: jax.lax.scan(step, theta, None, length=steps)[0], static_argnums=1)
    theta = (jnp.array(start.W), jnp.array(start.H))
    return lambda steps: jax.block_until_ready(run(theta, steps))


ENGINES: dict[str, Callable[[RunConfig, State], Stepper]] = {
    "compiled": compiled,
    "NumPy": analytic,
    "torch autograd + SGD": autograd,
    "bare products": products,
}
if importlib.util.find_spec("jax"):
    ENGINES["JAX jit + scan"] = jax_scan


def per_step(shape: tuple[int, int, int], repeats: int, seconds: float) -> dict[str, float]:
    """Microseconds a step of every engine, the best of `repeats` rounds of about `seconds` each."""
    config = config_of(*shape)
    start = initial_state(config)
    steppers = {name: make(config, start) for name, make in ENGINES.items()}
    counts, best = {}, dict.fromkeys(ENGINES, float("inf"))
    for name, take in steppers.items():
        take(50)
        begun = time.perf_counter()
        take(50)
        counts[name] = max(50, int(50 * seconds / (time.perf_counter() - begun)))
        if name.startswith("JAX"):
            take(counts[name])  # compiles for this length
    for _ in range(repeats):
        for name, take in steppers.items():
            begun = time.perf_counter()
            take(counts[name])
            best[name] = min(best[name], (time.perf_counter() - begun) / counts[name] * 1e6)
    return best


def best_of(repeats: int, work: Callable[[], object]) -> float:
    """Milliseconds, the best of `repeats`."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times) * 1e3


def knob_turn(repeats: int) -> list[tuple[str, float]]:
    """Milliseconds of what happens between a knob and a film: the default run of 10,000 steps."""
    config = RunConfig()
    bare = driver.simulate(config)
    run = measured(bare)
    film = build_film(run)
    return [
        ("10,000 steps and their snapshots", best_of(repeats, lambda: driver.simulate(config))),
        ("metrics of every snapshot", best_of(repeats, lambda: measured(bare))),
        ("build_film", best_of(repeats, lambda: build_film(run))),
        (f"to_bytes ({len(film.to_bytes()) / 2**20:.2f} MiB)", best_of(repeats, film.to_bytes)),
        ("all of it", best_of(repeats, lambda: build_film(simulate(config)).to_bytes())),
    ]


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    options.add_argument("--repeats", type=int, default=7)
    options.add_argument("--seconds", type=float, default=0.2, help="length of one timed round")
    given = options.parse_args()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(
        f"{datetime.date.today().isoformat()}, {cores} cores, {platform.machine()}, Python {platform.python_version()},"
    )
    print(f"NumPy {np.__version__}, torch {torch.__version__} ({torch.get_num_threads()} threads); float64.\n")
    others = [name for name in ENGINES if name != "compiled"]
    print("Microseconds a gradient step; in brackets, times the compiled engine.\n")
    print(f"| (K, d, n) | compiled | {' | '.join(others)} |")
    print("|---|" + "---:|" * len(ENGINES))
    for shape in SHAPES:
        found = per_step(shape, given.repeats, given.seconds)
        cells = [f"{found[name]:.2f} ({found[name] / found['compiled']:.2f})" for name in others]
        print(f"| {shape} | {found['compiled']:.2f} | {' | '.join(cells)} |", flush=True)
    print("\n| A knob turn, default run | ms |\n|---|---:|")
    for name, milliseconds in knob_turn(given.repeats):
        print(f"| {name} | {milliseconds:.1f} |")


if __name__ == "__main__":
    main()
