"""Measures what a hundred visitors lose when one of two copies is killed: `python -m tests.benchmarks.copies`.

They turn knobs to runs of their own behind nginx, as docs/operating.md sets it up; in the middle one copy is killed. A
visitor whose connection breaks loads the page again, as a browser does. Prints Markdown, in two minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from several import several  # noqa: E402
from websockets import WebSocketException  # noqa: E402

from tests.visitor import Visitor, quantile  # noqa: E402
from ulpm_core import RunConfig  # noqa: E402

EVERY: Final = 5.0


async def visit(port: int, number: int, until: float, turns: list[float]) -> int:
    """Turns knobs until the end; how often the page was loaded again."""
    loads, seed = 0, 1 + number * 1000
    while True:
        try:
            async with Visitor(port, f"seed={seed}") as visitor:
                loads += 1
                await visitor.open(RunConfig(seed=seed).digest)
                while time.perf_counter() < until:
                    await asyncio.sleep(random.uniform(0.5, 1.5) * EVERY)
                    seed += 1
                    turns.append(await visitor.turn("seed", "double_value", seed, RunConfig(seed=seed).digest))
                return loads - 1
        except (WebSocketException, OSError):
            await asyncio.sleep(0.5)


async def measure(visitors: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder, several(Path(folder)) as (port, copies):
        turns: list[float] = []
        until = time.perf_counter() + seconds
        visits = [asyncio.create_task(visit(port, number, until, turns)) for number in range(visitors)]
        await asyncio.sleep(seconds / 2)
        before = list(turns)
        await asyncio.to_thread(copies[0].kill)
        turns.clear()
        reloads = await asyncio.gather(*visits)
        print("| visitors | turns before | p95 s | turns after | p95 s | loaded once more | more than once |")
        print("|---:|---:|---:|---:|---:|---:|---:|")
        figures = [f"{len(part):,} | {quantile(part, 0.95):.2f}" for part in (before, turns)]
        print(f"| {visitors} | {' | '.join(figures)} | {reloads.count(1)} | {sum(more > 1 for more in reloads)} |")
        copies[0].start()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--visitors", type=int, default=100)
    options.add_argument("--seconds", type=float, default=80.0)
    given = options.parse_args()
    asyncio.run(measure(given.visitors, given.seconds))
