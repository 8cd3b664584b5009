"""Students of a room by requests alone, as their pages ask: for the page, its parts, the tour, films, events."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import re
import time
from contextlib import suppress
from typing import Any, Final, NamedTuple

PART: Final = re.compile(rb'(?:src|href)="\.\./(lab/[^"]+)"')
"""Finds the parts that a student's page fetches at once; the engine of its knobs comes where a scene offers some."""
BLOCK: Final = 1 << 18


class Answered(NamedTuple):
    """An answer of the server: its status, the address that it leads to, and the body as it was sent."""

    status: int
    leads: str
    body: bytes

    @property
    def plain(self) -> bytes:
        """Returns what it says, decompressed where it came compressed."""
        return gzip.decompress(self.body) if self.body[:2] == b"\x1f\x8b" else self.body


async def asked(port: int, method: str, path: str, body: Any = None, secret: str = "") -> Answered:
    """Asks once; a text is sent as Markdown, anything else as JSON."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=BLOCK)
    kind, sent = ("text/markdown", body) if isinstance(body, str) else ("application/json", json.dumps(body))
    sent = "" if body is None else sent
    head = f"{method} {path} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\nAccept-Encoding: gzip\r\n"
    head += f"Authorization: Bearer {secret}\r\n" if secret else ""
    writer.write(f"{head}Content-Type: {kind}\r\nContent-Length: {len(sent.encode())}\r\n\r\n{sent}".encode())
    try:
        begins = (await reader.readuntil(b"\r\n\r\n")).decode()
        parts = []
        while part := await reader.read(BLOCK):
            parts.append(part)
    finally:
        writer.close()
    leads = re.search(r"^location: (\S+)", begins, re.IGNORECASE | re.MULTILINE)
    return Answered(int(begins.split()[1]), leads[1] if leads else "", b"".join(parts))


async def asked_for(port: int, path: str, secret: str = "") -> Any:
    """Returns the JSON at an address."""
    found = await asked(port, "GET", path, secret=secret)
    if found.status != 200:
        raise SystemExit(f"{path} answers {found.status}: {found.body[:200]!r}")
    return json.loads(found.plain)


class Student:
    """A tab: what it has fetched, its stream, and when it heard of which moment and was told which answers."""

    def __init__(self, port: int, code: str, number: int):
        self.port, self.code, self.who = port, code, f"student-{number:04d}-{random.getrandbits(64):x}"
        self.heard: dict[str, float] = {}
        self.bytes = 0
        self.began = asyncio.Event()
        self.tour: Any = None
        self._films: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def join(self) -> float:
        """Opens the page and all that it needs to show its first scene. Returns the seconds until that is there."""
        begun = time.perf_counter()
        page = await asked(self.port, "GET", f"/room/{self.code}")
        self._tasks.add(asyncio.create_task(self._listen()))
        parts = [self._fetch(f"/{part.decode()}") for part in PART.findall(page.plain)]
        await asyncio.gather(self._play(), *parts, self.began.wait())
        return time.perf_counter() - begun

    async def _play(self) -> None:
        led = await asked(self.port, "GET", f"/lab/rooms/{self.code}/tour")
        found = await self._fetch(f"/lab/tour/{led.leads.rpartition('/')[2]}")
        self.tour = json.loads(found.plain)
        await self._show(0)

    async def _show(self, scene: int) -> None:
        film = self.tour["scenes"][scene]["film"]
        wanted = {key for key in (film["digest"], film["pinned"]) if key} - self._films if film else set()
        self._films |= wanted
        await asyncio.gather(*(self._fetch(f"/lab/film/{key}") for key in wanted))

    async def _fetch(self, path: str) -> Answered:
        found = await asked(self.port, "GET", path)
        if found.status != 200:
            raise SystemExit(f"{path} answers a student {found.status}")
        self.bytes += len(found.body)
        return found

    async def _listen(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET /lab/rooms/{self.code}/events?who={self.who} HTTP/1.1\r\nHost: lab\r\n\r\n".encode())
        try:
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    self._hear(json.loads(line[6:]))
        finally:
            writer.close()

    def _hear(self, said: dict[str, Any]) -> None:
        now = time.perf_counter()
        for name in ("scene", "frame", "revealed"):
            if name in said:
                self.heard.setdefault(moment({name: said[name]}), now)
        if self.began.is_set():
            if "scene" in said:
                self._do(self._show(said["scene"]))
            if said.get("revealed"):
                self._do(self._learn())
        if "scene" in said:
            self.began.set()

    async def _learn(self) -> None:
        await asked_for(self.port, f"/lab/rooms/{self.code}/revealed")
        self.heard["told"] = time.perf_counter()

    def _do(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def answer(self, scene: int, question: int, answer: Any) -> float:
        """Answers a question. Returns the seconds until that is acknowledged."""
        begun = time.perf_counter()
        body = {"who": self.who, "scene": scene, "question": question, "answer": answer}
        found = await asked(self.port, "POST", f"/lab/rooms/{self.code}/answers", body)
        if found.status != 204:
            raise SystemExit(f"an answer was not taken: {found.status}")
        return time.perf_counter() - begun

    async def leave(self) -> None:
        """Closes the tab."""
        for task in self._tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)


def moment(move: dict[str, Any]) -> str:
    """Returns the name under which a student remembers what a move says."""
    return json.dumps(move)


class Teacher:
    """Whoever has the secret of a room, and the students in it."""

    def __init__(self, port: int, code: str, secret: str, students: list[Student]):
        self.port, self.code, self.secret, self.students = port, code, secret, students

    async def move(self, **move: Any) -> list[float]:
        """Moves the room. Returns after how many seconds each student has heard of it."""
        begun = time.perf_counter()
        found = await asked(self.port, "POST", f"/lab/rooms/{self.code}/state", move, self.secret)
        if found.status != 200:
            raise SystemExit(f"a move was not made: {found.status} {found.body!r}")
        return await self.until(moment(move), begun)

    async def until(self, name: str, begun: float) -> list[float]:
        """Returns after how many seconds from `begun` each student has heard of something."""
        while any(name not in student.heard for student in self.students):
            await asyncio.sleep(0.01)
        return [student.heard[name] - begun for student in self.students]

    async def results(self) -> Any:
        """Returns what was answered."""
        return await asked_for(self.port, f"/lab/rooms/{self.code}/results", self.secret)


async def opened(port: int, tour: str, many: int) -> Teacher:
    """Opens a room on a tour, for so many students, who have not come yet. Its films are made."""
    found = await asked(port, "POST", "/lab/rooms", {"tour": tour})
    made = json.loads(found.plain)
    await asked(port, "GET", f"/lab/rooms/{made['code']}/tour")
    students = [Student(port, made["code"], number) for number in range(many)]
    return Teacher(port, made["code"], made["secret"], students)


async def all_join(teacher: Teacher, seconds: float) -> list[float]:
    """Lets all students come within so many seconds. Returns how long each waited for the first scene."""

    async def one(student: Student) -> float:
        await asyncio.sleep(random.random() * seconds)
        return await student.join()

    return await asyncio.gather(*map(one, teacher.students))


def chosen(tour: Any) -> tuple[int, int, int]:
    """Returns scene and place of a tour's first question with answers to choose one from, and how many there are."""
    for scene, one in enumerate(tour["scenes"]):
        for place, question in enumerate(one["questions"]):
            if question["kind"] == "choice":
                return scene, place, len(question["options"])
    raise SystemExit("this tour asks nobody to choose")
