"""Compares gradient flow at (K, d, n) = (4, 3, 30), seed 4, with other methods and with peers: `python -m
tests.benchmarks.flow`.

First right-hand sides, error and drift to t = e^690; then seconds to t = e^600 at equal measured error, all in one
run; then how far a second goes. Errors are the largest of an entry against SciPy's DOP853 at tolerance 1e-13.
"""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from scipy.integrate import solve_ivp
from scipy.special import logsumexp

from ulpm_core import RunConfig
from ulpm_core.dynamics.flow import dormand_prince, gradient_flow
from ulpm_core.dynamics.flow.chebyshev import stages_for
from ulpm_core.dynamics.flow.gradient_flow import FlowRun
from ulpm_core.dynamics.flow.log_field import Work, log_field
from ulpm_core.dynamics.simulate import simulate
from ulpm_core.model.initialisation import initial_state

CONFIG = RunConfig(method="gradient-flow", snapshots=3)
K, D, N = CONFIG.classes, CONFIG.dimension, CONFIG.label_count
START = initial_state(CONFIG)
THETA = np.concatenate([START.W.T.ravel(), START.H.ravel()])
WORK = Work.of(CONFIG.labels, K)
LABELS, SAMPLES = np.repeat(np.arange(K), CONFIG.per_class), np.arange(N)
OVERFLOW = 700.0  # of a trial step: it is rejected, where exp(716) would end the run in NaN


class Counted:
    """Computes d theta/dc at c = log(1 + t) by the compiled kernel, and counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, c: float, theta: np.ndarray) -> np.ndarray:
        self.calls += 1
        out = np.empty_like(theta)
        dormand_prince.field(theta, c, 0.0, D, WORK, out)
        return out


def drift(theta: np.ndarray) -> float:
    """Returns the relative drift of W^T W - H H^T from the start's."""

    def imbalance(at: np.ndarray) -> np.ndarray:
        Wt, H = at[: D * K].reshape(D, K), at[D * K :].reshape(D, N)
        return Wt @ Wt.T - H @ H.T

    return float(np.linalg.norm(imbalance(theta) - imbalance(THETA)) / np.linalg.norm(imbalance(THETA)))


def by_scipy(method: str, tolerance: float, end: float) -> tuple[int, np.ndarray]:
    rhs = Counted()
    answer = solve_ivp(rhs, (0.0, end), THETA, method=method, rtol=tolerance, atol=tolerance)
    return rhs.calls, answer.y[:, -1]


def by_flow(tolerance: float, end: float) -> tuple[int, np.ndarray]:
    run = simulate(CONFIG.with_changes(tolerance=tolerance, log_time=end))
    return run.right_hand_sides, np.concatenate([run.W[-1].T.ravel(), run.H[-1].ravel()])


@contextmanager
def early_only() -> Iterator[None]:
    kept = gradient_flow.LATE_LOG_LOSS, gradient_flow.STIFF_STEPS
    gradient_flow.LATE_LOG_LOSS, gradient_flow.STIFF_STEPS = -math.inf, 10**9  # type: ignore[misc]
    try:
        yield
    finally:
        gradient_flow.LATE_LOG_LOSS, gradient_flow.STIFF_STEPS = kept  # type: ignore[misc]


def by_dormand_prince(tolerance: float, end: float) -> tuple[int, np.ndarray]:
    with early_only():
        return by_flow(tolerance, end)


def by_chebyshev_in_c(tolerance: float, end: float) -> tuple[int, np.ndarray]:
    """Follows the flow by RKC2 in the clock c from where DOP853 hands over; the spectral radius is 1.1 per unit of c,
    as measured late.
    """
    rhs, run = Counted(), FlowRun(CONFIG.with_changes(tolerance=tolerance, log_time=end), START)
    while not run.memory.late:
        before = run.memory
        run.advance(end)
    y, c, h = before.theta, before.clock, 0.1
    f = rhs(c, y)
    while c < end:
        h = min(h, end - c)
        m = stages_for(1.25 * 1.1 * h)
        w0 = 1.0 + 2.0 / 13.0 / m**2
        T, dT, ddT = [1.0, w0], [0.0, 1.0], [0.0, 0.0]
        for j in range(2, m + 1):
            T.append(2 * w0 * T[-1] - T[-2])
            dT.append(2 * w0 * dT[-1] - dT[-2] + 2 * T[j - 1])
            ddT.append(2 * w0 * ddT[-1] - ddT[-2] + 4 * dT[j - 1])
        w1 = dT[m] / ddT[m]
        b = [ddT[max(j, 2)] / dT[max(j, 2)] ** 2 for j in range(m + 1)]
        a = [1.0 - b[j] * T[j] for j in range(m + 1)]
        at = [0.0, w1 * b[1]]
        before_last, last = y, y + w1 * b[1] * h * f
        for j in range(2, m + 1):
            mu, nu, mu_f = 2 * b[j] * w0 / b[j - 1], -b[j] / b[j - 2], 2 * b[j] * w1 / b[j - 1]
            F = rhs(c + at[-1] * h, last)
            now = (1 - mu - nu) * y + mu * last + nu * before_last + h * mu_f * (F - a[j - 1] * f)
            at.append(mu * at[-1] + nu * at[-2] + mu_f * (1 - a[j - 1]))
            before_last, last = last, now
        f_new = rhs(c + h, last)
        ratio = np.linalg.norm(0.8 * (y - last) + 0.4 * h * (f + f_new)) / (10 * tolerance * np.linalg.norm(y))
        if ratio <= 1.0:
            y, f, c = last, f_new, c + h
        h *= min(3.0, max(0.2, 0.8 * ratio ** (-1 / 3)))
    return rhs.calls + before.right_hand_sides, y


