"""The images behind the dots of a film."""

from __future__ import annotations

import numpy as np

from ulpm_core.model.refusal import ConfigError
from ulpm_core.networks.datasets import Images, cache_folder, load_dataset
from ulpm_core.networks.recording import Recording


def shown_images(recording: Recording) -> Images | None:
    """Grey images (M, S, S), from 0 to 1, of the samples that a recording shows; colours are averaged.

    None where nobody knows them: of a foreign loop, or of a data set that is not on this machine; none is fetched.
    """
    config = recording.config
    if config is None or not (config.dataset == "digits" or (cache_folder() / f"{config.dataset}.npz").exists()):
        return None
    try:
        dataset = load_dataset(config)
    except ConfigError:  # a damaged cache: the film plays without
        return None
    samples = recording.samples
    if samples.max() >= len(dataset.y) or not np.array_equal(dataset.y[samples], recording.labels):
        return None
    return dataset.x[samples].mean(axis=1)
