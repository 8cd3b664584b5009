"""Measures many runs at once: how margins and collapse are distributed, on the way and at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ulpm_core.analysis.measure import CHUNK_ENTRIES
from ulpm_core.analysis.metrics import metrics
from ulpm_core.analysis.rounding import rounding_of
from ulpm_core.dynamics.many import Many, simulate_many
from ulpm_core.dynamics.progress import ProgressCallback
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.model.brief import Brief
from ulpm_core.model.config import RunConfig
from ulpm_core.model.objective import Objective
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.refusal import refuse, span
from ulpm_core.model.shapes import Array, Shaped

QUANTILES: Final = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True, eq=False, repr=False)
class Ensemble(Brief):
    """R runs and the metrics of each of their T records: those of `metrics`, and `log_loss`.

    >>> starts = [RunConfig(classes=3, dimension=6, per_class=2, method="gradient-flow", seed=s) for s in (0, 1)]
    >>> runs = ensemble(starts)
    >>> bool((runs.final("gamma") > 0.99).all()), runs.many.stop_reasons[0]
    (True, 'The flow reached t = e^1,000.')
    """

    many: Many
    metrics: Mapping[str, Shaped[Array, "R T"]]

    def final(self, name: str) -> Shaped[Array, "R"]:
        """The metric at the end of each run."""
        return self.metrics[name][:, -1]

    def quantiles(self, name: str) -> dict[str, float]:
        """The final metric's quantiles from 0 to 1 over the runs where it is finite; NaN if it is nowhere.

        >>> runs = ensemble([RunConfig(classes=3, dimension=2, per_class=2, steps=10, seed=s) for s in range(3)])
        >>> list(runs.quantiles("gamma"))
        ['0', '0.05', '0.25', '0.5', '0.75', '0.95', '1']
        """
        finite = self.final(name)[np.isfinite(self.final(name))]
        values = np.quantile(finite, QUANTILES) if len(finite) else np.full(len(QUANTILES), np.nan)
        return {f"{q:g}": float(value) for q, value in zip(QUANTILES, values, strict=True)}

    @property
    def outcomes(self) -> dict[str, int]:
        """The number of runs that ended in each way."""
        ended = self.many.outcomes
        return {str(outcome): ended.count(outcome) for outcome in Outcome if outcome in ended}


def starts(config: RunConfig, runs: int) -> list[RunConfig]:
    """The config from `runs` starts: seeds seed, seed + 1, and so on. Raises :class:`ConfigError` past the last seed.

    >>> [c.seed for c in starts(RunConfig(seed=7), 3)]
    [7, 8, 9]
    """
    last = PARAMETERS["seed"].high
    if config.seed + runs - 1 > last:
        raise refuse("seed", config.seed, f"leaves fewer than {runs} seeds", span(0, int(last) - runs + 1), 0)
    return [config.with_changes(seed=config.seed + r) for r in range(runs)]


def ensemble(configs: Sequence[RunConfig], progress: ProgressCallback[Many] | None = None) -> Ensemble:
    """Runs all configs, as :func:`simulate_many` does, and measures every record.

    >>> found = ensemble(starts(RunConfig(classes=3, dimension=2, per_class=2, steps=20), 4))
    >>> found.metrics["gamma"].shape == found.many.step.shape, found.outcomes
    (True, {'done': 4})
    """
    many = simulate_many(configs, progress)
    (R, T, d, N), K, config = many.H.shape, many.W.shape[2], many.configs[0]
    size = max(1, CHUNK_ENTRIES // (T * max(d, K) * N))
    parts, precision, objective = [], rounding_of(np.dtype(config.dtype)), Objective.of(config)
    for r in range(0, R, size):
        W, H = many.W[r : r + size], many.H[r : r + size]
        log_loss = objective.log_losses(W.reshape(-1, K, d), H.reshape(-1, d, N))
        with np.errstate(over="ignore", invalid="ignore"):  # a run that diverged may have left float64's squares
            parts.append(metrics(W, H, config.labels, precision) | {"log_loss": log_loss.reshape(W.shape[:2])})
    return Ensemble(many, {name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
