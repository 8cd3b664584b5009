"""Checks of a figure of a whole flow: each of its snapshots is measured as `checks.py` measures one, by NumPy alone."""

from __future__ import annotations

import json
from typing import Final

from ulpm_core.claims.checks import ENTROPY, RUN, check_of
from ulpm_core.claims.claim import full
from ulpm_core.model.config import RunConfig

DRIFT: Final = """import numpy as np
run = np.load("run.npz")
first = int(run["hand_over"][0]) if "hand_over" in run else 0  # where the flow began
W, H = run["W"][[first, -1]].astype(float), run["H"][[first, -1]].astype(float)
begun, ended = W.swapaxes(1, 2) @ W - H @ H.swapaxes(1, 2)
print(np.linalg.norm(ended - begun) / np.linalg.norm(begun))"""
OPENED: Final = """import numpy as np
run = np.load("run.npz")
time, values = run["log_time"], []
"""
SMOOTHED: Final = """L, size = np.exp(log_loss), (W**2).sum() + (H**2).sum()
if L < np.log(2):
    log = log_loss + L / 2 if L < 1e-8 else np.log(np.expm1(L))
    values.append(-log / size)"""
FELL: Final = "print((np.maximum.accumulate(values) - values).max())"
FITTED: Final = """x, y = np.log(time[window]), np.array(values)
print(np.polyfit(x[y > {floor}], np.log(y[y > {floor}]), 1)[0])"""


def slope_check(name: str, config: RunConfig, low: float, high: float, floor: float) -> str:
    """Returns the check of a curve's slope over log t from `low` to `high`, fitted where the curve is above `floor`.

    >>> print(slope_check("norm_w", RunConfig(), 100.0, 300.0, 0.0).splitlines()[3])
    window = np.flatnonzero((time >= 100) & (time <= 300))
    """
    measured = check_of(name, json.loads(config.to_json()), "t").split("\n")[3:]
    measured[-1] = "values.append" + measured[-1].removeprefix("print")
    window = f"window = np.flatnonzero((time >= {full(low)}) & (time <= {full(high)}))"
    return OPENED + "\n".join([window, "for t in window:", *_indented(measured), FITTED.format(floor=full(floor))])


def smoothed_check() -> str:
    """Returns the check of how far the smoothed margin ever fell. L is the sum over samples, also of a mean."""
    measured = [*RUN.split("\n")[3:], *ENTROPY.format(mean="").split("\n"), *SMOOTHED.split("\n")]
    return OPENED + "\n".join(["for t in range(len(time)):", *_indented(measured), FELL])


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
