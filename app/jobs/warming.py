"""Compiles what all runs of a page need before a visitor asks for it, in processes beside the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final

from ulpm_core import RunConfig, simulate
from ulpm_core.dynamics.jit import can_keep
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.rules.known import RULES

ROOT: Final = Path(__file__).parents[2]
COMPILER: Final = (sys.executable, "-c", "from app.jobs.warming import compile_for_the_server as go; go()")
"""The command that starts a process, before the method that it compiles."""
NICE: Final = 19
"""The most polite there is: minutes of compiling may take whatever time nobody else needs."""
FLOW: Final = "gradient-flow"
RULES_BESIDE: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"weight_decay": 0.01},
    {"weight_decay": 0.01, "decay": "decoupled"},
    {"norm_bound_w": 1.0},
    {"feature_norm": 2.0},
)
"""The changes of a config that ask for compiled code of another kind each: a run is warmed up with every one."""
FLOWS_BESIDE: Final = RULES_BESIDE[:2]
"""Those that a flow follows; of decoupled decay it makes no other code."""


def one_of_each(method: str) -> Iterator[RunConfig]:
    """Yields a short run by this method of every kind that a page can ask for and that has compiled code of its own:
    each loss alone, with decay, in the gradient and beside it, within bounds, and at one length.
    """
    for loss, changes in product(LOSSES, FLOWS_BESIDE if method == FLOW else RULES_BESIDE):
        yield RunConfig(loss=loss, method=method, steps=3, log_time=100.0, **changes)


def compile_all() -> None:
    """Has all of it compiled and kept, for a run to load when it needs it: a twentieth of a second, and 5 MB.

    A process of its own compiles each method, one after the other. A compiler in this process would hold Python's lock
    for minutes, and every turned knob would wait for it; and it would hold a gigabyte for ever. Where compiled code can
    be kept nowhere, nobody can compile for another, and a visitor who asks for another rule waits some seconds.
    """
    for method in (*RULES, FLOW) if can_keep() else ():
        with subprocess.Popen((*COMPILER, method), cwd=ROOT, stdin=subprocess.PIPE) as process:
            process.wait()


def compile_for_the_server() -> None:
    """Compiles a method in a process that :func:`compile_all` starts; it ends when its input does, with its server."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the server
    threading.Thread(target=_leave_with_the_server, daemon=True).start()
    for run in one_of_each(sys.argv[1]):
        simulate(run, metrics=False)


def _leave_with_the_server() -> None:
    os.read(sys.stdin.fileno(), 1)  # and not through the stream, which must not be held as the process ends
    os._exit(0)  # what is compiled so far is kept: each file is whole or not there
