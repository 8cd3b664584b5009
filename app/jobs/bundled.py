"""Reads what comes with the lab: the film of the default run, and a training for every preset of the Real networks
screen.

`python -m app.bundle` makes both.
"""

from __future__ import annotations

import logging
import lzma
from functools import lru_cache
from pathlib import Path
from typing import Final

from app import asset
from app.jobs.films import Packed, lend
from app.views.network_presets import NETWORK_PRESETS
from ulpm_core.files.npz import MAX_BYTES, read_npz
from ulpm_core.files.recording import array_names, recording_from
from ulpm_core.film.film import Film
from ulpm_core.model.refusal import ConfigError
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.recording import Recording

FIRST_FILM: Final = asset("first.film")
"""The file with the film of the default run, so that a page moves before anything has been computed."""
FOLDER: Final = asset("trainings")
FIELD: Final = "training"

log = logging.getLogger(__name__)


@lru_cache(1)
def first_film() -> Packed:
    """Returns the film of the default run."""
    document = FIRST_FILM.read_bytes()
    return lend(Packed.of_document(Film.from_bytes(document).header, document))


def configs() -> tuple[NetworkConfig, ...]:
    """Returns the trainings of all presets, with those that are pinned beside them."""
    found = (config for preset in NETWORK_PRESETS for config in (preset.pinned, preset.config) if config)
    return tuple(dict.fromkeys(found))


def path_of(config: NetworkConfig) -> Path:
    """Returns where a training that comes with the lab is kept."""
    return FOLDER / f"{config.digest[:16]}.npz"


@lru_cache(64)
def recorded(config: NetworkConfig) -> tuple[Packed, Recording] | None:
    """Returns the film of a training that comes with the lab, and its recording at a few
    moments: `app.bundle.kept_snapshots`.
    """
    path = path_of(config)
    if config not in configs() or not path.exists():
        return None
    try:
        arrays = read_npz(path, FIELD, path.name, MAX_BYTES, (*array_names(), "film"))
        document, recording = lzma.decompress(arrays["film"].tobytes()), recording_from(arrays, FIELD)
        film = Film.from_bytes(document)
    except (ConfigError, KeyError, lzma.LZMAError):
        log.exception("The recorded training %s is damaged: python -m app.bundle makes it anew", path)
        return None
    return (lend(Packed.of_document(film.header, document)), recording) if recording.config == config else None
