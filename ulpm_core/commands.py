"""The commands of `python -m ulpm_core`, each from its options to its JSON line and exit code."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeVar

from ulpm_core import Outcome, RunConfig, simulate
from ulpm_core.claim_command import claim_command
from ulpm_core.dynamics.engines.cost import processes
from ulpm_core.extras import refuse_without
from ulpm_core.files.ensemble import save_ensemble
from ulpm_core.files.recording import save_recording
from ulpm_core.files.run import save_run
from ulpm_core.measure_command import measure_command
from ulpm_core.model.parameter import Parameter
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.refusal import unfit
from ulpm_core.model.saddles.gallery import SADDLES
from ulpm_core.model.unused import passed_words, refuse_idle_fast_forward
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.parameters import NETWORK_PARAMETERS
from ulpm_core.run_options import options_given, read_config, read_start, warn_of_unused_options, warn_unused
from ulpm_core.sweep_command import sweep_command
from ulpm_core.terminal import STOPPED_EARLY, Watch, figures_at, say, unwritable, writable

RUNS = Parameter("runs", "Runs", "How many runs; their seeds are seed, seed + 1, and so on.", 256, low=1, high=100_000)
SADDLE = Parameter("saddle", "Saddle", "A state that is stationary on its sphere.", "square", choices=tuple(SADDLES))
SADDLE_OPTIONS = ("classes", "dimension", "per_class", "margin", "loss_reduction")
T = TypeVar("T")
WAY = 24
"""Snapshots of each run of an ensemble, unless asked for otherwise."""


def speaks() -> bool:
    """Returns whether this process is the one of several that writes files and prints."""
    return os.environ.get("RANK", "0") == "0"


def _save(write: Callable[[Any, Path], None], found: Any, out: Path, example: str) -> None:
    try:
        write(found, out)
    except OSError as error:
        raise unwritable(out, error, example) from None


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Returns what the work returns, and the seconds that it took."""
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def run_command(options: argparse.Namespace) -> int:
    if processes() > 1:
        from ulpm_core.dynamics.engines.batched import sharded

        sharded.begin(options.device or "cpu")
    with Watch() as watch:
        start = None if options.initial_state is None else read_start(options.initial_state)
        config, given = read_config(options, start)
        if options.fast_forward is not None:
            refuse_idle_fast_forward(config, options.fast_forward)
        warn_of_unused_options(config, given, start is not None)
        if processes() > 1 and (config.engine == "compiled" or config.method == "gradient-flow"):
            raise unfit("engine", "one compiled run, or one flow, is one process", "start it without torchrun")
        out = writable(options.out, "run.npz", options.initial_state, options.config)
        import_module("ulpm_core.dynamics.simulate")  # Numba takes half a second to import, which is not the run's
        run, seconds = timed(lambda: simulate(config, start, progress=watch if processes() == 1 else None))
        if processes() > 1:
            sharded.end()
        if not speaks():
            return 0
        _save(save_run, run, out, "run.npz")
    warn_unused(passed_words(0.0 < config.fast_forward <= run.log_time[-1] and run.hand_over is None))
    figures = {**figures_at(run), "stop_reason": run.stop_reason, "seconds": seconds}
    if run.flow is not None:
        figures["right_hand_sides"] = run.right_hand_sides
    if run.hand_over is not None:
        figures["hand_over_error"] = run.hand_over.error
    say(figures)
    return 0 if run.outcome is Outcome.DONE else STOPPED_EARLY


def ensemble_command(options: argparse.Namespace) -> int:
    if processes() > 1:
        raise unfit("runs", "an ensemble is one process, which uses all cores", "start it without torchrun")
    typed = options_given(options)
    by_steps = {"steps", "learning_rate"} & set(typed) and "log_time" not in typed
    method = "gradient-descent" if by_steps else "gradient-flow"
    config = RunConfig.from_mapping({"method": method, "snapshots": WAY, **typed})
    runs = int(RUNS.parse(str(RUNS.default if options.runs is None else options.runs)))
    for name in ("steps", "learning_rate", "momentum", "fast_forward"):
        if config.method == "gradient-flow" and name in typed:
            raise unfit(name, f"{name} is for runs by steps, and these are flows", "leave it or log_time out")
    warn_of_unused_options(config, typed)
    with Watch() as watch:
        out = writable(options.out, "ensemble.npz")
        from ulpm_core.analysis.ensemble import ensemble, starts

        configs = starts(config, runs)
        found, seconds = timed(lambda: ensemble(configs, watch))
        _save(save_ensemble, found, out, "ensemble.npz")
    figures: dict[str, Any] = {"digest": config.digest, "runs": len(found.many.configs), "outcomes": found.outcomes}
    figures |= {"method": config.method, "seconds": seconds}
    if config.flows:
        figures["right_hand_sides"] = int(found.many.right_hand_sides.sum())
    figures |= {name: found.quantiles(name) for name in found.metrics}
    say(figures)
    return 0 if found.outcomes.get("done") and not watch.cancelled else STOPPED_EARLY


def landscape_command(options: argparse.Namespace) -> int:
    from ulpm_core.analysis.saddles import report

    given = options_given(options, SADDLE_OPTIONS)
    name = str(SADDLE.parse(str(SADDLE.default if options.saddle is None else options.saddle)))
    dimension = int(PARAMETERS["dimension"].parse(given.get("dimension", str(PARAMETERS["dimension"].default))))
    own = {"classes": str(SADDLES[name].own(dimension)), "initialisation": name}
    config = RunConfig.from_mapping(own | given)
    warn_of_unused_options(config, given)
    say(report(config))
    return 0


def train_command(options: argparse.Namespace) -> int:
    if processes() > 1:
        raise unfit("device", "a training is one process", "start it without torchrun")
    refuse_without("networks", "train")
    given = options_given(options, NETWORK_PARAMETERS)
    if "log_time_steps" not in given and NETWORK_PARAMETERS["weight_decay"].parse(given.get("weight_decay", "0")):
        given["log_time_steps"] = "0"  # weight decay holds the loss above 0: there is no log time to follow
    config = NetworkConfig.from_mapping(given)
    if "relative_rate" in given and not config.log_time_steps:
        warn_unused("relative_rate is not used: it plays no part with log_time_steps = 0.")
    with Watch() as watch:
        out = writable(options.out, "net.npz")
        from ulpm_core.networks.training import train  # imported late: torch takes seconds

        recording, seconds = timed(lambda: train(config, watch))
        _save(save_recording, recording, out, "net.npz")
    figures = {"digest": config.digest, **recording.figures(), "stop_reason": recording.stop_reason, "seconds": seconds}
    say(figures)
    return 0 if recording.outcome is Outcome.DONE else STOPPED_EARLY


COMMANDS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "run": run_command,
    "ensemble": ensemble_command,
    "sweep": sweep_command,
    "landscape": landscape_command,
    "train": train_command,
    "measure": measure_command,
    "claim": claim_command,
}
