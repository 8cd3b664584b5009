"""The files of a training on disk: while it runs a checkpoint to go on from and a mark of a sudden end, and at its end
itself.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from app.trainer.code import SAME, todays_key
from ulpm_core import Outcome
from ulpm_core.files.recording import load_recording, save_recording
from ulpm_core.model.refusal import ConfigError
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.recording import Recording

try:
    import fcntl
except ImportError:  # no POSIX
    fcntl = None  # type: ignore[assignment]

CHECKPOINT, MARK = ".checkpoint.npz", ".running"
MOST_BYTES: Final = 2**30
"""Bytes that all trainings and checkpoints may take together; the oldest go first."""
STRAY_SECONDS: Final = 3600.0
"""Age at which a file is removed that was being written when its process was killed."""
CUT_OFF: Final = "The server, or the process that trains, was stopped in the middle of this training"


def lab_folder() -> Path:
    """Returns the folder of what the lab keeps from one start to the next: $COLLAPSE_LAB_CACHE, or one in the user's
    cache; for a user without a home in this machine's temporary files.
    """
    given = os.environ.get("COLLAPSE_LAB_CACHE")
    try:
        return Path(given) if given else Path.home() / ".cache" / "collapse-lab"
    except RuntimeError:
        return Path(tempfile.gettempdir()) / "collapse-lab"


def trainings_folder() -> Path:
    """Returns the folder of all trainings."""
    return lab_folder() / "trainings"


def is_there(path: Path) -> bool:
    """Returns whether a file is there and this process is allowed to see it."""
    try:
        return path.exists()
    except OSError:
        return False


def kept_paths(config: NetworkConfig) -> list[Path]:
    """Returns where a whole training of this config is kept, and where earlier code kept one that is the same."""
    return [trainings_folder() / f"{config.digest}.{key}.npz" for key in (todays_key(), *SAME)]


def checkpoint_path(config: NetworkConfig) -> Path:
    """Returns where a training of this config that stopped half-way is kept."""
    return trainings_folder() / f"{config.digest}{CHECKPOINT}"


class TrainingFiles:
    """The files of one config's training. Where nothing can be written it trains without, and leaves none."""

    def __init__(self, config: NetworkConfig):
        self._config, self._kept = config, kept_paths(config)
        self.checkpoint: Path | None = checkpoint_path(config)
        folder = self.checkpoint.parent
        self._mark = folder / f"{config.digest}{MARK}"
        self._held: IO[str] | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            marked, self.resumes = self._mark.exists(), self.checkpoint.exists()
            tidy(folder, self.checkpoint)
            mark = self._mark.open("a", encoding="utf-8")
            self._held = mark if _hold(mark) else None  # else a process of another server trains the same
            self.cut_off = marked and self._held is not None
        except OSError:
            self.checkpoint, self.cut_off, self.resumes = None, False, False

    def begin_anew(self) -> None:
        """Removes a checkpoint that cannot be gone on from."""
        self.resumes = False
        with contextlib.suppress(OSError):
            if self.checkpoint is not None:
                self.checkpoint.unlink(missing_ok=True)

    def kept(self) -> Recording | None:
        """Returns the whole training, if it was kept, and removes a damaged one."""
        for path in filter(is_there, self._kept):
            with contextlib.suppress(ConfigError):
                recording = load_recording(path)
                if recording.config == self._config:
                    return recording
            with contextlib.suppress(OSError):
                path.unlink()
        return None

    def end(self, recording: Recording | None) -> None:
        """Leaves on disk what a training that ended in order should: a whole one itself, a cancelled one its
        checkpoint.
        """
        with contextlib.suppress(OSError):
            if recording is not None and recording.outcome is Outcome.DONE and not any(map(is_there, self._kept)):
                save_recording(recording, self._kept[0])
        if self._held is not None:
            with contextlib.suppress(OSError), self._held:
                self._mark.unlink(missing_ok=True)

    def words(self, where: str) -> str:
        """Returns a sentence on how a training that is now at `where` began, empty where it was from scratch and
        unhindered.
        """
        if self.resumes:
            return (
                f"{CUT_OFF}; it went on from {where}."
                if self.cut_off
                else f"A training of these settings had stopped at {where}; it went on from there."
            )
        return f"{CUT_OFF}, before its first checkpoint: it began anew." if self.cut_off else ""


def _hold(mark: IO[str]) -> bool:
    """Makes this process hold the mark until it ends in whatever way. Returns False where another one holds it."""
    if fcntl is not None:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks: as if nobody else were here
            return True
    return True


def tidy(folder: Path, keep: Path) -> None:
    """Removes the oldest files beyond MOST_BYTES, and files that killed processes left half written."""
    total = 0
    for path, size, age in sorted(_files(folder), key=lambda found: found[2]):
        half_written = path.name.startswith(".")
        total += 0 if half_written else size
        if path != keep and (age > STRAY_SECONDS if half_written else total > MOST_BYTES):
            path.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[tuple[Path, int, float]]:
    """Yields the files of arrays in a folder, with their sizes and ages."""
    for path in folder.glob("*.npz"):
        with contextlib.suppress(OSError):  # another process tidies up, too
            found = path.stat()
            yield path, found.st_size, time.time() - found.st_mtime
