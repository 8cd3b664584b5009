"""Measures the memory of the lab's server: `python -m tests.benchmarks.memory`.

Once it has started and compiled what it will need, and after one film of each screen; first with nothing compiled by an
earlier start, then with all of it. Without a browser; prints Markdown, in 8 minutes.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Final

from tests.benchmarks.crowd import Server, serving, settled
from tests.visitor import Visitor

SCREENS: Final = ("playground", "theory", "landscape", "networks")


QUIET_SECONDS: Final = 5.0
"""Seconds after which leftovers have been collected and free memory has gone back to the system."""


async def megabytes(server: Server) -> list[float]:
    """Returns what a server holds after its start, and after a film of each screen, one screen after the other; last
    the most that it has ever held.
    """
    held = [await _held(server)]
    for screen in SCREENS:
        async with Visitor(server.port, screen=screen) as visitor:
            await visitor.open()
            held.append(await _held(server))
    peak = Path(f"/proc/{server.process}/status").read_text().partition("VmHWM:")[2].split()[0]
    return [*held, int(peak) * 1024 / 1e6]


async def _held(server: Server) -> float:
    await settled(server)
    await asyncio.sleep(QUIET_SECONDS)
    return server.memory


def main() -> None:
    print(
        f"| compiled before | after its start | {' | '.join(SCREENS)} | at most |\n|---|{'---:|' * (2 + len(SCREENS))}"
    )
    with tempfile.TemporaryDirectory() as compiled:
        os.environ["NUMBA_CACHE_DIR"] = compiled
        for before in ("nothing", "everything"):
            with serving(["-m", "app", "serve", "--port", "{port}", "--no-browser"], Path(compiled)) as server:
                held = asyncio.run(megabytes(server))
            print(f"| {before} | {' | '.join(f'{one:.0f} MB' for one in held)} |", flush=True)


if __name__ == "__main__":
    main()
