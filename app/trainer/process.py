"""The process that trains one network and sends news to its server. It does not outlive the server.

The server holds its standard input, and ends it to stop the training; news go to its standard output. What is imported
here is loaded by every such process: no Streamlit.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from typing import Any, BinaryIO, Final

from app.trainer.messages import News, send
from app.trainer.store import TrainingFiles
from ulpm_core.dynamics.progress import Progress
from ulpm_core.model.refusal import ConfigError
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.recording import Recording

NICE: Final = 5
"""As polite as long runs are: pages and short runs come first."""
NEWS_SECONDS: Final = 0.2
FIRST_FILM_SECONDS: Final = 0.5
FILM_SECONDS: Final = 2.0
FILM_SHARE: Final = 10.0
"""Between two films it trains at least ten times as long as the film took to build."""


def work() -> None:
    """Trains the config of the first line of the input. It stops where the server says so or has gone, and by
    SIGTERM.
    """
    if hasattr(os, "nice"):
        os.nice(NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the server, which ends us
    news = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no news
    try:
        _Work(NetworkConfig.from_json(sys.stdin.readline()), news).go()
    except ConfigError as refusal:
        send(news, News(refusal=str(refusal)))
    except Exception:  # noqa: BLE001 - whatever it was goes to the server's log, and a sentence to the person
        send(news, News(failure=traceback.format_exc()))


class _Work:
    def __init__(self, config: NetworkConfig, news: BinaryIO):
        self.config, self.news, self.traces = config, news, TrainingFiles(config)
        self.begun = "" if self.traces.resumes else self.traces.words("")
        self.stopped = self.server_left = False
        self._told, self._next_film = 0.0, time.monotonic() + FIRST_FILM_SECONDS
        self._images: Any = None
        signal.signal(signal.SIGTERM, self._leave)
        threading.Thread(target=self._listen, daemon=True).start()

    def go(self) -> None:
        recording = self.traces.kept()
        try:
            recording = recording or self._train()
        finally:
            if not self.server_left:
                self.traces.end(recording)
        if not self.server_left:
            send(self.news, News(1.0, "", self.begun, self._film(recording), recording))

    def _train(self) -> Recording:
        from ulpm_core.networks.training import train  # imported late: what was kept needs no torch

        try:
            return train(self.config, self._tell, self.traces.checkpoint)
        except ConfigError as refusal:
            if refusal.field != "checkpoint":
                raise
            self.traces.begin_anew()
            self.begun = "The checkpoint of this training was damaged: it began anew."
            return train(self.config, self._tell, self.traces.checkpoint)

    def _tell(self, progress: Progress[Recording]) -> bool:
        """Tells the server how far it is, and returns whether to go on. Called between two steps."""
        now = time.monotonic()
        if self._told == 0.0 and self.traces.resumes:
            self.begun = self.traces.words(progress.words.partition(" of ")[0])
        film = None
        if now >= self._next_film and progress.fraction < 1.0 and not self._over:
            film = self._film(progress.so_far())
            self._next_film = time.monotonic() + max(FILM_SECONDS, FILM_SHARE * (time.monotonic() - now))
        if film is not None or now - self._told >= NEWS_SECONDS:
            self._told = now
            self.server_left |= not send(self.news, News(progress.fraction, progress.words, self.begun, film))
        return not self._over

    def _film(self, recording: Recording) -> bytes:
        from ulpm_core.film.network import network_film
        from ulpm_core.networks.images import shown_images

        if self._images is None:
            self._images = (shown_images(recording),)
        return network_film(recording, *self._images).to_bytes()

    @property
    def _over(self) -> bool:
        return self.stopped or self.server_left

    def _listen(self) -> None:
        """Waits for the server's word to stop, or for the end of the input: then the server is gone."""
        if sys.stdin.readline():
            self.stopped = True
        else:
            self.server_left = True

    def _leave(self, *_: Any) -> None:
        self.server_left = True
