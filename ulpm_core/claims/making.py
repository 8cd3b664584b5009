"""Makes the claim of a figure from what was measured: a run, or the recording of a network."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np

from ulpm_core.analysis.curve import Curve
from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.escape import escape
from ulpm_core.claims.checks import WHERE, check_of, check_of_recording
from ulpm_core.claims.claim import Claim, full
from ulpm_core.claims.words import WORDS, source_of
from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.film import escape as escape_film
from ulpm_core.film.curves import defined_for
from ulpm_core.film.network import curves_of, digest_of
from ulpm_core.model.config_base import Described
from ulpm_core.model.initialisation import saddle_state
from ulpm_core.model.refusal import among, refuse
from ulpm_core.model.versions import versions
from ulpm_core.networks.recording import Recording

DIGITS: Final = {"float64": 12, "float32": 5}
"""Digits that hold at most of what is computed in a precision: sums in another order differ in those behind them."""
NEAR_ONE: Final = 1e-15
"""The floor of what is a share, or has a sign: it is a difference of numbers near 1."""
LEAST_LOSS: Final = 2.3e-308
"""A loss below is less than float64 holds; `minus_log_loss` is not."""
UNFINISHED: Final = (Outcome.CANCELLED, Outcome.RUNNING)
ALWAYS_SAID: Final = ("log_time_steps",)
"""Options whose default on the command line depends on others."""


def claim_of(measured: Trajectory | Recording, name: str, snapshot: int = -1) -> Claim:
    """The claim of a curve of :data:`ulpm_core.analysis.curves.CURVES`, or of an escape, at one snapshot.

    `measured` is a run as :func:`ulpm_core.simulate` and :func:`ulpm_core.files.run.load_run` return it, W (T, K, d)
    and H (T, d, N), or a recording; `snapshot` counts its T states, from the end where it is negative. Raises
    :class:`ConfigError` for a figure or a snapshot that there is not, and for one that is not defined there.

    >>> from ulpm_core import RunConfig, simulate
    >>> claim = claim_of(simulate(RunConfig(steps=100)), "gamma")
    >>> print(claim.command[0])
    python -m ulpm_core run --steps 100 --out run.npz
    >>> claim.interval[1] <= 1.0
    True
    """
    curve = _curve(measured, name)
    if not -len(measured) <= snapshot < len(measured):
        raise refuse("snapshot", snapshot, "is none of this file's", f"{-len(measured)} to {len(measured) - 1}", -1)
    t = snapshot % len(measured)
    value = float(curve.of(measured)[t])
    at = _moment(measured, t)
    if not math.isfinite(value):
        said = f"{name} at step {at['step']}"
        defined = (each.name for each in _curves(measured, name).values() if math.isfinite(each.of(measured)[t]))
        raise refuse("name", said, "is not defined", "another figure or moment", next(defined, None))
    config = measured.config
    run = measured.config if isinstance(measured, Trajectory) else None
    dtype = "float64" if run is None else run.dtype
    floor = floor_of(curve)
    where = where_of(at, run is not None and run.flows)
    notes, command = _command(measured, name, t, at)
    if run is not None:
        check = check_of(name, json.loads(run.to_json()), where)
    else:
        check = "" if config is None else check_of_recording(name, where)
        notes = notes if check or config is None else (*notes, WORDS["not-held"])
    return Claim(
        name=name,
        value=value,
        digits=digits_of(value, floor, DIGITS[dtype]),
        floor=floor,
        at=at,
        definition=curve.definition,
        formula=curve.formula,
        source=source_of(name),
        interval=_interval(measured, name, t),
        config=None if config is None else json.loads(config.to_json()),
        digest=digest_of(measured) if isinstance(measured, Recording) else measured.config.digest,
        link="" if config is None else link_of(config),
        versions=versions(),
        command=command,
        notes=notes,
        check=check,
    )


def snapshot_at(measured: Trajectory | Recording, step: int | None = None, log_time: float | None = None) -> int:
    """The last snapshot of a step, or the one nearest to a log time; the end where neither is given.

    Raises :class:`ConfigError` for a step that was not recorded, and for a log time beyond the run's.

    >>> from ulpm_core import RunConfig, simulate
    >>> run = simulate(RunConfig(steps=100))
    >>> int(run.step[snapshot_at(run)]), int(run.step[snapshot_at(run, step=3)])
    (100, 3)
    """
    if step is not None:
        found = np.flatnonzero(measured.step == step)
        if not len(found):
            nearest = int(measured.step[np.abs(measured.step - step).argmin()])
            raise refuse("step", step, "was not recorded", f"a step that was, such as {nearest}", nearest)
        return int(found[-1])
    if log_time is None:
        return len(measured) - 1
    known = np.where(np.isfinite(measured.log_time), measured.log_time, np.nan)
    if not np.isfinite(known).any():
        raise refuse("log_time", full(log_time), "cannot be found: no snapshot has one", "step")
    low, high = float(np.nanmin(known)), float(np.nanmax(known))
    if not low - 1e-6 * abs(low) <= log_time <= high + 1e-6 * abs(high):
        raise refuse("log_time", full(log_time), "is outside this run", f"{low:.6g} to {high:.6g}", f"{high:.6g}")
    return int(np.nanargmin(np.abs(known - log_time)))


def floor_of(curve: Curve) -> float:
    """Returns the size below which a curve's values are rounding."""
    if curve.name == "loss":
        return LEAST_LOSS
    return max(curve.floor, 0.0 if curve.scale == "log" else NEAR_ONE)


