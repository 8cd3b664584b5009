"""A training run on disk: what decides how it goes on, and what it has recorded. It reads as a net.npz, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from ulpm_core.files.npz import fitting, listed, read_npz, warn_of_unused, write_npz
from ulpm_core.files.recording import array_names, arrays_of, recording_from
from ulpm_core.model.refusal import ConfigError, refuse
from ulpm_core.networks.run import TrainingRun

FIELD: Final = "checkpoint"
LATEST: Final = 1e100
PARAMETER, VELOCITY = "parameter ", "velocity "


def save(run: TrainingRun, path: Path) -> None:
    """Writes the checkpoint whole or not at all: a kill in mid-write leaves the one before."""
    so_far = run.recorded([], f"Interrupted after step {run.step:,} of {run.last_step:,}.")
    arrays: dict[str, Any] = arrays_of(so_far) | {"at_step": run.step, "at_log_time": run.log_time}
    for (name, parameter), velocity in zip(run.network.named_parameters(), run.velocity, strict=True):
        arrays[PARAMETER + name] = parameter.detach().cpu().numpy()
        if velocity is not None and run.step <= run.sgd_steps:
            arrays[VELOCITY + name] = velocity.cpu().numpy()
    write_npz(path, arrays, compress=False)


def restore(run: TrainingRun, path: Path) -> None:
    """Puts a fresh run where it was. Raises :class:`ConfigError`, with the run untouched, for a file that is no
    checkpoint of it.
    """
    arrays = read_npz(path, FIELD, "net.checkpoint.npz")
    past = recording_from(arrays, FIELD)
    if past.config != run.config or not np.array_equal(past.samples, run.samples):
        raise _refuse(path, "is of another run")
    step = int(fitting(arrays, "at_step", (), "iu", FIELD))
    log_time = float(fitting(arrays, "at_log_time", (), "f", FIELD))
    if not (past.step[-1] <= step < run.last_step and log_time <= LATEST):  # NaN neither
        raise _refuse(path, f"is at step {step:,}, which this run does not come to")
    kind = "f8" if step > run.sgd_steps else run.x.detach().cpu().numpy().dtype.str[1:]
    named = list(run.network.named_parameters())
    held = {
        prefix + name: fitting(arrays, prefix + name, tuple(parameter.shape), "f", FIELD)
        for prefix in (PARAMETER, VELOCITY)
        for name, parameter in named
        if prefix == PARAMETER or prefix + name in arrays
    }
    if any(array.dtype.str[1:] != kind or not np.isfinite(array).all() for array in held.values()):
        raise _refuse(path, "holds weights that are no numbers of this run")
    if unknown := sorted(name for name in set(arrays) - set(held) if name.startswith((PARAMETER, VELOCITY))):
        raise _refuse(path, f"holds {listed(unknown)}, which this run has not")
    warn_of_unused(path, FIELD, {*array_names(), *held, "at_step", "at_log_time"}, "those that a training saves")
    if step > run.sgd_steps:
        run.enter_log_time()
    with torch.no_grad():
        for index, (name, parameter) in enumerate(named):
            parameter.copy_(torch.from_numpy(held[PARAMETER + name]))
            if VELOCITY + name in held and step <= run.sgd_steps:
                run.velocity[index] = torch.from_numpy(held[VELOCITY + name]).to(parameter)
    run.step, run.log_time, run.snapshots = step, log_time, past.snapshots()


def _refuse(path: Path, why: str) -> ConfigError:
    return refuse(FIELD, path, why, "another", "net.ckpt.npz", do="delete it to start anew, or use")
