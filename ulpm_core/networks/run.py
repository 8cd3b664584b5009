"""`TrainingRun`: a network in training, one step at a time; what it does next depends on its state alone."""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.optim.sgd import sgd

from ulpm_core.dynamics.engines.choice import refuse_missing_device
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.model.number_words import power_of_e
from ulpm_core.model.shapes import Labels
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.cost import phase_seconds
from ulpm_core.networks.datasets import Dataset, load_dataset
from ulpm_core.networks.log_time import log_summed_loss, log_time_step
from ulpm_core.networks.measuring import chunk_size, measured
from ulpm_core.networks.models import build_model, numbers_per_image
from ulpm_core.networks.recording import Recording, Snapshot, evenly
from ulpm_core.networks.resources import refuse_full_batch
from ulpm_core.networks.schedule import learning_rate, recorded_steps

DIVERGED: Final = 1e8
"""Mean loss past which a network has diverged: untrained it is about log K."""


class TrainingRun:
    """A network in motion from its initial weights. `step` counts the steps of both phases; after `sgd_steps` of them
    log time takes over, in float64.

    Batches of epoch e are a permutation that depends on the seed and e alone; so a step depends on weights, velocity
    and `step`, which a checkpoint holds. Repeats are bit for bit on one device with one number of threads.
    """

    def __init__(self, config: NetworkConfig, dataset: Dataset | None = None):
        refuse_missing_device(config.device)
        self.config = config
        self.dataset = load_dataset(config) if dataset is None else dataset
        shape, N = self.dataset.x.shape[1:], len(self.dataset.x)
        self.network = build_model(config, shape)
        numbers = numbers_per_image(self.network, shape)
        if config.log_time_steps:
            refuse_full_batch(config, N, numbers)
        dtype = getattr(torch, config.dtype)
        self.network.to(device=config.device, dtype=dtype)
        self.x = torch.tensor(self.dataset.x, dtype=dtype, device=config.device)
        self.y = torch.tensor(self.dataset.y, device=config.device)
        self.at_once = chunk_size(N, numbers)
        self.parameters: list[Tensor] = [*self.network.parameters()]
        self.velocity: list[Tensor | None] = [None] * len(self.parameters)
        self.batches = max(1, N // config.batch_size)
        self.sgd_steps = config.epochs * self.batches
        self.last_step = self.sgd_steps + config.log_time_steps
        self.wanted = recorded_steps(config, self.sgd_steps)
        self.samples = evenly(self.dataset.y, config.class_count, config.shown_per_class)
        self.step, self.log_time, self.outcome = 0, -math.inf, Outcome.RUNNING
        self.snapshots: list[Snapshot] = []
        self._order: tuple[int, list[Labels]] = (-1, [])
        self._record()

    @property
    def epoch(self) -> float:
        """Passes over the training set: a log-time step is one."""
        return min(self.step, self.sgd_steps) / self.batches + max(0, self.step - self.sgd_steps)

    @property
    def fraction(self) -> float:
        """Share of the work that is done, by the cost model."""
        by_sgd, in_log_time = phase_seconds(self.config)
        done = by_sgd * min(self.step / self.sgd_steps, 1.0)
        if self.step > self.sgd_steps:
            done += in_log_time * (self.step - self.sgd_steps) / self.config.log_time_steps
        return done / (by_sgd + in_log_time)

    def advance(self) -> None:
        """Takes one step, and measures the network if it is time to."""
        cudnn = torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True)
        with cudnn if self.config.device == "cuda" else nullcontext():  # a CPU repeats itself
            loss, passed = self._descend() if self.step < self.sgd_steps else self._follow_log_time()
            self.step += 1
            if not loss < DIVERGED:  # NaN neither
                self.outcome = Outcome.DIVERGED
                return
            self.log_time = float(np.logaddexp(self.log_time, passed))
            if self.step in self.wanted:
                self._record()
        if self.step >= self.last_step and self.outcome is Outcome.RUNNING:
            self.outcome = Outcome.DONE

    def _descend(self) -> tuple[float, float]:
        """One step of SGD: the batch's mean loss, and the logarithm of the time on the summed loss that it takes."""
        config, epoch = self.config, self.step // self.batches
        if self._order[0] != epoch:  # in equal parts: a rest of one image could not be standardised
            order = np.random.default_rng([config.seed, epoch]).permutation(len(self.x))
            self._order = epoch, np.array_split(order, self.batches)
        batch = torch.from_numpy(self._order[1][self.step % self.batches]).to(self.x.device)
        rate = learning_rate(config, self.step / self.sgd_steps)
        self.network.train()
        loss = torch.nn.functional.cross_entropy(self.network(self.x[batch]), self.y[batch])
        gradients = list(torch.autograd.grad(loss, self.parameters))
        with torch.no_grad():  # torch.optim.SGD, which calls this, would first load torch's compiler for a second
            sgd(
                self.parameters,
                gradients,
                self.velocity,
                lr=rate,
                momentum=config.momentum,
                weight_decay=config.weight_decay,
                dampening=0.0,
                nesterov=False,
                maximize=False,
            )
        return loss.item(), math.log(rate / (1.0 - config.momentum) / len(self.x))

    def _follow_log_time(self) -> tuple[float, float]:
        """One full-batch step on log L: log L, and the logarithm of the time that passes."""
        self.enter_log_time()
        self.network.train()
        log_loss = log_summed_loss(self.network(self.x), self.y)
        passed = log_time_step(self.parameters, log_loss, self.config.relative_rate)
        return log_loss.item(), passed

    def enter_log_time(self) -> None:
        """Turns network and images to float64: float32 cannot tell the margins of log time apart, and stalls."""
        self.network.double()
        self.x = self.x.double()

    def _record(self) -> None:
        now = self._now()
        if now is None:
            self.outcome = Outcome.DIVERGED
        else:
            self.snapshots.append(now)

    def _now(self) -> Snapshot | None:
        """The network as it is, measured on all images; None where its numbers are past measuring."""
        phase = "sgd" if self.step <= self.sgd_steps else "log-time"
        clock = {"epoch": self.epoch, "step": self.step, "log_time": self.log_time, "phase": phase}
        return measured(self.network, self.x, self.dataset, self.at_once, self.samples, **clock)

    def recording(self) -> Recording:
        """Returns all snapshots and one of the network as it is now. Call it between steps, on their own thread."""
        between = self.outcome is not Outcome.DIVERGED and self.snapshots[-1].step < self.step
        now = self._now() if between else None
        return self.recorded([] if now is None else [now], self.stop_reason)

    def recorded(self, more: list[Snapshot], stop_reason: str) -> Recording:
        """The recording of the steps that are due, and of `more`."""
        return Recording.of(
            [*self.snapshots, *more],
            config=self.config,
            names=self.dataset.names,
            counts=np.bincount(self.dataset.y),
            labels=self.dataset.y[self.samples],
            samples=self.samples,
            outcome=self.outcome,
            stop_reason=stop_reason,
        )

    @property
    def stop_reason(self) -> str:
        """Why the run ended, in one sentence."""
        config, epochs = self.config, f"{self.config.epochs:,} epoch{'s' * (self.config.epochs > 1)}"
        log_time = self.step > self.sgd_steps
        where = f"log-time step {self.step - self.sgd_steps:,}" if log_time else f"epoch {self.epoch:.3g}"
        match self.outcome:
            case Outcome.DONE if log_time:
                return f"The network took its {epochs}, and log time carried it on to t = {power_of_e(self.log_time)}."
            case Outcome.DONE:
                return f"The network took its {epochs}."
            case Outcome.CANCELLED:
                return f"Cancelled at {where}."
            case Outcome.DIVERGED:
                name = "relative_rate" if log_time else "learning_rate"
                rate = getattr(config, name)
                return f"Diverged at {where}: use a {name} below {rate:g}, for example {rate / 10:g}."
        return f"Running: {where}."
