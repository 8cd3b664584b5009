"""Gradient steps of one run by other means, each as fast as its users would make it, in float64 or float32.

A peer takes a config, a start and a dtype and returns steppers, of which the fastest counts: steps -> what has been
reached, with W (K, d) and H (d, N) in any kind of array. Those of JAX need `pip install -e ".[bench]"`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from numba import njit

from tests.benchmarks.timing import Stepper, by_torch
from ulpm_core import RunConfig
from ulpm_core.dynamics.engines.compiled.run import CompiledRun
from ulpm_core.dynamics.stability import divergence_limit
from ulpm_core.model.state import State

Peer = Callable[[RunConfig, State, str], list[Stepper]]


class Reached(NamedTuple):
    W: Any
    H: Any


def one_hot(config: RunConfig, dtype: str) -> np.ndarray:
    """Returns the labels as Y (K, N), one 1 in each column."""
    return np.repeat(np.eye(config.classes, dtype=dtype), config.per_class, axis=1)


def compiled(config: RunConfig, start: State, dtype: str) -> list[Stepper]:
    """Returns a stepper of our own engine."""
    run = CompiledRun(config.with_changes(dtype=dtype), start, divergence_limit(config, start))

    def take(steps: int) -> CompiledRun:
        if run.advance(steps) < steps:
            raise RuntimeError("The run diverged: its steps cannot be timed.")
        return run

    return [take]


def numpy_analytic(config: RunConfig, start: State, dtype: str) -> list[Stepper]:
    """Softmax minus one-hot, two products, two updates: as a careful NumPy user writes it."""
    W, H, Y = start.W.astype(dtype), start.H.astype(dtype), one_hot(config, dtype)

    def take(steps: int) -> Reached:
        for _ in range(steps):
            Z = W @ H
            G = np.exp(Z - Z.max(axis=0))
            G /= G.sum(axis=0)
            G -= Y
            gradient_W, gradient_H = G @ H.T, W.T @ G
            np.subtract(W, config.learning_rate * gradient_W, out=W)
            np.subtract(H, config.learning_rate * gradient_H, out=H)
        return Reached(W, H)

    return [take]


@njit(nogil=True, cache=True)
def multiply(Wt, H, Z, gradient_Wt, gradient_H, steps):  # type: ignore[no-untyped-def]
    for _ in range(steps):
        np.dot(Wt.T, H, Z)
        np.dot(H, Z.T, gradient_Wt)
        np.dot(Wt, Z, gradient_H)


def bare_products(config: RunConfig, start: State, dtype: str) -> list[Stepper]:
    """The three matrix products of a step alone, by BLAS into arrays that exist: they take no step.

    From compiled code nothing lies between two products; NumPy brings its own build of BLAS.
    """
    W, Wt, H = start.W.astype(dtype), np.array(start.W.T, dtype, order="C"), start.H.astype(dtype)
    Z, gradient_W, gradient_Wt, gradient_H = W @ H, np.empty_like(W), np.empty_like(Wt), np.empty_like(H)

    def by_numpy(steps: int) -> None:
        for _ in range(steps):
            np.matmul(W, H, out=Z)
            np.matmul(Z, H.T, out=gradient_W)
            np.matmul(W.T, Z, out=gradient_H)

    return [lambda steps: multiply(Wt, H, Z, gradient_Wt, gradient_H, steps), by_numpy]


def torch_autograd(config: RunConfig, start: State, dtype: str) -> list[Stepper]:
    """Cross-entropy, backward, torch.optim.SGD: as most people write it."""
    W, H = (torch.tensor(x.astype(dtype), requires_grad=True) for x in (start.W, start.H))
    labels = torch.arange(config.classes).repeat_interleave(config.per_class)
    optimiser = torch.optim.SGD([W, H], lr=config.learning_rate)

    def take(steps: int) -> Reached:
        for _ in range(steps):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy((W @ H).T, labels, reduction="sum").backward()
            optimiser.step()
        return Reached(W.detach(), H.detach())

    return by_torch(take)


def torch_analytic(config: RunConfig, start: State, dtype: str) -> list[Stepper]:
    """The analytic step in torch: no autograd, nothing allocated."""
    W, H, Y = (torch.tensor(x.astype(dtype)) for x in (start.W, start.H, one_hot(config, dtype)))
    Z, G, gradient_W = torch.empty_like(Y), torch.empty_like(Y), torch.empty_like(W)

    def take(steps: int) -> Reached:
        for _ in range(steps):
            torch.mm(W, H, out=Z)
            torch.softmax(Z, 0, out=G)
            G.sub_(Y)
            torch.mm(G, H.T, out=gradient_W)
            H.addmm_(W.T, G, alpha=-config.learning_rate)
            W.sub_(gradient_W, alpha=config.learning_rate)
        return Reached(W, H)

    return by_torch(take)


def torch_compiled(config: RunConfig, start: State, dtype: str) -> list[Stepper]:
    """The analytic step, compiled by torch.compile."""
    W, H, Y = (torch.tensor(x.astype(dtype)) for x in (start.W, start.H, one_hot(config, dtype)))

    def analytic_step(W: torch.Tensor, H: torch.Tensor) -> None:
        G = torch.softmax(W @ H, 0) - Y
        gradient_W, gradient_H = G @ H.T, W.T @ G
        W.sub_(gradient_W, alpha=config.learning_rate)
        H.sub_(gradient_H, alpha=config.learning_rate)

    torch.compiler.reset()  # it keeps eight versions of a function; after that it would no longer compile
    step = torch.compile(analytic_step, dynamic=False)

    def take(steps: int) -> Reached:
        for _ in range(steps):
            step(W, H)
        return Reached(W, H)

    return by_torch(take)


def jax_run(config: RunConfig, rows: bool = False) -> Callable[[Any, Any, int], Any]:
    """Returns (theta, Y, steps) -> theta by jax.lax.scan, with its gradient by jax.grad, not yet compiled; `rows`: H is
    (N, d).

    The loss picks its entries by a product with Y: 5 to 15 % faster here, inside a scan, than by their indices.
    """
    import jax

    jax.config.update("jax_enable_x64", True)

    def loss(theta: Any, Y: Any) -> Any:
        W, H = theta
        if rows:
            return -(jax.nn.log_softmax(H @ W.T, axis=1) * Y.T).sum()
        return -(jax.nn.log_softmax(W @ H, axis=0) * Y).sum()

    def run(theta: Any, Y: Any, steps: int) -> Any:
        def step(theta: Any, _: None) -> tuple[Any, None]:
            return jax.tree.map(lambda x, g: x - config.learning_rate * g, theta, jax.grad(loss)(theta, Y)), None

        return jax.lax.scan(step, theta, None, length=steps)[0]

    return run


def jax_columns(config: RunConfig, start: State, dtype: str, rows: bool = False) -> list[Stepper]:
    """The scanned step, compiled, with H (d, N)."""
    import jax

    run = jax.jit(jax_run(config, rows), static_argnums=2)
    theta = jax.device_put((start.W.astype(dtype), (start.H.T if rows else start.H).astype(dtype)))
    Y = jax.device_put(one_hot(config, dtype))

    def take(steps: int) -> Reached:
        nonlocal theta
        theta = jax.block_until_ready(run(theta, Y, steps))
        return Reached(theta[0], theta[1].T if rows else theta[1])

    return [take]


def jax_rows(config: RunConfig, start: State, dtype: str) -> list[Stepper]:
    """The scanned step, compiled, with H (N, d), as data usually lie."""
    return jax_columns(config, start, dtype, rows=True)


def available() -> tuple[dict[str, Peer], list[str]]:
    """Returns the peers that can be timed here, and a sentence on each that cannot."""
    peers: dict[str, Peer] = {
        "NumPy": numpy_analytic,
        "torch autograd + SGD": torch_autograd,
        "torch analytic": torch_analytic,
    }
    sentences = []
    try:
        torch.compile(torch.sin)(torch.zeros(1))
        peers["torch.compile"] = torch_compiled
    except RuntimeError as error:
        sentences.append(f"torch.compile is left out, it does not work here: {str(error).splitlines()[0]}")
    if has_jax():
        peers |= {"JAX": jax_columns, "JAX, H (N, d)": jax_rows}
    else:
        sentences.append('JAX is left out: `pip install -e ".[bench]"` adds it.')
    return peers | {"three bare products": bare_products}, sentences


def has_jax() -> bool:
    return importlib.util.find_spec("jax") is not None
