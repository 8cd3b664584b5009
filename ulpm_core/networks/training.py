"""Training a network: stochastic gradient descent, then log time; measured, cancelled, resumed."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import torch

from ulpm_core.dynamics.progress import Progress, ProgressCallback
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.model.number_words import power_of_e
from ulpm_core.networks.checkpoint import restore, save
from ulpm_core.networks.config import OWN_DEPTH, NetworkConfig
from ulpm_core.networks.datasets import Dataset
from ulpm_core.networks.recording import Recording
from ulpm_core.networks.run import TrainingRun

TELL_SECONDS: Final = 0.05
"""Seconds of work between two calls of the progress callback; more where one step takes longer."""
CHECKPOINT_SECONDS: Final = 5.0
CHECKPOINT_SHARE: Final = 0.05
"""A checkpoint is written every so many seconds, or less often: at most this share of the time goes into writing."""


def train(
    config: NetworkConfig,
    progress: ProgressCallback[Recording] | None = None,
    checkpoint: Path | None = None,
    dataset: Dataset | None = None,
) -> Recording:
    """Trains the config's network to the end, to divergence, or until `progress` returns False.

    With a `checkpoint`, a path such as net.checkpoint.npz, the run goes on from that file if it exists, and from there
    on is bit for bit what it would have been; it is written every few seconds and on a cancel, and removed at the end.
    Where it cannot be written, which is a warning, the run goes on without. `dataset` replaces the config's own. Raises
    :class:`ConfigError` for a data set that cannot be had, a checkpoint that is damaged or of another run, and what
    does not fit this machine.

    >>> small = NetworkConfig(classes="0,1", per_class=10, epochs=1, log_time_steps=0, width=8, depth=1)
    >>> recording = train(small)
    >>> recording.names, recording.outcome
    (('0', '1'), <Outcome.DONE: 'done'>)
    """
    with few_threads(config):
        run = TrainingRun(config, dataset)
        if checkpoint is not None and checkpoint.exists():
            restore(run, checkpoint)
        _go(run, progress, checkpoint)
        if checkpoint is not None and run.outcome is not Outcome.CANCELLED:
            checkpoint.unlink(missing_ok=True)
        return run.recording()


def _go(run: TrainingRun, progress: ProgressCallback[Recording] | None, checkpoint: Path | None) -> None:
    """Steps to the end, tells `progress`, writes the checkpoint."""
    told = written = time.monotonic()
    pause = CHECKPOINT_SECONDS
    while run.outcome is Outcome.RUNNING:
        run.advance()
        now, over = time.monotonic(), run.outcome is not Outcome.RUNNING
        if progress and (over or now - told >= TELL_SECONDS):
            told = now
            if progress(Progress(run.fraction, words(run), run.recording)) is False and not over:
                run.outcome = Outcome.CANCELLED
        if checkpoint is not None and not over and (run.outcome is Outcome.CANCELLED or now - written >= pause):
            try:
                save(run, checkpoint)
            except OSError as error:
                warnings.warn(f"The run goes on without a checkpoint: {error}", RuntimeWarning, stacklevel=3)
                checkpoint = None
            written = time.monotonic()
            pause = max(CHECKPOINT_SECONDS, (written - now) / CHECKPOINT_SHARE)


@contextmanager
def few_threads(config: NetworkConfig) -> Iterator[None]:
    """Runs the mlp and the convnet on one thread of torch. Two are a third faster where both cores are idle, and up to
    ten times slower where another process has one: they wait for each other hundreds of times a step. With one, a
    run repeats bit for bit whatever the number of cores.
    """
    threads = torch.get_num_threads()
    if config.device == "cpu" and config.model in OWN_DEPTH:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def words(run: TrainingRun) -> str:
    """Says how far a training is: its epoch, or its step of log time and t."""
    config = run.config
    if run.step <= run.sgd_steps:
        return f"epoch {run.epoch:.3g} of {config.epochs:,}"
    log_steps = run.step - run.sgd_steps
    return f"log-time step {log_steps:,} of {config.log_time_steps:,}, t = {power_of_e(run.log_time)}"
