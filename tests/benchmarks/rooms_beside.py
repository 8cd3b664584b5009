"""Measures what two rooms of a hundred students cost the lab's visitors: `python -m tests.benchmarks.rooms_beside`.

Thirty visitors turn knobs to runs that nobody has seen, without rooms and beside them, in turn within one run: in each
room the teacher moves every two seconds, and every student answers now and then. The students live in a process of
their own, as the visitors do. Prints Markdown, in four minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import tempfile
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from tests.benchmarks.classroom import Teacher, all_join, chosen, opened
from tests.benchmarks.crowd import Load, Server, crowd, own_films, serving, warm_up
from tests.benchmarks.rooms import LAB
from tests.visitor import quantile

ROOMS: Final = 2
MOVE_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 10.0
"""Between two answers of one student, who changes their mind."""


async def teach(teacher: Teacher, arrivals: list[float]) -> None:
    """Moves a room for ever, and keeps how long each student waited for each move."""
    for frame in range(1, 10**6):
        arrivals += await teacher.move(frame=frame)
        await asyncio.sleep(MOVE_SECONDS)


async def answer_on(teacher: Teacher, number: int) -> None:
    """Has a student answer for ever."""
    student = teacher.students[number]
    scene, question, options = chosen(student.tour)
    while True:
        await asyncio.sleep(2 * ANSWER_SECONDS * random.random())
        await student.answer(scene, question, random.randrange(options))


async def classes(port: int, students: int, line: Connection) -> None:
    """Opens the rooms and lets all students come; then teaches whenever the line says so, until it says no more."""
    teachers = [await opened(port, "the-collapse", students) for _ in range(ROOMS)]
    for teacher in teachers:
        await all_join(teacher, 5.0)
    line.send("here")
    while await asyncio.to_thread(line.recv):
        arrivals: list[float] = []
        tasks = [asyncio.create_task(teach(teacher, arrivals)) for teacher in teachers]
        tasks += [asyncio.create_task(answer_on(teacher, n)) for teacher in teachers for n in range(students)]
        await asyncio.to_thread(line.recv)
        failed = [task.exception() for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for teacher in teachers:
            for student in teacher.students:
                student.heard.clear()
        line.send([str(one) for one in failed] or arrivals)
    for teacher in teachers:
        for student in teacher.students:
            await student.leave()


def school(port: int, students: int, line: Connection) -> None:
    """Runs the classes, in a process of their own."""
    with suppress(EOFError):
        asyncio.run(classes(port, students, line))


def measure(server: Server, options: argparse.Namespace) -> None:
    """Prints the table."""
    asyncio.run(warm_up(server, own_films))
    line, theirs = multiprocessing.Pipe()
    pupils = multiprocessing.get_context("spawn").Process(target=school, args=(server.port, options.students, theirs))
    pupils.start()
    line.recv()
    loads: dict[bool, list[Load]] = {False: [], True: []}
    moves: list[float] = []
    for count in range(2 * options.rounds):
        beside = count % 4 in (1, 2)  # neither is always the first
        if beside:
            line.send(True)
        visitors, every = options.visitors, options.every
        loads[beside].append(asyncio.run(crowd(server, "", visitors, options.seconds, every, own_films)))
        if beside:
            line.send(False)
            moves += line.recv()
    line.send(False)
    pupils.join()
    print("| waits for a turned knob | p50 s | p95 s | longest s | turns | errors | the server's cores |")
    print(f"|---|{'---:|' * 6}")
    waits = {beside: [turn for load in found for turn in load.turns] for beside, found in loads.items()}
    for beside, words in ((False, "without rooms"), (True, f"beside {ROOMS} rooms of {options.students}")):
        cells = [f"{quantile(waits[beside], share):.3f}" for share in (0.5, 0.95, 1.0)]
        errors = sum(len(load.errors) for load in loads[beside])
        cores = sum(load.cpu for load in loads[beside]) / sum(load.seconds for load in loads[beside])
        print(f"| {words} | {' | '.join(cells)} | {len(waits[beside])} | {errors} | {cores:.2f} |")
    ratios = [quantile(waits[True], share) / quantile(waits[False], share) for share in (0.5, 0.95, 1.0)]
    print(f"| ratio, at most 1.2 | {' | '.join(f'{ratio:.2f}' for ratio in ratios)} | | | |")
    print(f"\nA teacher's move was there after {quantile(moves, 0.5):.3f} s (median), {max(moves):.3f} s at most.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--students", type=int, default=100, help="of each of the two rooms")
    parser.add_argument("--seconds", type=float, default=15.0, help="how long visitors turn knobs in each round")
    parser.add_argument("--every", type=float, default=5.0, help="seconds from one turn of a visitor to the next")
    parser.add_argument("--rounds", type=int, default=6, help="rounds without rooms, and as many beside them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["COLLAPSE_LAB_CACHE"] = folder  # the rooms of a benchmark are nobody's
        print(f"The machine's load at the beginning: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n")
        with serving(LAB, Path(folder)) as server:
            measure(server, options)


if __name__ == "__main__":
    main()
