"""Measures a room of five hundred students by requests alone: `python -m tests.benchmarks.rooms`.

All listen to the room's events; the teacher moves it, everybody answers within a second, and the teacher looks at the
results. The students live in one process beside the server, which takes its share of the cores. Prints Markdown, in 20
seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.crowd import Server, serving, settled
from tests.visitor import quantile

DOCUMENT: Final = """---
title: A class
minutes: 12
---
# Three clusters
```film
classes=3&dimension=2&steps=60&seed=7
```
```question
Where will the three class means end up?
- on a line
* at 120°
Because three equal repulsions around the origin balance only there.
```
"""
COLUMNS: Final = (
    "students", "a move p50 s", "p95 s", "last s", "an answer p95 s", "counted", "answers in results s",
    "cores in quiet", "cores at moves", "cores at answers", "MB more",
)  # fmt: skip


class Student:
    """A tab: its stream, and when it heard of which frame."""

    def __init__(self, port: int, code: str, number: int):
        self.port, self.code, self.who = port, code, f"student-{number:04d}-{random.getrandbits(64):x}"
        self.heard: dict[int, float] = {}
        self.began = asyncio.Event()

    async def listen(self) -> None:
        """Listens for as long as the stream goes on."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET /lab/rooms/{self.code}/events?who={self.who} HTTP/1.1\r\nHost: lab\r\n\r\n".encode())
        try:
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    frame = json.loads(line[6:]).get("frame")
                    if isinstance(frame, int):
                        self.heard[frame] = time.perf_counter()
                    self.began.set()
        finally:
            writer.close()

    async def answer(self, choice: int) -> float:
        """Answers the first question. Returns the seconds until that is acknowledged."""
        begun = time.perf_counter()
        body = {"who": self.who, "scene": 0, "question": 0, "answer": choice}
        status, _ = await ask(self.port, "POST", f"/lab/rooms/{self.code}/answers", body)
        if status != 204:
            raise SystemExit(f"an answer was not taken: {status}")
        return time.perf_counter() - begun


async def ask(port: int, method: str, path: str, body: Any = None, secret: str = "") -> tuple[int, bytes]:
    """Returns status and body of one request; a text is sent as Markdown."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    kind, sent = ("text/markdown", body) if isinstance(body, str) else ("application/json", json.dumps(body))
    head = f"{method} {path} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\nAuthorization: Bearer {secret}\r\n"
    writer.write(f"{head}Content-Type: {kind}\r\nContent-Length: {len(sent.encode())}\r\n\r\n{sent}".encode())
    head, _, answer = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), answer


async def cores(server: Server, seconds: float, during: Callable[[], Any]) -> float:
    """Returns how many cores the server uses in the time that this takes, which is so many seconds at least."""
    used, begun = server.cpu, time.perf_counter()
    await during()
    await asyncio.sleep(max(seconds - (time.perf_counter() - begun), 0.0))
    return (server.cpu - used) / (time.perf_counter() - begun)


async def lesson(server: Server, many: int, moves: int) -> str:
    """Returns a line of the table for a room of so many students."""
    await settled(server)
    memory = server.memory
    made = json.loads((await ask(server.port, "POST", "/lab/rooms", DOCUMENT))[1])
    code, secret = made["code"], made["secret"]
    students = [Student(server.port, code, number) for number in range(many)]
    listening = [asyncio.create_task(student.listen()) for student in students]
    await asyncio.gather(*(student.began.wait() for student in students))
    quiet = await cores(server, 2.0, lambda: asyncio.sleep(0))
    arrivals: list[float] = []

    async def teach() -> None:
        for frame in range(1, moves + 1):
            begun = time.perf_counter()
            await ask(server.port, "POST", f"/lab/rooms/{code}/state", {"frame": frame}, secret)
            while any(frame not in student.heard for student in students):
                await asyncio.sleep(0.05)
            arrivals.extend(student.heard[frame] - begun for student in students)
            await asyncio.sleep(max(1.0 - (time.perf_counter() - begun), 0.0))

    moving = await cores(server, moves, teach)
    choices = [number % 2 for number in range(many)]
    answers: list[float] = []

    async def everybody() -> None:
        async def one(student: Student, choice: int) -> None:
            await asyncio.sleep(random.random())
            answers.append(await student.answer(choice))

        await asyncio.gather(*map(one, students, choices))

    answering = await cores(server, 1.0, everybody)
    begun = time.perf_counter()
    found = json.loads((await ask(server.port, "GET", f"/lab/rooms/{code}/results", secret=secret))[1])
    looked = time.perf_counter() - begun
    counts = found["scenes"][0]["questions"][0]["counts"]
    counted = "exactly" if counts == [choices.count(0), choices.count(1)] else f"WRONG: {counts}"
    more = server.memory - memory
    for task in listening:
        task.cancel()
    times = [quantile(arrivals, share) for share in (0.5, 0.95, 1.0)] + [quantile(answers, 0.95)]
    cells = [str(many), *(f"{seconds:.3f}" for seconds in times), counted, f"{looked:.3f}"]
    return f"| {' | '.join([*cells, *(f'{share:.2f}' for share in (quiet, moving, answering)), f'{more:.0f}'])} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=500)
    parser.add_argument("--moves", type=int, default=5)
    options = parser.parse_args()
    lab = ["-m", "app", "serve", "--port", "{port}", "--no-browser"]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["COLLAPSE_LAB_CACHE"] = folder  # the rooms of a benchmark are nobody's
        with serving(lab, Path(folder)) as server:
            print(f"| {' | '.join(COLUMNS)} |\n|{'---:|' * len(COLUMNS)}")
            print(asyncio.run(lesson(server, options.students, options.moves)))


if __name__ == "__main__":
    main()
