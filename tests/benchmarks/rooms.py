"""Measures a room of five hundred students by requests alone: `python -m tests.benchmarks.rooms`.

Students come within half a minute and fetch what their pages fetch; the teacher moves film and scenes, everybody
answers within a second, she reveals, and looks at the results. The students live in one process beside the server,
which takes its share of the cores. Prints Markdown, in two minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.classroom import Teacher, all_join, asked, chosen, opened
from tests.benchmarks.crowd import Server, serving, settled
from tests.visitor import quantile

FRAMES: Final = 5
SCENES: Final = 3
SCENE_SECONDS: Final = 4.0
"""No class is shown scenes faster, and each has a film for phones to fetch."""
LAB: Final = ["-m", "app", "serve", "--port", "{port}", "--no-browser"]


class Watch:
    """How many cores a server uses in each part of a lesson, and how much memory at most."""

    def __init__(self, server: Server):
        self.server, self.before, self.most = server, server.memory, 0.0
        self.cores: dict[str, float] = {}

    async def during(self, name: str, seconds: float, act: Callable[[], Any]) -> Any:
        """Does this, and waits until so many seconds have passed at least. Returns what it returns."""
        used, begun = self.server.cpu, time.perf_counter()
        acting = asyncio.ensure_future(act())
        while not acting.done() or time.perf_counter() - begun < seconds:
            self.most = max(self.most, self.server.memory)
            await asyncio.sleep(0.1)
        self.cores[name] = (self.server.cpu - used) / (time.perf_counter() - begun)
        return acting.result()


async def frames(teacher: Teacher) -> list[float]:
    """Moves the film a few times, once a second. Returns how long each student waited for each move."""
    arrivals = []
    for frame in range(1, FRAMES + 1):
        begun = time.perf_counter()
        arrivals += await teacher.move(frame=frame)
        await asyncio.sleep(max(1.0 - (time.perf_counter() - begun), 0.0))
    return arrivals


async def scenes(teacher: Teacher) -> list[float]:
    """Goes to the next scenes. Returns how long each student waited for each move; their phones then fetch films."""
    arrivals = []
    for scene in range(1, SCENES + 1):
        begun = time.perf_counter()
        arrivals += await teacher.move(scene=scene)
        await asyncio.sleep(max(SCENE_SECONDS - (time.perf_counter() - begun), 0.0))
    return arrivals


async def answers(teacher: Teacher, scene: int, question: int, choices: list[int]) -> list[float]:
    """Has everybody answer within a second. Returns the seconds until each answer is acknowledged."""

    async def one(student: Any, choice: int) -> float:
        await asyncio.sleep(random.random())
        return await student.answer(scene, question, choice)

    return await asyncio.gather(*map(one, teacher.students, choices))


async def reveal(teacher: Teacher, scene: int, question: int) -> tuple[list[float], list[float]]:
    """Reveals an answer. Returns how long each student waited for the move, and for what is right."""
    begun = time.perf_counter()
    heard = await teacher.move(revealed=[[scene, question]])
    return heard, await teacher.until("told", begun)


def row(words: str, values: list[float], target: str = "") -> None:
    print(f"| {words} | {' | '.join(f'{quantile(values, share):.3f}' for share in (0.5, 0.95, 1.0))} | {target} |")


async def lesson(server: Server, tour: str, many: int, joining: float) -> None:
    """Prints how a room of so many students does, in a lesson."""
    await asked(server.port, "GET", "/room")
    await settled(server)
    watch = Watch(server)
    teacher = await opened(server.port, tour, many)
    first = await watch.during("joining", joining, lambda: all_join(teacher, joining))
    scene, question, options = chosen(teacher.students[0].tour)
    choices = [number % options for number in range(many)]
    await watch.during("quiet", 2.0, lambda: asyncio.sleep(0))
    if scene:
        await teacher.move(scene=scene)
    moves = await watch.during("moves", FRAMES, lambda: frames(teacher))
    given = await watch.during("answers", 1.0, lambda: answers(teacher, scene, question, choices))
    begun = time.perf_counter()
    counts = (await teacher.results())["scenes"][scene]["questions"][question]["counts"]
    looked = time.perf_counter() - begun
    heard, told = await watch.during("reveal", 1.0, lambda: reveal(teacher, scene, question))
    moves += heard + await watch.during("scenes", SCENES * SCENE_SECONDS, lambda: scenes(teacher))
    right = counts == [choices.count(one) for one in range(options)]
    mebibytes = sum(student.bytes for student in teacher.students) / 2**20
    for student in teacher.students:
        await student.leave()
    print(f"| {many} students | p50 s | p95 s | last s | target |\n|---|---:|---:|---:|---|")
    row("a teacher's move is there", moves, "last below 1")
    row("what is right is there, once revealed", told)
    row(f"an answer is acknowledged, all within a second; counted {'exactly' if right else f'WRONG: {counts}'}", given)
    row(f"a phone shows the first scene, all come within {joining:.0f} s", first)
    used = ", ".join(f"{name} {share:.2f}" for name, share in watch.cores.items())
    print(f"\nThe server's cores: {used}. Its memory: {watch.most - watch.before:.0f} MB more at most. ", end="")
    print(f"The results: {looked:.3f} s. All phones fetched {mebibytes:,.0f} MiB.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=500)
    parser.add_argument("--joining", type=float, default=30.0, help="seconds within which all come")
    parser.add_argument("--tour", default="the-collapse")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["COLLAPSE_LAB_CACHE"] = folder  # the rooms of a benchmark are nobody's
        print(f"The machine's load at the beginning: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n")
        with serving(LAB, Path(folder)) as server:
            asyncio.run(lesson(server, options.tour, options.students, options.joining))


if __name__ == "__main__":
    main()
