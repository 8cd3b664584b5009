"""Runs that Python and the browser's engine are both held to; `python -m tests.engine.golden` writes them anew.

`golden.json` holds one object a case: `name`; `config`, fields as in links; `given`, true where the start is no random
draw; `start`, W (K, d) and H (d, N) flattened in C order, null where it is large; `outcome`, `stop_reason` and `at`,
the step that the run is at; `step` and `log_time` of every snapshot, log_time null at t = 0; and of the last one
`log_loss`, `value`, `distance_to_ideal`, `metrics` by name, and `every` so manyeth entry of W and H. Null is a
number that is not finite. `close` is how near another engine must come: `states` relative to their norms, `metrics`
relative to their values. The numbers of a flow's own steps, after snapshot `flow_from`, are no promise.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from ulpm_core import RunConfig, State, Trajectory, simulate
from ulpm_core.model.plain import plain

FILE: Final = Path(__file__).with_name("golden.json")
STEPS: Final = {"states": 1e-10, "metrics": 1e-9}
FLOW: Final = {"states": 1e-5, "metrics": 1e-5}
ROUNDING: Final = 1e-12
"""What metrics are near 0 is rounding: less than this may differ."""
FLOW_TOLERANCE: Final = 1e-8
"""So far may two flows end from each other, whose steps rounding alone has turned."""
LARGE: Final = 1000
"""Entries of W and H together beyond which only every 97th is kept."""

SMALL: Final = {"classes": 3, "dimension": 2, "per_class": 10, "steps": 1000, "snapshots": 40, "seed": 2}
UNEVEN: Final = {"class_sizes": "6,4,2", "dimension": 2, "steps": 1000, "snapshots": 40, "seed": 5}
FLOWING: Final = {"method": "gradient-flow", "log_time": 690, "snapshots": 60}
CASES: Final[dict[str, dict[str, Any]]] = {
    "default": {"steps": 1000},
    "wide": {"classes": 10, "dimension": 16, "per_class": 50, "steps": 1000, "learning_rate": 0.02, "snapshots": 40},
    "mean": {**SMALL, "loss_reduction": "mean", "learning_rate": 3},
    "no simplex": {**SMALL, "classes": 5, "per_class": 4, "initialisation": "small"},
    "momentum": {**SMALL, "method": "momentum", "momentum": 0.8, "learning_rate": 0.02},
    "normalised": {**SMALL, "method": "normalised-gradient-descent", "learning_rate": 0.01},
    "adam": {**SMALL, "method": "adam", "learning_rate": 0.01, "beta2": 0.99, "epsilon": 1e-6},
    "signs": {**SMALL, "method": "sign-descent", "learning_rate": 0.002},
    "adam, decay beside": {
        **SMALL, "method": "adam", "learning_rate": 0.01, "weight_decay": 0.1, "decay": "decoupled",
    },
    "uneven, momentum, decay beside": {
        **UNEVEN, "method": "momentum", "learning_rate": 0.02, "weight_decay": 0.1, "weight_decay_h": 0.02,
        "decay": "decoupled",
    },
    "uneven": {**UNEVEN, "initialisation": "collapsed"},
    "uneven decay": {**UNEVEN, "weight_decay": 0.02, "weight_decay_h": 0.005, "initialisation": "etf-perturbed"},
    "decay": {**SMALL, "weight_decay": 0.01},
    "squared error": {**SMALL, "loss": "squared-error", "learning_rate": 0.05},
    "squared error, decay, momentum": {
        **SMALL, "loss": "squared-error", "weight_decay": 0.05, "method": "momentum", "learning_rate": 0.01,
    },
    "label smoothing": {**SMALL, "dimension": 4, "loss": "label-smoothing", "smoothing": 0.2},
    "label smoothing, uneven, decay": {**UNEVEN, "loss": "label-smoothing", "weight_decay": 0.02},
    "bounds": {**SMALL, "norm_bound_w": 4, "norm_bound_h": 0.5, "initial_scale": 1},
    "one bound, uneven, normalised": {
        **UNEVEN, "norm_bound_h": 0.3, "method": "normalised-gradient-descent", "learning_rate": 0.005,
    },
    "squared error, bounds": {**SMALL, "loss": "squared-error", "norm_bound_w": 2, "norm_bound_h": 2},
    "feature norm": {**SMALL, "dimension": 3, "feature_norm": 2},
    "feature norm, uneven, label smoothing": {
        **UNEVEN, "feature_norm": 1.5, "loss": "label-smoothing", "method": "momentum", "learning_rate": 0.01,
    },
    "diverged": {**SMALL, "loss": "squared-error", "learning_rate": 0.35},
    "diverged at once": {**SMALL, "learning_rate": 1e5, "initial_scale": 3},
    "flow": {**SMALL, **FLOWING},
    "flow, four classes": {"classes": 4, "dimension": 3, "per_class": 5, "seed": 1, **FLOWING},
    "uneven flow": {**UNEVEN, **FLOWING},
    "far flow": {**SMALL, **FLOWING, "log_time": 1e6, "initialisation": "etf-perturbed"},
    "fast-forward": {**SMALL, "fast_forward": 690},
    "momentum, fast-forward": {**SMALL, "method": "momentum", "learning_rate": 0.02, "fast_forward": 100},
    "flow, decay": {**SMALL, **FLOWING, "dimension": 4, "weight_decay": 0.01},
    "flow, squared error, uneven": {
        **UNEVEN, **FLOWING, "dimension": 4, "log_time": 5, "loss": "squared-error", "weight_decay": 0.003,
    },
    "flow, label smoothing": {**SMALL, **FLOWING, "loss": "label-smoothing", "loss_reduction": "mean"},
    "decay, fast-forward": {**SMALL, "weight_decay": 0.02, "weight_decay_h": 0.005, "fast_forward": 100},
    "given": {"classes": 2, "dimension": 2, "per_class": 2, "steps": 1000, "learning_rate": 0.2, "snapshots": 40},
    "given flow": {"classes": 2, "dimension": 2, "per_class": 2, **FLOWING},
}  # fmt: skip
GIVEN: Final = State([[0.5, -0.25], [-0.125, 0.75]], [[1.0, 0.5, -0.25, 0.0], [0.25, -0.5, 1.0, 0.125]])


@cache
def golden() -> list[dict[str, Any]]:
    """The cases as they stand in the repository."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def run(name: str) -> Trajectory:
    """The case of that name, run by Python."""
    return simulate(RunConfig.from_mapping(CASES[name]), GIVEN if name.startswith("given") else None, separation=False)


