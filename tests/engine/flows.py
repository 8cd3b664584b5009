"""Gradient flow of the browser's engine under Node, from states that Python hands over."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tests.javascript import run_node
from ulpm_core import RunConfig, State
from ulpm_core.model.shapes import Array

FLOW = "player/engine/flow/gradient_flow.js"
READ = """
const typed = ({ W, H }) => ({ W: Float64Array.from(W.flat()), H: Float64Array.from(H.flat()) });
const plain = ({ W, H }) => ({ W: [...W], H: [...H] });
const read = (fields) => ({
  ...fields, labels: Int32Array.from(fields.labels),
  bounds: fields.bounds.map((bound) => bound ?? Infinity), feature_norm: fields.feature_norm ?? Infinity,
});
"""
CODE = (
    READ
    + """
for (const { fields, start, end } of given.runs) {
  const run = new FlowRun(read(fields), typed(start), -Infinity), flow = run.follow(end);
  const [kept, steps] = [[], [0]];
  let now = flow.next();
  for (; !now.done; now = flow.next()) {
    if (now.value) kept.push({ ...now.value, ...plain(now.value.state) });
    steps.push(run.memory.steps);
  }
  const once = steps.every((step, i) => step - (steps[i - 1] ?? 0) <= 1);
  say({ done: now.value, once, stalled: run.stalled, rightHandSides: run.memory.rightHandSides, kept });
}
"""
)


class Flowed(NamedTuple):
    """A flow of the browser's engine: states after the start, W (T, K, d) and H (T, d, N), and how it ended."""

    W: Array
    H: Array
    log_time: Array
    done: bool
    once: bool
    stalled: bool
    right_hand_sides: int


def fields_of(config: RunConfig) -> dict[str, Any]:
    """What the flow reads of a config; infinity is null."""
    names = ("classes", "dimension", "tolerance", "loss_reduction", "snapshots")
    own = {name: getattr(config, name) for name in names}
    of_the_value = ("loss", "smoothing", "decays")
    own |= {name: getattr(config, name) for name in of_the_value} | {"isUlpm": config.is_ulpm, "bounds": [None, None]}
    return own | {"sizes": config.sizes, "labels": config.labels.tolist(), "sampleCount": config.label_count}


def plain(state: State) -> dict[str, Any]:
    return {"W": state.W.tolist(), "H": state.H.tolist()}


def flowed(tmp_path: Path, *runs: tuple[RunConfig, State]) -> list[Flowed]:
    """Each config's flow from its state to its end."""
    given = [{"fields": fields_of(config), "start": plain(start), "end": config.flow_end} for config, start in runs]
    return [
        Flowed(
            np.array([at["W"] for at in run["kept"]], float).reshape(-1, *start.W.shape),
            np.array([at["H"] for at in run["kept"]], float).reshape(-1, *start.H.shape),
            np.array([at["logTime"] for at in run["kept"]], float),
            *(run[name] for name in ("done", "once", "stalled", "rightHandSides")),
        )
        for run, (_, start) in zip(run_node(tmp_path, CODE, FLOW, runs=given), runs, strict=True)
    ]
