"""Features that a visitor brings: checked, measured and shown to nobody else; kept as long as the visit lasts."""

from __future__ import annotations

from threading import Lock
from typing import BinaryIO, Final, NamedTuple

from app.jobs import films
from app.jobs.cache import EVERYTHING, size_of
from app.jobs.films import Packed
from app.jobs.question import Question
from app.jobs.queue import Queue
from ulpm_core.dynamics.engines.cost import cores
from ulpm_core.files.features import load_snapshots, used_of
from ulpm_core.files.npz import held_names, words_for_unused
from ulpm_core.film.network import network_film
from ulpm_core.model.refusal import unfit
from ulpm_core.networks.recording import Recording

UPLOAD_MB: Final = 64
"""Largest file in MB, and most that its arrays may hold once unpacked; app/.streamlit/config.toml says so too."""

SHARE: Final = 0.5
"""The share of the server's memory that what visitors bring may take in all; the rest is for everybody's films."""


class Own(NamedTuple):
    """A visitor's own features: their film, their measurements, and a sentence on arrays that were not used, if any."""

    film: Packed
    recording: Recording
    unused: str


def features_in(upload: BinaryIO, name: str) -> Question[Own]:
    """Asks for the features in an uploaded file of this name."""
    return Question(KIND, name, lambda _: take_upload(upload), READING)


def take_upload(upload: BinaryIO) -> Own:
    """Takes in the features of an uploaded file, and publishes their film. Raises :class:`ConfigError` for one that
    holds anything else.
    """
    recording = load_snapshots(upload, most=UPLOAD_MB * 2**20)
    words = words_for_unused(upload, used_of(held_names(upload)))
    film = Packed.of(network_film(recording), private=True)
    with _taking:  # one film for all who bring the same: it is there until the last of them leaves
        _count(recording, *([] if films.published(film.ref.key) else [film]))
        film = films.lend(film)
    return Own(film, recording, words and f"The file {words}")


def _count(*brought: object) -> None:
    """Counts what a visitor brought until they leave. Raises :class:`ConfigError` where it takes too much memory."""
    size, held, most = sum(map(size_of, brought)), EVERYTHING.take_stock(), int(SHARE * EVERYTHING.room)
    if held + size > most:
        others = f", of which other visitors' take {_megabytes(held)}" if size <= most else ""
        raise unfit(
            "features",
            f"features take {_megabytes(size)} here, measured and drawn, and may take {_megabytes(most)}{others}",
            "try again later" if others else "save fewer moments, samples or classes",
            None if others else "H=H[-1:]",
        )
    for thing in brought:
        EVERYTHING.count(thing)


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.1f} MB"


KIND: Final = "upload"
READING: Final = Queue("upload", cores())
_taking = Lock()
