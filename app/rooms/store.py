"""The file of all rooms: one SQLite database, one thread that writes it, and what it has said is on the disk.

Whatever waits is written in one transaction, so that five hundred answers in a second wait for a few commits and not
for five hundred. Nothing is acknowledged before its transaction is.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, TypeVar

from app.rooms.refused import ELSEWHERE, Refused

T = TypeVar("T")
VERSION: Final = 1
MOST_AT_ONCE: Final = 2_000
"""Pieces of work in one transaction."""
PATIENCE: Final = 3.0
"""Seconds to wait for a server that is just ending to let go of the file."""
SETTINGS: Final = (
    "PRAGMA locking_mode = EXCLUSIVE",  # no second server goes on with our rooms; a killed one holds no lock
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # what is committed outlives the machine's power too
    "PRAGMA secure_delete = ON",
)
TABLES: Final = """
CREATE TABLE tours (digest BLOB PRIMARY KEY, source TEXT NOT NULL, outline TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE rooms (
    id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL UNIQUE, secret BLOB NOT NULL, tour BLOB NOT NULL,
    name TEXT NOT NULL, opened REAL NOT NULL, used REAL NOT NULL, revision INTEGER NOT NULL, state TEXT NOT NULL
);
CREATE TABLE seats (room INTEGER NOT NULL, tab BLOB NOT NULL, seat INTEGER NOT NULL, PRIMARY KEY (room, tab))
    WITHOUT ROWID;
CREATE TABLE answers (
    room INTEGER NOT NULL, scene INTEGER NOT NULL, question INTEGER NOT NULL, seat INTEGER NOT NULL,
    answer TEXT NOT NULL, PRIMARY KEY (room, scene, question, seat)
) WITHOUT ROWID;
"""


class Store:
    """The open database. Work is a function of the connection; it is done whole or not at all."""

    def __init__(self, path: Path, patience: float = PATIENCE):
        """Opens the file or makes it. Raises OSError or sqlite3.Error where that fails, and :class:`Refused` where
        another server has it and does not let go of it for so many seconds.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._base = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
        try:
            for setting in SETTINGS:
                self._base.execute(setting)
            self._base.execute("BEGIN EXCLUSIVE")
            (version,) = self._base.execute("PRAGMA user_version").fetchone()
            if version not in (0, VERSION):
                raise sqlite3.DatabaseError(f"it was written by another version of the lab ({version})")
            if version == 0:
                for table in TABLES.split(";")[:-1]:
                    self._base.execute(table)
                self._base.execute(f"PRAGMA user_version = {VERSION}")
            self._base.execute("COMMIT")
        except sqlite3.Error as error:
            self._base.close()
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:  # an error of our own has no code
                raise Refused(ELSEWHERE, "Another copy of the lab keeps the rooms at the moment: try again.") from None
            raise
        self._waiting: queue.SimpleQueue[tuple[Callable[[sqlite3.Connection], Any], Future[Any]] | None]
        self._waiting = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="rooms", daemon=True)
        self._writer.start()

    async def do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Has the writer do this, and returns what it returns once that is on the disk. Raises what it raises:
        :class:`Refused`, before it has written anything, or sqlite3.Error, of which nothing is left.
        """
        done: Future[T] = Future()
        self._hand_over(work, done)
        return await asyncio.wrap_future(done)

    def _hand_over(self, work: Callable[[sqlite3.Connection], Any], done: Future[Any]) -> None:
        self._waiting.put((work, done))

    def close(self) -> None:
        """Ends the writer once all that waits is written, and lets go of the file."""
        self._waiting.put(None)
        self._writer.join()
        self._base.close()

    def _write(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, last = [first], False
            while len(batch) < MOST_AT_ONCE and not last:
                try:
                    another = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if another is None:
                    last = True
                else:
                    batch.append(another)
            for _, done in batch:
                done.set_running_or_notify_cancel()  # who stops waiting now has sent an answer all the same
            self._write_all(batch)
            if last:
                return

    def _write_all(self, batch: list[tuple[Callable[[sqlite3.Connection], Any], Future[Any]]]) -> None:
        """Does all this in one transaction; where that fails, each in its own, so that one cannot spoil the others."""
        results: list[tuple[Future[Any], Any]] = []
        try:
            self._base.execute("BEGIN IMMEDIATE")
            for work, done in batch:
                try:
                    results.append((done, work(self._base)))
                except Refused as refusal:
                    results.append((done, refusal))
            self._base.execute("COMMIT")
        except Exception as error:  # noqa: BLE001  (the writer outlives whatever fails)
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            if len(batch) > 1:
                for one in batch:
                    self._write_all([one])
                return
            results = [(batch[0][1], error)]
        for done, result in results:
            if done.cancelled():
                continue
            if isinstance(result, Exception):
                done.set_exception(result)
            else:
                done.set_result(result)
