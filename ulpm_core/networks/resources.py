"""The means of this machine for training: its devices, and the memory that a full batch takes."""

from __future__ import annotations

import os

import torch

from ulpm_core.dynamics.engines.choice import devices
from ulpm_core.dynamics.engines.cost import MEMORY_SHARE
from ulpm_core.model.refusal import among, refuse, span
from ulpm_core.networks.config import NetworkConfig


def refuse_missing_device(device: str) -> None:
    """Raises :class:`ConfigError` where this machine lacks the device."""
    if device not in devices():
        raise refuse("device", device, "was not found on this machine", among(devices()), "cpu")


def refuse_full_batch(config: NetworkConfig, images: int, numbers: int) -> None:
    """Raises :class:`ConfigError`, with the nearest `per_class` that fits, where a log-time step, which is a gradient
    over all images at once, needs more memory than there is: `numbers` for each image, in float64, and as many
    gradients.
    """
    memory = MEMORY_SHARE * _memory(config.device)
    needed = 2 * 8 * images * numbers
    if needed > memory:
        fits = max(1, int(memory / (2 * 8 * numbers * config.class_count)))
        raise refuse(
            "per_class",
            config.per_class,
            f"makes {images:,} images, and a log-time step over all of them needs about {needed / 2**30:.0f} GB of"
            f" memory, of which {memory / 2**30:.0f} can be used here",
            f"{span(1, fits)}, or log_time_steps 0",
            fits,
        )


def _memory(device: str) -> float:
    """Bytes of memory: what is free on a GPU, or all that a computer has."""
    if device == "cuda":
        return float(torch.cuda.mem_get_info()[0])
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return float("inf")
    return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