def by_relative_rate(c: float, end: float) -> tuple[int, np.ndarray]:
    """Follows the flow by RK4 in s, ds = min(c, c / ||grad log L||^2), with the clock by Simpson's rule (docs/theory.md
    5.3).
    """
    theta, log_t, calls = THETA, -math.inf, 0

    def step(at: np.ndarray, now: float, ds: float) -> tuple[np.ndarray, float]:
        k, losses = [np.empty_like(at) for _ in range(4)], []
        for i, (back, share) in enumerate([(0, 0.0), (0, 0.5), (1, 0.5), (2, 1.0)]):
            losses.append(log_field(at + share * ds * k[back] if i else at, D, WORK, k[i]))
        passed = math.log(ds / 6) + logsumexp(np.negative(losses), b=[1, 2, 2, 1])
        return at + ds / 6 * (k[0] + 2 * k[1] + 2 * k[2] + k[3]), float(np.logaddexp(now, passed))

    f = np.empty_like(theta)
    while True:
        log_field(theta, D, WORK, f)
        ds = min(c, c / float(f @ f))
        new, reached = step(theta, log_t, ds)
        calls += 4
        if reached >= end:
            break
        theta, log_t = new, reached
    low, high = 0.0, ds
    for _ in range(60):  # the last step, cut to end at e^end; not counted
        middle = 0.5 * (low + high)
        new, reached = step(theta, log_t, middle)
        low, high = (middle, high) if reached < end else (low, middle)
    return calls, new


METHODS: list[tuple[str, Callable[[float, float], tuple[int, np.ndarray]], tuple[float, ...]]] = [
    ("DOP853, c", by_dormand_prince, (1e-6, 1e-8, 1e-10)),
    ("Dormand-Prince 5(4), c", lambda tolerance, end: by_scipy("RK45", tolerance, end), (1e-6, 1e-8, 1e-10)),
    ("DOP853 then RKC2, c", by_chebyshev_in_c, (1e-6, 1e-8, 1e-10)),
    ("RK4, relative rate", by_relative_rate, (1.0, 0.5, 0.1)),
    ("DOP853 in c, order 5 in s", by_flow, (1e-6, 1e-8, 1e-10)),
]


def table(end: float) -> None:
    _, exact = by_scipy("DOP853", 1e-13, end)
    print(f"To t = e^{end:.0f}; entries up to {np.abs(exact).max():.0f}.\n")
    print("| method, clock, tolerance | right-hand sides | error | drift |\n|---|---:|---:|---:|")
    for name, method, tolerances in METHODS:
        for tolerance in tolerances:
            calls, theta = method(tolerance, end)
            error = np.abs(theta - exact).max()
            print(f"| {name}, {tolerance:g} | {calls:,} | {error:.0e} | {drift(theta):.0e} |", flush=True)


# -- peers ---------------------------------------------------------------------------------------------------------


def numpy_rhs(c: float, theta: np.ndarray) -> np.ndarray:
    """Returns the right-hand side in the log domain, as a careful NumPy user writes it."""
    Wt, H = theta[: D * K].reshape(D, K), theta[D * K :].reshape(D, N)
    gaps = Wt.T @ H
    gaps -= gaps[LABELS, SAMPLES]
    gaps[LABELS, SAMPLES] = -np.inf
    worst = gaps.max(axis=0)
    rest = np.logaddexp(0.0, worst + np.log(np.exp(gaps - worst).sum(axis=0)))
    G = np.exp(np.minimum(c + gaps - rest, OVERFLOW))
    G[LABELS, SAMPLES] = -G.sum(axis=0)
    return -np.concatenate([(H @ G.T).ravel(), (Wt @ G).ravel()])


