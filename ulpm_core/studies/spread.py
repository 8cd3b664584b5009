"""Shares the cells of a sweep out over threads, processes or a cluster, by joblib; a lost worker is replaced."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from typing import Any, Final

from ulpm_core.dynamics.engines.cost import cores, predicted_seconds
from ulpm_core.model.config import RunConfig
from ulpm_core.model.refusal import refuse, shown
from ulpm_core.studies.cell import FAILED, Asked, Cell, measured_cells
from ulpm_core.studies.code import code_of_the_core

BATCH_SECONDS: Final = 0.5
"""Cells shorter than this are sent together: what a message costs, some milliseconds, is then below a hundredth."""
BESIDE: Final = 0.005
"""Seconds that a run takes beside its steps: its start, its measurements."""
PROCESSES_FROM: Final = 10.0
"""Seconds of work from which processes are worth the two seconds that they take to start."""
REACHED_WITHIN: Final = 5.0
"""Seconds for a scheduler to answer."""
MOST_LOST: Final = 3
"""Times in a row that workers may be lost before a cell comes back."""


def cell_seconds(config: RunConfig | str, runs: int) -> float:
    """Predicts the seconds that a cell takes on one core; 0 where there is no config."""
    return 0.0 if isinstance(config, str) else runs * (BESIDE + predicted_seconds(config))


def batches(asked: Sequence[Asked], runs: int, workers: int) -> list[list[Asked]]:
    """The cells in batches of about `BATCH_SECONDS` each, and enough of them for every worker."""
    total = sum(cell_seconds(config, runs) for _, config in asked)
    enough = min(BATCH_SECONDS, total / (8 * workers))
    made: list[list[Asked]] = []
    held = float("inf")
    for cell in asked:
        if held >= enough:
            made.append([])
            held = 0.0
        made[-1].append(cell)
        held += cell_seconds(cell[1], runs)
    return made


def spread(asked: Sequence[Asked], runs: int, workers: int | None = None, scheduler: str = "") -> Generator[Cell]:
    """The cells asked for, in the order in which they are done.

    On this machine by `workers` threads or processes, one for each core if None; or by those of the Dask cluster whose
    scheduler has that address, to which configs travel and from which figures come back. Cells whose worker is lost are
    made by another one; where workers are lost `MOST_LOST` times in a row with nothing done, the cells that are left
    fail and say so. Raises :class:`ConfigError` for a cluster that cannot be reached, or that has another version.
    """
    left, lost, careful = dict(asked), 0, False
    with ExitStack() as stack:
        options, workers = _options(stack, asked, runs, workers, scheduler)
        while left:
            work = list(left.items())
            shares = [[cell] for cell in work] if careful else batches(work, runs, workers)
            try:
                for cell in _made(shares, runs, options):
                    left.pop(cell.number, None)
                    lost = 0
                    yield cell
            except Exception as error:  # noqa: BLE001 - joblib and Dask raise errors of their own for a lost worker
                lost, careful = lost + 1, True
                if lost < MOST_LOST:
                    continue
                for number in list(left):
                    yield Cell(number, (FAILED,) * runs, {}, f"its workers were lost ({type(error).__name__})")
                return


def _made(shares: Sequence[list[Asked]], runs: int, options: dict[str, Any]) -> Generator[Cell]:
    from joblib import Parallel, delayed, parallel_config

    with parallel_config(**options):
        made = Parallel(return_as="generator_unordered", batch_size=1)(
            delayed(measured_cells)(share, runs) for share in shares
        )
        try:
            for cells in made:
                yield from cells
        finally:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of cells that are cancelled here, which is what is meant
                made.close()


def _options(
    stack: ExitStack, asked: Sequence[Asked], runs: int, workers: int | None, scheduler: str
) -> tuple[dict[str, Any], int]:
    """What joblib is told, and how many cells are made at once."""
    if scheduler:
        client = stack.enter_context(_cluster(scheduler))
        return {"backend": "dask", "client": client}, max(1, sum(client.nthreads().values()))
    workers = min(workers or cores(), max(1, len(asked)))
    total = sum(cell_seconds(config, runs) for _, config in asked)
    if workers == 1 or total < PROCESSES_FROM:
        return {"backend": "threading", "n_jobs": workers}, workers
    return {"backend": "loky", "n_jobs": workers, "inner_max_num_threads": 1}, workers


def _cluster(address: str) -> Any:
    """A client of the Dask cluster whose scheduler has that address, and whose workers run this very code."""
    from distributed import Client
    from distributed.comm.addressing import get_address_host_port

    try:
        get_address_host_port(address)  # a client of no address at all would be told so only as it is collected
        client = Client(address, timeout=REACHED_WITHIN, set_as_default=False)
    except (OSError, ValueError) as error:
        why = f"cannot be reached ({shown(error)})"
        raise refuse(
            "scheduler", address, why, "the address that `dask scheduler` prints", "tcp://10.0.0.1:8786"
        ) from None
    codes = client.run(code_of_the_core)
    if not codes or set(codes.values()) != {code_of_the_core()}:
        client.close()
        why = "has workers of another version of ulpm_core" if codes else "has no workers"
        raise refuse("scheduler", address, why, "workers that run this one: dask worker ADDRESS")
    return client
