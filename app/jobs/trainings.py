"""Trainings of networks: one at a time, in a process of its own, shared by all visitors who ask for the same."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, NamedTuple

from app.jobs import films
from app.jobs.bundled import recorded
from app.jobs.cache import Cache
from app.jobs.films import FilmRef, Packed
from app.jobs.job import Job
from app.jobs.queue import Queue
from app.trainer.messages import News, receive
from app.trainer.store import checkpoint_path, is_there, kept_paths
from ulpm_core import Outcome
from ulpm_core.film.film import Film
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.cost import BEGIN_SECONDS, predicted_seconds
from ulpm_core.networks.recording import Recording

WAITING: Final = 4
"""Most trainings that may wait for the one under way."""
LOOK_AROUND_SECONDS: Final = 300.0
"""Seconds that a training which no page asks about goes on where no other waits; its checkpoint stays."""
END_SECONDS: Final = 60.0
"""Most seconds that a process may take to end after its last news."""
KILLED: Final = (
    "The process of this training was stopped from outside. Its next start goes on from the last checkpoint."
)

ROOT: Final = Path(__file__).parents[2]
TRAINER: Final = (sys.executable, "-c", "from app.trainer.process import work; work()")
"""The command that starts the process. `multiprocessing` would not do: its fork copies the locks of the server's
threads, its spawn runs the page's script anew.
"""

log = logging.getLogger(__name__)


class Trained(NamedTuple):
    """A training at its end: its film and the recording behind it."""

    film: FilmRef
    recording: Recording


class Training(Job):
    """The job of one training. It leaves its film, which grows on the way, and its recording; where it is stopped, a
    checkpoint.
    """

    FAILED = "This training failed on our side. Try other settings."
    prompt = False

    def __init__(self, config: NetworkConfig):
        super().__init__(config.to_json(), BEGIN_SECONDS if kept(config) else predicted_seconds(config))
        self.config = config
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def slowness(self) -> float:
        """The seconds it should take over those foretold: as trainings before, or as its own start, which is slower
        on a busy machine.
        """
        starting = 0.0 if self.words or self.started is None else (time.monotonic() - self.started) / BEGIN_SECONDS
        return max(super().slowness, starting)

    def work(self) -> None:
        self.process = process = subprocess.Popen(TRAINER, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        told = False
        assert process.stdin and process.stdout
        try:
            _say(process.stdin, self.config.to_json())
            while not self._take_in(receive(process.stdout)):
                if not told and self.abandon_unwatched():
                    _say(process.stdin, "stop")
                    told = True
        except (EOFError, OSError):
            self.failure = KILLED
        finally:
            with process.stdout, suppress(OSError):
                process.stdin.close()
            _end(process)

    def _take_in(self, news: News) -> bool:
        """Takes in news of the process. Returns whether they were the last."""
        if news.failure:
            log.error("The training of %s failed:\n%s", self.config.to_json(), news.failure)
        self.failure = self.FAILED if news.failure else news.refusal
        self.begun = news.begun or self.begun
        if news.words:
            self.foretold = predicted_seconds(self.config)  # also where what was kept proved to be damaged
            self.tell(news.fraction, news.words)
        if news.film is not None:
            self.film = films.publish(Packed.of_document(Film.from_bytes(news.film).header, news.film))
        if self.film and news.recording is not None and news.recording.outcome is not Outcome.CANCELLED:
            _trained.put(self.config.digest, Trained(self.film, news.recording))
        return bool(news.recording or self.failure)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Waits for a process that was told to end, and kills one that does not, so that the next can begin."""
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _say(to: IO[bytes], line: str) -> None:
    to.write(f"{line}\n".encode())
    to.flush()


_trained: Cache[Trained] = Cache()
QUEUE: Final = Queue(
    "training",
    1,
    WAITING,
    f"The lab is busy: {WAITING} networks wait to be trained already. Try again in {{wait}}.",
    look_around=LOOK_AROUND_SECONDS,
)


def seconds_of(configs: Iterable[NetworkConfig]) -> float:
    """Foretells how many seconds these take, after all that are in line: as the cost model says, at the pace of the
    last training here.
    """
    return QUEUE.seconds + QUEUE.slowness * sum(map(predicted_seconds, configs))


def trained(config: NetworkConfig) -> Trained | None:
    """Returns the whole training of this config, if it is known or came with the lab."""
    if came := recorded(config):
        film, recording = came
        return Trained(film.ref, recording)
    known = _trained.get(config.digest)
    return known if known and films.published(known.film.key) else None


def recording(config: NetworkConfig) -> Recording | None:
    """Returns the recording of this training, once it is whole."""
    known = trained(config)
    return known.recording if known else None


def film_of(config: NetworkConfig) -> FilmRef | None:
    """Returns the whole film of this training, if it is known."""
    known = trained(config)
    return known.film if known else None


def start(config: NetworkConfig, visitor: str) -> Training:
    """Returns the job of this training, which all who ask for it share. Raises :class:`Busy`."""
    return QUEUE.start(Training(config), visitor)


def unasked(config: NetworkConfig) -> bool:
    """Returns whether this begins by itself when a visitor looks at it: a training that others watch, and one that was
    kept. No other is trained before somebody asks for it.
    """
    return QUEUE.under_way(config.to_json()) is not None or kept(config)


def kept(config: NetworkConfig) -> bool:
    """Returns whether this training is on disk, whole, from an earlier server: :func:`start` then only reads it."""
    return any(map(is_there, kept_paths(config)))


def resumable(config: NetworkConfig) -> bool:
    """Returns whether this training stopped half-way: :func:`start` goes on from there."""
    return is_there(checkpoint_path(config))
