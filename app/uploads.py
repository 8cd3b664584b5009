"""Features that a visitor brings: checked, measured, shown; kept as long as the visit lasts, and for nobody else."""

from __future__ import annotations

from typing import BinaryIO, Final, NamedTuple
from weakref import WeakValueDictionary

import numpy as np

from app.kept import Shown
from ulpm_core.film.network import network_film
from ulpm_core.networks.archive import read_npz
from ulpm_core.networks.features import snapshots_from
from ulpm_core.networks.recording import Recording

UPLOAD_MB: Final = 64
"""Largest file, and most that its arrays may hold once unpacked; .streamlit/config.toml says so too."""
FIELD: Final = "features"


class Own(NamedTuple):
    """A visitor's own features: their film, what was measured, and whether classifiers came with them."""

    film: Shown
    recording: Recording
    classifiers: bool


def read_upload(upload: BinaryIO) -> Own:
    """The features of an uploaded file. Raises :class:`ConfigError` for one that holds anything else.

    Features may come without W; then the classifiers are 0, and what needs them is left out.
    """
    arrays = read_npz(upload, FIELD, "features.npz", UPLOAD_MB * 2**20)
    H, given = arrays.get("H", np.zeros(0)), "W" in arrays
    if not given and H.ndim in (2, 3):
        K = len(np.unique(arrays.get("labels", np.zeros(0))))
        arrays["W"] = np.zeros((*H.shape[:-2], K, H.shape[-2]))
    recording = snapshots_from(arrays)
    return Own(_kept(Shown.of(network_film(recording))), recording, given)


def _kept(shown: Shown) -> Shown:
    """Where :func:`published` finds it, until the visit that holds it ends."""
    _published[shown.key] = shown
    return shown


def published(key: str) -> Shown | None:
    """The film of a key, while a visit holds it."""
    return _published.get(key)


_published: WeakValueDictionary[str, Shown] = WeakValueDictionary()
