"""Trainings that come with the lab: the film of every preset of the Real networks screen, and what its tables need.

`python -m app.recorded` writes them to `assets/trainings`: it trains what the same code has not trained here already,
and takes a minute and a half of one core for all.
"""

from __future__ import annotations

import logging
import lzma
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from app import asset
from app.kept import Packed
from app.traces import Traces
from app.views.network_presets import NETWORK_PRESETS
from app.views.networks import LOOKS
from ulpm_core.files.npz import MAX_BYTES, read_npz, write_npz
from ulpm_core.files.recording import ARRAYS, arrays_of, recording_from
from ulpm_core.film.film import Film, shown_samples
from ulpm_core.film.network import network_film
from ulpm_core.model.refusal import ConfigError
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.images import shown_images
from ulpm_core.networks.recording import Recording
from ulpm_core.networks.recording import Shown as Samples

FOLDER: Final = asset("trainings")
FIELD: Final = "training"
PER_CLASS: Final = 10
"""Samples of each class that are kept: a third of those of a training here, for a third of the bytes."""
BITS: Final = 10
"""Of a coordinate's mantissa: a quarter of a pixel on a stage of 1,000. The zeros behind them cost next to nothing."""
SMALLER: Final = {"H": np.float16, "W": np.float32, "means": np.float32}
"""What the tables and the model beside need in fewer digits than a training holds."""

log = logging.getLogger(__name__)


def configs() -> tuple[NetworkConfig, ...]:
    """The trainings of all presets, what is pinned beside them too."""
    found = (config for preset in NETWORK_PRESETS for config in (preset.pinned, preset.config) if config)
    return tuple(dict.fromkeys(found))


def path_of(config: NetworkConfig) -> Path:
    """Where the training of this config comes with the lab, if it does."""
    return FOLDER / f"{config.digest[:16]}.npz"


@lru_cache(64)
def recorded(config: NetworkConfig) -> tuple[Packed, Recording] | None:
    """The film of a training that comes with the lab, and its recording at the moments of :func:`moments`."""
    path = path_of(config)
    if config not in configs() or not path.exists():
        return None
    try:
        arrays = read_npz(path, FIELD, path.name, MAX_BYTES, (*ARRAYS, "film"))
        document, recording = lzma.decompress(arrays["film"].tobytes()), recording_from(arrays, FIELD)
        film = Film.from_bytes(document)
    except (ConfigError, KeyError, lzma.LZMAError):
        log.exception("The recorded training %s is damaged: python -m app.recorded makes it anew", path)
        return None
    return (Packed.of_document(film.header, document), recording) if recording.config == config else None


def record(config: NetworkConfig) -> None:
    """Trains this config, unless it was kept here, and writes its file."""
    from ulpm_core.networks.training import train  # imported late: to look at a film needs no torch

    traces = Traces(config)
    recording = traces.kept() or train(config)
    traces.end(recording)
    few = thinned(recording)
    film = network_film(few, shown_images(few))
    arrays = arrays_of(at(few, moments(few)))
    smaller = {name: arrays[name].astype(dtype) for name, dtype in SMALLER.items()}
    document = lzma.compress(Film(film.header, dict(_rounded(film))).to_bytes())
    FOLDER.mkdir(exist_ok=True)
    write_npz(path_of(config), arrays | smaller | {"film": np.frombuffer(document, np.uint8)})


def thinned(recording: Recording) -> Recording:
    """The recording with PER_CLASS samples of each class."""
    K = len(recording.names)
    kept = shown_samples(K, len(recording.labels) // K, K * PER_CLASS)
    few = {"labels": recording.labels[kept], "samples": recording.samples[kept], "H": recording.H[:, :, kept]}
    return replace(recording, **few)


def moments(recording: Recording) -> list[int]:
    """The snapshots that tables, sentences and the model beside are made from: the start, zero error and the look
    before it, the hand-over, and the end, which of SGD is its last looks.
    """
    T, zero = len(recording), recording.zero_error
    kept = {0, *range(T - LOOKS, T)} if recording.hand_over is None else {0, recording.hand_over, T - 1}
    return sorted(kept | ({zero - 1, zero} if zero else set()))


def at(recording: Recording, snapshots: list[int]) -> Recording:
    """The recording of these snapshots alone."""
    every, rest = recording.snapshots(), ("config", "names", "counts", "outcome", "stop_reason")
    samples = Samples(recording.labels, recording.samples)
    return Recording.of([every[t] for t in snapshots], samples, **{name: getattr(recording, name) for name in rest})


def _rounded(film: Film) -> Iterator[tuple[str, np.ndarray]]:
    """Its arrays, those of the stage to BITS."""
    for name, array in film.arrays.items():
        if array.dtype == np.float32:
            mantissa, exponent = np.frexp(array)
            array = np.ldexp(np.rint(np.ldexp(mantissa, BITS)), exponent - BITS)
        yield name, array


def main() -> int:
    """Writes the file of every training, and removes those that no preset shows any more."""
    for config in configs():
        print(f"{path_of(config).name}: {config.to_link() or 'the default'}", flush=True)
        record(config)
    wanted = {path_of(config) for config in configs()}
    for path in FOLDER.glob("*.npz"):
        if path not in wanted:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
