"""The journal of a sweep: a file beside its table to which each cell is written as it is done, so that none is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from ulpm_core.model.refusal import refuse
from ulpm_core.studies.cell import Cell
from ulpm_core.studies.code import code_of_the_core
from ulpm_core.studies.study import Study

try:
    import fcntl
except ImportError:  # elsewhere than on Unix two sweeps of one file are not told apart
    fcntl = None  # type: ignore[assignment]

LONGEST_LINE: Final = 2**26


class Journal:
    """The cells of a sweep that are done, and the file that holds them."""

    def __init__(self, file: IO[bytes], path: Path, done: dict[int, Cell]):
        self._file, self.path, self.done = file, path, done

    def add(self, cell: Cell) -> None:
        """Writes a cell that is done; a process that is killed after that has not lost it."""
        self.done[cell.number] = cell
        self._file.write(cell.to_json().encode() + b"\n")
        self._file.flush()

    def remove(self) -> None:
        """Removes the file, once all it holds stands elsewhere."""
        self.path.unlink(missing_ok=True)


def journal_path(out: Path) -> Path:
    """Where the journal of a table lies.

    >>> journal_path(Path("runs/sweep.npz")).name
    '.sweep.npz.journal'
    """
    return out.with_name(f".{out.name}.journal")


@contextmanager
def opened(out: Path, study: Study) -> Iterator[Journal]:
    """The journal of a sweep into `out`, with the cells that an earlier process wrote before it was cut off.

    Raises :class:`ConfigError` where another sweep, or another version, has left an unfinished one there, and while
    another process writes to it.
    """
    path = journal_path(out)
    with path.open("a+b") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise refuse("out", out, "is being written by another sweep", "another path") from None
        file.seek(0)
        head = json.dumps({"sweep": study.digest, "code": code_of_the_core()}).encode() + b"\n"
        first = file.readline(len(head) + 1)
        if first and first != head and first.endswith(b"\n"):
            why = (
                f"is unfinished, of another sweep or another version of the code; {path.name} beside it holds its cells"
            )
            raise refuse("out", out, why, "another path, or delete that file")
        if first != head:
            file.truncate(0)
            file.write(head)
        journal = Journal(file, path, _read(file, study))
        try:
            yield journal
        finally:
            if not journal.done:  # of a sweep that was refused nothing stays behind
                journal.remove()


def _read(file: IO[bytes], study: Study) -> dict[int, Cell]:
    """The cells of whole lines; what a process that was killed left of a line is cut off."""
    done, end = {}, file.tell()
    while (line := file.readline(LONGEST_LINE)).endswith(b"\n"):
        try:
            cell = Cell.from_json(line.decode())
        except (ValueError, TypeError, AttributeError):
            break
        if not 0 <= cell.number < study.cells or len(cell.outcomes) != study.runs:
            break
        done[cell.number] = cell
        end = file.tell()
    file.seek(end)
    file.truncate()
    os.fsync(file.fileno())
    return done
