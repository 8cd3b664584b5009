"""What a training leaves on disk while it runs: a checkpoint to go on from, and a mark that tells of a sudden end."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

CHECKPOINT, MARK = ".checkpoint.npz", ".running"
CHECKPOINT_BYTES: Final = 2**30
"""All checkpoints together; the oldest go first."""
STRAY_SECONDS: Final = 3600.0
"""A file that was being written when its process was killed is removed after so long."""
CUT_OFF: Final = "The server stopped in the middle of this training"


def cache_folder() -> Path:
    """$COLLAPSE_LAB_CACHE, or a folder of the user's cache."""
    given = os.environ.get("COLLAPSE_LAB_CACHE")
    return Path(given) if given else Path.home() / ".cache" / "collapse-lab"


class Traces:
    """The files of one config's training. Where nothing can be written it trains without, and leaves none."""

    def __init__(self, digest: str):
        folder = cache_folder() / "trainings"
        self.checkpoint: Path | None = folder / f"{digest}{CHECKPOINT}"
        self._mark = folder / f"{digest}{MARK}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.cut_off, self.resumes = self._mark.exists(), self.checkpoint.exists()
            tidy(folder, self.checkpoint)
            self._mark.touch()
        except OSError:
            self.checkpoint, self.cut_off, self.resumes = None, False, False

    def begin_anew(self) -> None:
        """Forgets a checkpoint that cannot be gone on from."""
        self.resumes = False
        with contextlib.suppress(OSError):
            if self.checkpoint is not None:
                self.checkpoint.unlink(missing_ok=True)

    def end(self) -> None:
        """Says that the training ended in order; a checkpoint stays where it was cancelled."""
        with contextlib.suppress(OSError):
            self._mark.unlink(missing_ok=True)

    def words(self, where: str) -> str:
        """How a training that is now at `where` began, in a sentence, if not from scratch and unhindered."""
        if self.resumes:
            return (
                f"{CUT_OFF}; it went on from {where}."
                if self.cut_off
                else f"It went on from {where}, where it stopped."
            )
        return f"{CUT_OFF}, before its first checkpoint: it began anew." if self.cut_off else ""


def tidy(folder: Path, keep: Path) -> None:
    """Removes the oldest checkpoints beyond CHECKPOINT_BYTES, and what killed processes left half written."""
    total = 0
    for path, size, age in sorted(_files(folder), key=lambda found: found[2]):
        half_written = path.name.startswith(".")
        total += 0 if half_written else size
        if path != keep and (age > STRAY_SECONDS if half_written else total > CHECKPOINT_BYTES):
            path.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[tuple[Path, int, float]]:
    """Files of arrays, their sizes and ages."""
    for path in folder.glob("*.npz"):
        with contextlib.suppress(OSError):  # another process tidies up, too
            found = path.stat()
            yield path, found.st_size, time.time() - found.st_mtime
