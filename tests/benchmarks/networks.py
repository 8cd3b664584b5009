"""Trains the presets of the Real networks screen to the end, and prints them as a table: `python -m
tests.benchmarks.networks`.
"""

from __future__ import annotations

import time

from app.views.network_presets import NETWORK_PRESETS, WITHOUT_DECAY
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.recording import Recording
from ulpm_core.networks.training import train

TRAININGS = {
    "Digits, log time": NetworkConfig(),
    **{f"the same, seed {seed}": NetworkConfig(seed=seed) for seed in (1, 2)},
    **{preset.name: preset.config for preset in NETWORK_PRESETS if preset.config != NetworkConfig()},
    "Without weight decay": WITHOUT_DECAY,
}
HEAD = ("network", "test accuracy", "epoch of zero error", "NC1", "angles", "NC3", "seconds")


def row(name: str, recording: Recording, seconds: float) -> tuple[str, ...]:
    """Returns a preset's row of the table: from zero training error to the end."""
    since = recording.zero_error
    zero = "not to the end" if since is None else f"{recording.epoch[since]:.3g}"
    figures = [recording.metrics[key] for key in ("nc1_trace_ratio", "nc2_angles", "nc3")]
    ways = [
        f"{values[since]:.2g} → {values[-1]:.2g}" if since is not None else f"{values[-1]:.2g}" for values in figures
    ]
    return name, f"{recording.test_accuracy[-1]:.3f}", zero, *ways, f"{seconds:.0f}"


def main() -> None:
    print(f"| {' | '.join(HEAD)} |\n|---|{'---:|' * (len(HEAD) - 1)}")
    for name, config in TRAININGS.items():
        begun = time.perf_counter()
        recording = train(config)
        print(f"| {' | '.join(row(name, recording, time.perf_counter() - begun))} |", flush=True)


if __name__ == "__main__":
    main()
