"""Networks in training: one at a time, in a process of its own, shared by all visitors who ask for the same."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, NamedTuple

from app import runs
from app.kept import Kept, Shown
from app.news import News, receive
from app.traces import checkpoint_path, kept_path
from app.watched import UNWATCHED_SECONDS, Watched
from ulpm_core import Outcome
from ulpm_core.film.film import Film
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.cost import predicted_seconds
from ulpm_core.networks.recording import Recording

WAITING: Final = 4
"""Most trainings that may wait for the one under way."""
LOOK_AROUND_SECONDS: Final = 300.0
"""What no page has asked about for so long is stopped, too; its checkpoint stays."""
END_SECONDS: Final = 60.0
"""How long a process may take to end after its last news."""
TRAINED_BYTES: Final = 512 * 2**20
EARLY: Final = 0.05
"""Share of a training before which its pace foretells nothing."""
FAILED: Final = "This training failed on our side. Try other settings."
KILLED: Final = (
    "The process of this training was stopped from outside. Its next start goes on from the last checkpoint."
)

ROOT: Final = Path(__file__).parents[1]
TRAINER: Final = (sys.executable, "-c", "from app.trainer import work; work()")
"""Not `multiprocessing`: its fork copies the locks of the server's threads, its spawn runs the page's script anew."""

log = logging.getLogger(__name__)


class Trained(NamedTuple):
    """A training at its end: its film and the recording behind it."""

    film: Shown
    recording: Recording


class Busy(Exception):  # noqa: N818 - it is said to a person, in words
    """Too many trainings wait already."""


class Training(Watched):
    """One training under way, and who watches it."""

    def __init__(self, config: NetworkConfig):
        super().__init__()
        self.config, self.fraction, self.words, self.begun, self.failure = config, 0.0, "", "", ""
        self.abandoned, self.done = False, threading.Event()
        self.film: Shown | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self._pace: tuple[float, float] | None = None

    @property
    def waiting(self) -> bool:
        return self.process is None and not self.done.is_set()

    @property
    def seconds_left(self) -> float:
        """Foretold from the pace so far; before there is one, from the cost model."""
        if self._pace is None or self.fraction - self._pace[1] < EARLY:
            return predicted_seconds(self.config) * (1.0 - self.fraction)
        begun, before = self._pace
        return (time.monotonic() - begun) * (1.0 - self.fraction) / (self.fraction - before)

    def run(self) -> None:
        try:
            if self._wanted():
                self._train()
        except Exception:
            log.exception("The training of %s failed", self.config.to_json())
            self.failure = FAILED
        finally:
            with _starting:
                if _under_way.get(self.config.digest) is self:
                    del _under_way[self.config.digest]
            self.done.set()

    def _train(self) -> None:
        process = subprocess.Popen(TRAINER, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process, told = process, False
        assert process.stdin and process.stdout
        try:
            _say(process.stdin, self.config.to_json())
            while not self._hear(receive(process.stdout)):
                if not told and not self._wanted():
                    _say(process.stdin, "stop")
                    told = True
        except (EOFError, OSError):
            self.failure = KILLED
        finally:
            with process.stdout, suppress(OSError):
                process.stdin.close()
            process.wait(END_SECONDS)

    def _hear(self, news: News) -> bool:
        """Takes news in; whether they were the last."""
        if news.failure:
            log.error("The training of %s failed:\n%s", self.config.to_json(), news.failure)
        self.failure = FAILED if news.failure else news.refusal
        if self._pace is None and news.words:
            self._pace = time.monotonic(), news.fraction
        self.fraction, self.words, self.begun = news.fraction, news.words or self.words, news.begun or self.begun
        if news.film is not None:
            self.film = runs.publish(Shown(Film.from_bytes(news.film).header, news.film))
        if news.recording is not None and self.film is not None:
            trained = Trained(self.film, news.recording)
            if news.recording.outcome is not Outcome.CANCELLED:
                _trained.put(self.config.digest, trained, len(self.film.document) + news.recording.H.nbytes)
        return bool(news.recording or self.failure)

    def _wanted(self) -> bool:
        """Whether somebody still watches. Once nobody does the training is abandoned, and no visitor joins it.

        Where no other training waits for this one, a visitor may look around for a while.
        """
        with _starting:
            others = any(job.waiting for job in _under_way.values() if job is not self)
            self.abandoned |= self.unwatched_for(UNWATCHED_SECONDS if others else LOOK_AROUND_SECONDS)
        return not self.abandoned


def _say(to: IO[bytes], line: str) -> None:
    to.write(f"{line}\n".encode())
    to.flush()


_trained: Kept[Trained] = Kept(TRAINED_BYTES)
_under_way: dict[str, Training] = {}
_starting = threading.Lock()
_worker = ThreadPoolExecutor(1, "training")


def trained(config: NetworkConfig) -> Trained | None:
    """The whole training of this config, if it is known."""
    known = _trained.get(config.digest)
    if known is not None:
        runs.publish(known.film)
    return known


def start(config: NetworkConfig, visitor: str) -> Training:
    """The training of this config: one for all who ask for it. Raises :class:`Busy`."""
    with _starting:
        job = _under_way.get(config.digest)
        if job is None or job.abandoned:
            if sum(j.waiting for j in _under_way.values()) >= WAITING:
                raise Busy(f"The lab is busy: {WAITING} networks wait to be trained already. Try again in a minute.")
            job = _under_way[config.digest] = Training(config)
            job.watch(visitor)
            _worker.submit(job.run)
        job.watch(visitor)
    return job


def kept(config: NetworkConfig) -> bool:
    """Whether this training is on disk, whole, from an earlier server: :func:`start` only reads it."""
    return kept_path(config).exists()


def resumable(config: NetworkConfig) -> bool:
    """Whether this training stopped half-way: :func:`start` goes on from there."""
    return checkpoint_path(config).exists()


def under_way(config: NetworkConfig) -> Training | None:
    """The training of this config that others watch, to be joined by :func:`start`."""
    job = _under_way.get(config.digest)
    return None if job is None or job.abandoned else job
