"""Trajectories as the browser's engine has them, handed to a test's script bit for bit, infinities and all."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

import numpy as np

from ulpm_core import Trajectory

UNPACKED: Final = """
const numbers = (text) => new Float64Array(new Uint8Array(Buffer.from(text, "base64")).buffer);
const packed = (array) => Buffer.from(Float64Array.from(array).buffer).toString("base64");
const trajectoryOf = (run) => {
  const config = Config.from(run.config, given.table.parameters);
  const [W, H] = [numbers(run.W), numbers(run.H)];
  const [w, h] = [W.length / run.step.length, H.length / run.step.length];
  const states = run.step.map((_, t) => ({ W: W.slice(t * w, (t + 1) * w), H: H.slice(t * h, (t + 1) * h) }));
  return { ...run, config, labels: config.labels, states, start: states[0],
    logTime: [...numbers(run.logTime)], logLoss: [...numbers(run.logLoss)] };
};
"""
"""What makes a trajectory of what `packed_run` gives, and packs arrays for `unpacked`; it needs config.js."""


def packed(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f8").tobytes()).decode()


def unpacked(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f8")


def packed_run(run: Trajectory) -> dict[str, Any]:
    hand_over = run.hand_over
    return {
        "config": json.loads(run.config.to_json()),
        **{"W": packed(run.W), "H": packed(run.H), "step": run.step.tolist()},
        **{"logTime": packed(run.log_time), "logLoss": packed(run.log_loss)},
        "outcome": str(run.outcome),
        "flowing": run.flow is not None,
        "rest": run.flow.log_time if run.flow is not None and run.flow.at_rest else None,
        "handOver": hand_over and {"frame": hand_over.frame, "step": hand_over.step, "logTime": hand_over.log_time},
    }
