"""Refuses a training for which this machine has too little memory."""

from __future__ import annotations

import torch

from ulpm_core.dynamics.engines.cost import MEMORY_SHARE, memory
from ulpm_core.model.refusal import refuse, span
from ulpm_core.networks.config import NetworkConfig


def refuse_full_batch(config: NetworkConfig, images: int, numbers: int) -> None:
    """Raises :class:`ConfigError`, with the nearest `per_class` that fits, where a log-time step, which is a gradient
    over all images at once, needs more memory than there is: `numbers` for each image, in float64, and as many
    gradients.
    """
    free = torch.cuda.mem_get_info()[0] if config.device == "cuda" else memory()
    budget, needed = MEMORY_SHARE * free, 2 * 8 * images * numbers
    if needed > budget:
        fits = max(1, int(budget / (2 * 8 * numbers * config.class_count)))
        raise refuse(
            "per_class",
            config.per_class,
            f"makes {images:,} images, and a log-time step over all of them needs about {needed / 2**30:.0f} GB of"
            f" memory, of which {budget / 2**30:.0f} can be used here",
            f"{span(1, fits)}, or log_time_steps 0",
            fits,
        )