def torch_rhs() -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    labels, samples = torch.from_numpy(LABELS), torch.arange(N)
    hot = torch.zeros(K, N, dtype=torch.bool)
    hot[labels, samples] = True

    def rhs(c: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        Wt, H = theta[: D * K].reshape(D, K), theta[D * K :].reshape(D, N)
        Z = Wt.T @ H
        gaps = (Z - Z[labels, samples]).masked_fill(hot, -math.inf)
        rest = torch.nn.functional.softplus(torch.logsumexp(gaps, 0))
        G = torch.exp(torch.clamp(c + gaps - rest, max=OVERFLOW))
        G = torch.where(hot, -G.sum(0), G)
        return -torch.cat([(H @ G.T).ravel(), (Wt @ G).ravel()])

    return rhs


def diffrax_solver(name: str, end: float) -> Callable[[float], np.ndarray]:
    import diffrax
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    labels, samples = jnp.array(LABELS), jnp.arange(N)

    def rhs(c: Any, theta: Any, _: Any) -> Any:
        Wt, H = theta[: D * K].reshape(D, K), theta[D * K :].reshape(D, N)
        Z = Wt.T @ H
        gaps = (Z - Z[labels, samples]).at[labels, samples].set(-jnp.inf)
        rest = jax.nn.softplus(jax.nn.logsumexp(gaps, 0))
        G = jnp.exp(jnp.minimum(c + gaps - rest, OVERFLOW))
        G = G.at[labels, samples].set(-G.sum(0))
        return -jnp.concatenate([(H @ G.T).ravel(), (Wt @ G).ravel()])

    @jax.jit
    def solve(theta: Any, tolerance: Any) -> Any:
        control = diffrax.PIDController(rtol=tolerance, atol=tolerance)
        term, method = diffrax.ODETerm(rhs), getattr(diffrax, name)()
        step: dict[str, Any] = {"stepsize_controller": control, "max_steps": 1_000_000}
        return diffrax.diffeqsolve(term, method, 0.0, end, None, theta, **step).ys[-1]

    return lambda tolerance: np.asarray(solve(jnp.array(THETA), tolerance))


def torchdiffeq_solver(name: str, end: float) -> Callable[[float], np.ndarray]:
    import torchdiffeq

    rhs, clock = torch_rhs(), torch.tensor([0.0, end], dtype=torch.float64)

    def solve(tolerance: float) -> np.ndarray:
        with torch.no_grad():
            theta = torch.from_numpy(THETA.copy())
            return torchdiffeq.odeint(rhs, theta, clock, rtol=tolerance, atol=tolerance, method=name)[-1].numpy()

    return solve


def peers(end: float) -> Iterator[tuple[str, Callable[[float], np.ndarray]]]:
    def scipy(rhs: Callable[[float, np.ndarray], np.ndarray]) -> Callable[[float], np.ndarray]:
        return lambda tolerance: solve_ivp(
            rhs, (0.0, end), THETA, method="DOP853", rtol=max(tolerance, 3e-14), atol=tolerance
        ).y[:, -1]

    yield "SciPy DOP853, NumPy field", scipy(numpy_rhs)
    yield "SciPy DOP853, our field", scipy(Counted())
    for package, names, make in (
        ("torchdiffeq", ("dopri5", "dopri8"), torchdiffeq_solver),
        ("diffrax", ("Dopri5", "Dopri8"), diffrax_solver),
    ):
        if importlib.util.find_spec(package) is None:
            print(f'{package} is left out: `pip install -e ".[bench]"` adds it.')
            continue
        for name in names:
            yield f"{package} {name}", make(name, end)


def seconds(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def compare(end: float) -> None:
    """Times each peer at the loosest tolerance 10^(-k/2) at which it is as accurate as ours."""
    _, exact = by_scipy("DOP853", 1e-13, end)
    for ours in (1e-6, 1e-8):
        error = float(np.abs(by_flow(ours, end)[1] - exact).max())
        base = seconds(lambda ours=ours: by_flow(ours, end), 9)  # type: ignore[misc]
        print(f"\n| to t = e^{end:.0f} | tolerance | error | ms | times ours |\n|---|---:|---:|---:|---:|")
        print(f"| ours | {ours:.0e} | {error:.1e} | {base * 1e3:.1f} | 1 |", flush=True)
        for name, solve in peers(end):
            for half in range(8, 27):
                tolerance = 10.0 ** (-half / 2)
                found = float(np.abs(solve(tolerance) - exact).max())
                if found <= error:
                    break
            took = seconds(lambda solve=solve, tolerance=tolerance: solve(tolerance), 3)  # type: ignore[misc]
            # ours once more beside it: a busy machine then disturbs both alike
            beside = seconds(lambda ours=ours: by_flow(ours, end), 5)  # type: ignore[misc]
            print(f"| {name} | {tolerance:.0e} | {found:.1e} | {took * 1e3:.0f} | {took / beside:.0f} |", flush=True)


def far() -> None:
    print("\n| ours, to t | (K, d, n) | right-hand sides | seconds |\n|---|---|---:|---:|")
    for n in (10, 30):
        for end in (690.0, 1e4, 1e6, 1e8):
            config = RunConfig(method="gradient-flow", per_class=n, log_time=end)
            took = seconds(lambda config=config: simulate(config), 3)  # type: ignore[misc]
            calls = simulate(config).right_hand_sides
            print(f"| e^{end:g} | (4, 3, {n}) | {calls:,} | {took:.3f} |", flush=True)


def main() -> None:
    torch.set_num_threads(1)
    table(690.0)
    compare(600.0)
    far()


if __name__ == "__main__":
    main()
