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

from app.jobs import films
from app.jobs.bundled import recorded
from app.jobs.cache import Cache
from app.jobs.films import FilmRef, Packed
from app.jobs.job import UNWATCHED_SECONDS, Machine, Pace, Watched
from app.trainer.messages import News, receive
from app.trainer.store import checkpoint_path, is_there, kept_paths
from app.views.words import about
from ulpm_core import Outcome
from ulpm_core.film.film import Film
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.cost import BEGIN_SECONDS, predicted_seconds
from ulpm_core.networks.recording import Recording

WAITING: Final = 4
"""Most trainings that may wait for the one under way."""
LOOK_AROUND_SECONDS: Final = 300.0
"""What no page has asked about for so long is stopped, too; its checkpoint stays."""
END_SECONDS: Final = 60.0
"""How long a process may take to end after its last news."""
FAILED: Final = "This training failed on our side. Try other settings."
KILLED: Final = (
    "The process of this training was stopped from outside. Its next start goes on from the last checkpoint."
)

ROOT: Final = Path(__file__).parents[2]
TRAINER: Final = (sys.executable, "-c", "from app.trainer.process import work; work()")
"""Not `multiprocessing`: its fork copies the locks of the server's threads, its spawn runs the page's script anew."""

log = logging.getLogger(__name__)


class Trained(NamedTuple):
    """A training at its end: its film and the recording behind it."""

    film: FilmRef
    recording: Recording


class Busy(Exception):  # noqa: N818 - it is said to a person, in words
    """Too many trainings wait already."""


class Training(Watched):
    """One training under way, and who watches it."""

    def __init__(self, config: NetworkConfig):
        super().__init__()
        self.config, self.fraction, self.words, self.begun, self.failure = config, 0.0, "", "", ""
        self.abandoned, self.done = False, threading.Event()
        self.film: FilmRef | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self._pace, self._started = Pace(), 0.0

    @property
    def waiting(self) -> bool:
        return self.process is None and not self.done.is_set()

    @property
    def before(self) -> list[Training]:
        """Those that this one waits for, the one under way first."""
        jobs = line()
        return jobs[: jobs.index(self)] if self.waiting and self in jobs else []

    @property
    def seconds_left(self) -> float:
        """Until it ends: its own time, and that of those before it."""
        return self._own_seconds + sum(job._own_seconds for job in self.before)

    @property
    def _own_seconds(self) -> float:
        """Foretold from the pace of late; before there is one, from the cost model and the pace of trainings before,
        or that of its own start, which is slower on a busy machine. What is kept on disk is only read.
        """
        starting = (time.monotonic() - self._started) / BEGIN_SECONDS if self._started and not self.words else 0.0
        foretold = BEGIN_SECONDS if kept(self.config) else predicted_seconds(self.config)
        whole = self._pace.seconds_in_all or max(machine.slowness, starting) * foretold
        return whole * (1.0 - self.fraction)

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
        self.process, self._started, told = process, time.monotonic(), False
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
            _end(process)

    def _hear(self, news: News) -> bool:
        """Takes news in; whether they were the last."""
        if news.failure:
            log.error("The training of %s failed:\n%s", self.config.to_json(), news.failure)
        self.failure = FAILED if news.failure else news.refusal
        self.fraction, self.words, self.begun = news.fraction, news.words or self.words, news.begun or self.begun
        if news.words:
            self._pace.tell(news.fraction)
            machine.learn(self._pace.seconds_in_all, predicted_seconds(self.config))
        if news.film is not None:
            self.film = films.publish(Packed.of_document(Film.from_bytes(news.film).header, news.film))
        if news.recording is not None and self.film is not None:
            trained = Trained(self.film, news.recording)
            if news.recording.outcome is not Outcome.CANCELLED:
                _trained.put(self.config.digest, trained)
        return bool(news.recording or self.failure)

    def _wanted(self) -> bool:
        """Whether somebody still watches. Once nobody does the training is abandoned, and no visitor joins it.

        Where no other training waits for this one, a visitor may look around for a while.
        """
        with _starting:
            others = any(job.waiting for job in _under_way.values() if job is not self)
            self.abandoned |= self.unwatched_for(UNWATCHED_SECONDS if others else LOOK_AROUND_SECONDS)
        return not self.abandoned


def _end(process: subprocess.Popen[bytes]) -> None:
    """Waits for a process that has been told to end; one that does not is killed, so that the next can begin."""
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _say(to: IO[bytes], line: str) -> None:
    to.write(f"{line}\n".encode())
    to.flush()


machine = Machine()
_trained: Cache[Trained] = Cache()
_under_way: dict[str, Training] = {}
_starting = threading.Lock()
_worker = ThreadPoolExecutor(1, "training")


def foretold_seconds(*configs: NetworkConfig) -> float:
    """How long these take once they are under way: by the cost model, at the pace that the last training had here."""
    return machine.slowness * sum(map(predicted_seconds, configs))


def line() -> list[Training]:
    """The training under way and those that wait, in order; one that nobody waits for any more is passed over."""
    jobs = [*_under_way.values()]
    return [job for job in jobs if not (job.done.is_set() or job.abandoned or (job.waiting and job.unwatched))]


def line_seconds() -> float:
    """How long all of these take."""
    return sum(job._own_seconds for job in line())


def trained(config: NetworkConfig) -> Trained | None:
    """The whole training of this config, if it is known, or came with the lab."""
    if came := recorded(config):
        film, recording = came
        return Trained(film.ref if films.published(film.key) else films.publish(film), recording)
    known = _trained.get(config.digest)
    return known if known and films.published(known.film.key) else None


def start(config: NetworkConfig, visitor: str) -> Training:
    """The training of this config: one for all who ask for it. Raises :class:`Busy`."""
    with _starting:
        job = _under_way.get(config.digest)
        if job is None or job.abandoned:
            if sum(j.waiting for j in _under_way.values()) >= WAITING:
                wait = about(line_seconds())
                raise Busy(f"The lab is busy: {WAITING} networks wait to be trained already. Try again in {wait}.")
            _under_way.pop(config.digest, None)  # an abandoned one: this one stands at the end of the line
            job = _under_way[config.digest] = Training(config)
            job.watch(visitor)
            _worker.submit(job.run)
        job.watch(visitor)
    return job


def kept(config: NetworkConfig) -> bool:
    """Whether this training is on disk, whole, from an earlier server: :func:`start` only reads it."""
    return any(map(is_there, kept_paths(config)))


def resumable(config: NetworkConfig) -> bool:
    """Whether this training stopped half-way: :func:`start` goes on from there."""
    return is_there(checkpoint_path(config))


def under_way(config: NetworkConfig) -> Training | None:
    """The training of this config that others watch, to be joined by :func:`start`."""
    job = _under_way.get(config.digest)
    return None if job is None or job.abandoned else job
