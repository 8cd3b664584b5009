"""Chooses the engine that takes the steps of a run, and refuses devices that this machine lacks. torch is imported
only for work that needs it."""

from __future__ import annotations

import ctypes
import math
import os
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Protocol

from ulpm_core.dynamics.engines.cost import MEMORY_SHARE, engine_of, processes
from ulpm_core.model.class_sizes import too_many_samples
from ulpm_core.model.config import RunConfig
from ulpm_core.model.refusal import among, refuse, span
from ulpm_core.model.shapes import Array, Shaped
from ulpm_core.model.state import State


class Engine(Protocol):
    """A run in motion. `diverged` is True once the loss has passed its limit; the state is then the first past it."""

    @property
    def diverged(self) -> bool: ...
    @property
    def log_time(self) -> float: ...
    @property
    def W(self) -> Shaped[Array, "K d"]: ...
    @property
    def H(self) -> Shaped[Array, "d N"]: ...
    @property
    def memories(self) -> tuple[State, ...]: ...
    def advance(self, steps: int) -> int:
        """Takes up to `steps` steps; returns how many were taken."""


@lru_cache(1)
def devices() -> tuple[str, ...]:
    """The devices of this machine: cpu, and cuda where torch is installed and the driver finds a GPU."""
    if find_spec("torch") is None:
        return ("cpu",)
    try:
        driver = ctypes.CDLL("nvcuda.dll" if os.name == "nt" else "libcuda.so.1")
    except OSError:
        return ("cpu",)
    found = ctypes.c_int(0)
    well = driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(found)) == 0
    return ("cpu", "cuda") if well and found.value > 0 else ("cpu",)


def in_motion(
    config: RunConfig,
    start: State,
    limit: float,
    memories: Sequence[State] | None = None,
    log_time: float = -math.inf,
    taken: int = 0,
) -> Engine:
    """The run of a config from a state, ready to step. Raises :class:`ConfigError` for an engine that is not here."""
    if engine_of(config) == "compiled":
        from ulpm_core.dynamics.engines.compiled.run import CompiledRun

        return CompiledRun(config, start, limit, memories, log_time, taken)
    refuse_without_torch()
    refuse_beyond_device(config)
    if processes() > 1:
        from ulpm_core.dynamics.engines.batched.sharded import ShardedRun

        return ShardedRun(config, start, limit, memories, log_time, taken)
    from ulpm_core.dynamics.engines.batched.run import OneRun

    return OneRun(config, start, limit, memories, log_time, taken)


def refuse_missing_device(device: str) -> None:
    """Raises :class:`ConfigError` where this machine lacks the device."""
    if device not in devices():
        raise refuse("device", device, "was not found on this machine", among(devices()), "cpu")


def refuse_without_torch() -> None:
    """Raises :class:`ConfigError` where torch, which the batched engine is written in, is not installed."""
    if find_spec("torch") is None:
        how = "pip install 'collapse-lab[networks]', or use"
        raise refuse("engine", "batched", "needs torch, which is not installed here", "compiled", do=how)


def refuse_beyond_device(config: RunConfig, runs: int = 1) -> None:
    """Raises :class:`ConfigError`, with what fits, for runs that the memory left on a GPU cannot hold."""
    if config.device == "cpu":
        return
    import torch

    from ulpm_core.dynamics.engines.batched.step import device_named

    device_named(config.device)
    free, _ = torch.cuda.mem_get_info()
    # theta, gradient, a spare and the memories of a rule, or stages
    blocks = 3 + config.step_rule.memories if config.method != "gradient-flow" else 18
    shared, number = processes() if runs == 1 else 1, 8 if config.dtype == "float64" else 4
    one = (blocks * config.entries + 2 * config.classes * config.label_count) * number // shared
    if runs * one > MEMORY_SHARE * free:
        value = runs if runs > 1 else max(config.sizes)
        fits = max(1, int(value * MEMORY_SHARE * free / (runs * one)))
        why = f"needs about {runs * one / 2**30:.1f} GB of the GPU's memory, of which {free / 2**30:.1f} GB are free"
        if runs == 1:
            raise too_many_samples(config.sizes, why, fits)
        raise refuse("runs", runs, why, span(1, fits), fits)