def digits_of(value: float, floor: float, most: int) -> int:
    """Returns how many digits of a value hold, at most so many, where all below a floor is rounding.

    >>> digits_of(1e-10, 1e-15, 12), digits_of(0.5, 0.0, 12), digits_of(3e-16, 1e-15, 12), digits_of(0.0, 0.0, 12)
    (5, 12, 0, 12)
    """
    if floor == 0.0:
        return most
    return 0 if abs(value) < floor else min(most, int(math.log10(abs(value)) - math.log10(floor) + 1e-9))


def where_of(at: Mapping[str, float], flows: bool) -> str:
    """Returns the expression that finds a moment's snapshot in the arrays `run` of a file."""
    key = "log_time" if flows and "log_time" in at else "step"
    return WHERE[key].format(**{key: full(at[key])})


def link_of(config: Described) -> str:
    """Returns the part of a link behind the address of a lab that opens this config."""
    keys = urlencode(config.to_link(), safe=",:")
    return ("networks?" if config.KIND == "network" else "?") + keys


def options_of(config: Described, changes: Mapping[str, object]) -> Iterator[str]:
    """Yields the options that ask for a config with some values changed, but for those at their defaults."""
    for name, parameter in config.PARAMETERS.items():
        value: Any = changes.get(name, getattr(config, name))
        sizes = getattr(config, "class_sizes", ()) and name in ("classes", "per_class")
        if (value == parameter.default and name not in ALWAYS_SAID) or sizes:
            continue
        said = shlex.quote(parameter.write(value))
        yield f"--{name.replace('_', '-')}{'=' if said.startswith('-') else ' '}{said}"


def _curve(measured: Trajectory | Recording, name: str) -> Curve:
    found = _curves(measured, name)
    if name not in found:
        raise refuse("name", name, "is no figure of this file", among(sorted(found)), next(iter(found)))
    return found[name]


def _curves(measured: Trajectory | Recording, name: str) -> dict[str, Curve]:
    """The curves of a file by their names, with those of an escape only where one of them is asked for."""
    if isinstance(measured, Recording):
        known = [curve for curve in curves_of(measured) if curve.known(measured)]
    else:
        known = [defined_for(measured.config, curve) for curve in CURVES.values() if _is_of(measured, curve)]
        if name not in CURVES and measured.config.saddle is not None:
            known += escape_film.curves(escape(measured, saddle_state(measured.config), None))
    return {curve.name: curve for curve in known}


def _is_of(run: Trajectory, curve: Curve) -> bool:
    return curve.known(run) and (curve.values is None or curve.beside not in ("networks", "spectral", "entries")
        or curve.beside == run.config.step_rule.geometry)  # fmt: skip


def _moment(measured: Trajectory | Recording, t: int) -> dict[str, float]:
    at: dict[str, float] = {"step": int(measured.step[t])}
    if math.isfinite(log_time := float(measured.log_time[t])):
        at["log_time"] = log_time
    return at | ({"epoch": float(measured.epoch[t])} if isinstance(measured, Recording) else {})


def _interval(measured: Trajectory | Recording, name: str, t: int) -> tuple[float, float] | None:
    """Where the best objective, gamma or 1 - gamma lies: gamma is a constant over the objective, whose optimum is
    between the dual bound and it.
    """
    if isinstance(measured, Recording) or not measured.metrics.get("duality_gap", np.full(t + 1, np.nan))[t] >= 0.0:
        return None
    gap, gamma = (float(measured.metrics[key][t]) for key in ("duality_gap", "gamma"))
    objective, most = float(measured.metrics["objective"][t]), min(1.0, gamma * (1.0 + gap))
    known = {
        "objective": (objective / (1.0 + gap), objective),
        "gamma": (gamma, max(gamma, most)),
        "gamma_gap": (min(1.0 - most, 1.0 - gamma), 1.0 - gamma),
    }
    return known.get(name)


def _command(
    measured: Trajectory | Recording, name: str, t: int, at: Mapping[str, float]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns notes, and the lines of a shell that make a figure again."""
    config, notes, changes = measured.config, [], {}
    if config is None:
        return (WORDS["no-command"],), ()
    cut = measured.outcome in UNFINISHED and t == len(measured) - 1 and at["step"] > 0
    if isinstance(measured, Recording):
        command, out, flows = "train", "net.npz", False
        notes += [WORDS["cut-training"]] if cut else []
    else:
        command, out, flows = "run", "run.npz", measured.config.flows
        if cut:
            notes.append(WORDS["cut"])
            changes = _ended(measured, at)
        if measured.config.initial_digest:
            notes.append(WORDS["start"].format(digest=measured.config.initial_digest))
    given = ["--initial-state start.npz"] if getattr(config, "initial_digest", "") else []
    made = " ".join([f"python -m ulpm_core {command}", *options_of(config, changes), *given, f"--out {out}"])
    key = "log_time" if flows and "log_time" in at else "step"
    said = full(at[key])
    option = f"--{key.replace('_', '-')}{'=' if said.startswith('-') else ' '}{said}"
    return tuple(notes), (made, f"python -m ulpm_core claim {out} {name} {option}")


def _ended(run: Trajectory, at: Mapping[str, float]) -> dict[str, object]:
    """The parameters of a run that ends where this one was stopped."""
    if run.config.method == "gradient-flow":
        return {"log_time": at["log_time"]}
    if run.hand_over is None:
        return {"steps": at["step"], "fast_forward": 0.0}
    return {"fast_forward": at["log_time"]}
