"""Measures a hundred visitors at once, by Streamlit's messages alone, without a browser: `python -m
tests.benchmarks.crowd`.

Every visitor turns a knob each few seconds; a turn ends when the page is drawn and the bytes of its film are there.
Before it, in the same run: one visitor alone, and as many visitors of a bare page with one slider and one chart.
The visitors live in one process, which takes its share of the cores from the server. Prints Markdown, in 5 minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from websockets import WebSocketException

from tests.visitor import Visitor, quantile
from ulpm_core import RunConfig

ROOT: Final = Path(__file__).parents[2]
BARE_PAGE: Final = """
import numpy as np, plotly.graph_objects as go, streamlit as st
x = np.linspace(0, 10, 500)
y = np.sin(st.slider("Frequency", 1, 100, key="knob") * x)
st.plotly_chart(go.Figure(go.Scatter(x=x, y=y)))
"""
COLUMNS: Final = (
    "", "turns/s", "p50 s", "p95 s", "p95, times alone", "p95, times bare", "errors", "CPU ms a turn", "MB",
    "MB a visitor",
)  # fmt: skip
UNKNOWN: Final = "–"
ALONE_EVERY: Final = 1.0
TICKS: Final = os.sysconf("SC_CLK_TCK")


class Turn(NamedTuple):
    """The turn of a knob: its key, the kind and the value that it is turned to, and the digest of the run that then
    shows.
    """

    knob: str
    kind: str
    value: float
    digest: str = ""


def one_link(visitor: int, turn: int) -> Turn:
    """Returns a turn of a class with one link: everybody turns through the same ten runs."""
    return own_films(0, turn % 10)


def own_films(visitor: int, turn: int) -> Turn:
    """Returns a turn to a run that nobody has asked for before."""
    seed = 1 + visitor * 1000 + turn
    return Turn("seed", "double_value", seed, RunConfig(seed=seed).digest)


def bare(visitor: int, turn: int) -> Turn:
    """Returns a turn of the slider of the bare page."""
    return Turn("knob", "double_array_value", 2 + (visitor + turn) % 98)


@dataclass
class Load:
    """The turns of one crowd of so many visitors, whose server held `begun` MB before it came."""

    name: str
    visitors: int
    begun: float
    seconds: float = 0.0
    turns: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    cpu: float = 0.0
    memory: float = 0.0

    @property
    def late(self) -> float:
        """Seconds of the turn that only one in twenty exceeds; infinite where no turn came to its end."""
        return quantile(self.turns, 0.95) if self.turns else math.inf

    def row(self, alone: Load, bare: Load | None) -> str:
        """Returns a line of the table: against one visitor, and where that was measured against as many of the bare
        page.
        """
        turned = len(self.turns)
        cells = [self.name, f"{turned / self.seconds:.1f}"]
        cells += [f"{quantile(self.turns, share):.2f}" if turned else UNKNOWN for share in (0.5, 0.95)]
        cells += [f"{self.late / other.late:.1f}" if other and turned else UNKNOWN for other in (alone, bare)]
        cells += [str(len(self.errors)), f"{1000 * self.cpu / turned:.0f}" if turned else UNKNOWN]
        cells += [f"{self.memory:.0f}", f"{(self.memory - self.begun) / self.visitors:.1f}"]
        return f"| {' | '.join(cells)} |"


class Server(NamedTuple):
    """A server under load: its port and its process."""

    port: int
    process: int

    @property
    def cpu(self) -> float:
        """Returns the seconds of all cores that it has used so far."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def has_children(self) -> bool:
        """Returns whether a process works for it: one that compiles, or trains."""
        return any(path.read_text() for path in Path(f"/proc/{self.process}/task").glob("*/children"))

    @property
    def memory(self) -> float:
        """Returns the MB of memory that it holds."""
        pages = int(Path(f"/proc/{self.process}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def serving(line: list[str], folder: Path) -> Iterator[Server]:
    """Yields a server on a free port, which its command gets as `{port}`. Where it has a child process, that is the one
    under load.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = subprocess.Popen(
        [sys.executable, *(part.format(port=port) for part in line)], cwd=folder, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while True:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5):
                break
            if started.poll() is not None:
                raise SystemExit(f"{line} ended with {started.returncode}")
            time.sleep(0.2)
        children = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()
        yield Server(port, int(children[0]) if children else started.pid)
    finally:
        started.terminate()
        started.wait(60)


async def warm_up(server: Server, turn_of: Callable[[int, int], Turn]) -> None:
    """Turns a knob a few times, and waits until the server has compiled what it will need."""
    async with Visitor(server.port) as visitor:
        await visitor.open()
        for count in range(5):
            await visitor.turn(*turn_of(0, count))
    await settled(server)


async def settled(server: Server) -> None:
    """Waits until the server has nothing more to do by itself: for a second it takes no fifth of a core, and no process
    works for it.
    """
    used = -1.0
    while server.cpu - used > 0.2 or server.has_children:
        used = server.cpu
        await asyncio.sleep(1.0)


async def crowd(
    server: Server, name: str, visitors: int, seconds: float, every: float, turn_of: Callable[[int, int], Turn]
) -> Load:
    """Has so many visitors turn a knob every so often, and returns what became of their turns."""
    load, go, first = Load(name, visitors, server.memory), asyncio.Event(), random.randrange(2000) * 1000
    opening = asyncio.Semaphore(4)

    async def visit(number: int) -> None:
        async with Visitor(server.port) as visitor:
            async with opening:
                await visitor.open()
            opened.append(number)
            await go.wait()
            begun = time.perf_counter()
            due = begun + every * random.random()
            for count in range(10**6):
                due = max(due, time.perf_counter())
                if due >= begun + seconds:
                    return
                await asyncio.sleep(due - time.perf_counter())
                turn = turn_of(first + number, count)
                load.turns.append(await visitor.turn(*turn))
                due += every

    async def told(number: int) -> None:
        try:
            await visit(number)
        except (OSError, EOFError, AssertionError, TimeoutError, WebSocketException) as error:
            opened.append(number)
            load.errors.append(f"{type(error).__name__}: {error}")

    opened: list[int] = []
    tasks = [asyncio.create_task(told(number)) for number in range(visitors)]
    while len(opened) < visitors:
        await asyncio.sleep(0.1)
    cpu, begun = server.cpu, time.perf_counter()
    go.set()
    await asyncio.gather(*tasks)
    load.seconds, load.cpu, load.memory = time.perf_counter() - begun, server.cpu - cpu, server.memory
    return load


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=45.0, help="how long each crowd turns knobs")
    parser.add_argument("--every", type=float, default=5.0, help="seconds from one turn of a visitor to the next")
    parser.add_argument("--only", default="", help="the crowds whose names hold this")
    options = parser.parse_args()
    lab = ["-m", "app", "serve", "--port", "{port}", "--no-browser"]
    print(f"| {' | '.join(COLUMNS)} |\n|---|{'---:|' * (len(COLUMNS) - 1)}")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "bare.py"
        page.write_text(BARE_PAGE)
        plain = ["-m", "streamlit", "run", str(page), "--server.port={port}", "--server.headless=true"]
        bares: list[Load | None] = [None, None]
        for line, loads in (
            (plain, {"a bare page": bare}),
            (lab, {"the lab, one link": one_link, "the lab, films of their own": own_films}),
        ):
            loads = {name: turn for name, turn in loads.items() if options.only in name}
            if not loads:
                continue
            with serving(line, Path(folder)) as server:
                asyncio.run(warm_up(server, next(iter(loads.values()))))
                for name, turn in loads.items():
                    alone = asyncio.run(crowd(server, f"{name}, alone", 1, options.seconds / 3, ALONE_EVERY, turn))
                    many = asyncio.run(crowd(server, name, options.visitors, options.seconds, options.every, turn))
                    bares = [alone, many] if turn is bare else bares
                    for load, plainly in zip((alone, many), bares, strict=True):
                        print(load.row(alone, plainly), flush=True)
                        for error in sorted(set(load.errors)):
                            print(f"  {load.errors.count(error)} x {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