def case_of(name: str, run: Trajectory) -> dict[str, Any]:
    """What `golden.json` holds of a run."""
    start, last = (run.W[0], run.H[0]), (run.W[-1], run.H[-1])
    every = 97 if run.config.entries > LARGE else 1
    return plain(
        {
            "name": name,
            "config": CASES[name],
            "given": name.startswith("given"),
            "start": {"W": start[0].ravel(), "H": start[1].ravel()} if every == 1 else None,
            "outcome": run.outcome,
            "stop_reason": run.stop_reason,
            "at": _at(run),
            "step": run.step,
            "log_time": run.log_time,
            "flow_from": _flow_from(run),
            "log_loss": run.log_loss[-1],
            "value": run.value[-1],
            "distance_to_ideal": run.distance_to_ideal[-1],
            "metrics": {metric: values[-1] for metric, values in run.metrics.items()},
            "every": every,
            "norms": [np.linalg.norm(block) for block in last],
            "W": last[0].ravel()[::every],
            "H": last[1].ravel()[::every],
            "close": FLOW if run.config.flows else STEPS,
        }
    )


def _at(run: Trajectory) -> int:
    """The step that a run is at: beyond its last snapshot where numbers ended, as the reason says."""
    said = run.stop_reason.partition("step ")[2].partition(":")[0].replace(",", "")
    return int(said) if run.outcome == "diverged" else int(run.step[-1])


def _flow_from(run: Trajectory) -> int | None:
    """The first snapshot after which gradient flow goes on; None where none does."""
    if run.config.method == "gradient-flow":
        return 0
    return run.hand_over.frame if run.hand_over else None


def assert_met(case: dict[str, Any], found: dict[str, Any]) -> None:
    """Holds what another engine, or another machine, has `found` to a case; `found` may lack some of its parts."""
    name, close = case["name"], case["close"]
    least = ROUNDING if case["flow_from"] is None else FLOW_TOLERANCE
    flow_from = len(case["step"]) if case["flow_from"] is None else case["flow_from"] + 1
    flows = case["flow_from"] is not None
    assert found.get("outcome", case["outcome"]) == case["outcome"], name
    said, wanted = (_worded(record["stop_reason"], flows) for record in (case | found, case))
    assert said == wanted, name
    if case["flow_from"] is None:
        assert found.get("at", case["at"]) == case["at"], name
    if "step" in found:  # where a flow looks rounding decides, and so it may how often
        often = len(case["step"])
        assert abs(len(found["step"]) - often) <= (0 if flow_from == often else often / 10), name
        assert found["step"][:flow_from] == case["step"][:flow_from], name
    if "log_time" in found:
        times = ([*record["log_time"][:flow_from], record["log_time"][-1]] for record in (found, case))
        _assert_near(*times, close["metrics"], ROUNDING, f"{name}: log_time")
    for part in ("log_loss", "value", "distance_to_ideal"):
        if part in found:
            _assert_near(found[part], case[part], close["metrics"], ROUNDING, f"{name}: {part}")
    if "metrics" in found:
        assert found["metrics"].keys() == case["metrics"].keys(), name
        for metric, value in case["metrics"].items():
            _assert_near(found["metrics"][metric], value, close["metrics"], least, f"{name}: {metric}")
    for block, norm in zip("WH", case["norms"], strict=True):
        if block in found:
            _assert_near(found[block], case[block], 0.0, close["states"] * norm, f"{name}: {block}")


def _worded(reason: str, flows: bool) -> str:
    """A stop reason; of a flow without its numbers: since when it has been at rest its last steps decide."""
    return re.sub(r"\d[\d.,]*", "…", reason) if flows else reason


def _assert_near(found: Any, wanted: Any, relative: float, absolute: float, what: str) -> None:
    found, wanted = (np.array(numbers, dtype=float) for numbers in (found, wanted))  # None becomes NaN
    np.testing.assert_allclose(found, wanted, relative, absolute, equal_nan=True, err_msg=what)


if __name__ == "__main__":
    lines = [json.dumps(case_of(name, run(name)), separators=(",", ":")) for name in CASES]
    FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
