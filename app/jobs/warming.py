"""Compiles what all runs of a page need before a visitor asks for it, in a process beside the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
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
COMPILERS: Final = 20
"""Most processes that compile, one after the other."""
COMPILING_SECONDS: Final = 40.0
"""Seconds of a processor after which one process makes room for the next: it holds what it has compiled, some 5 MB for
each second, and the next one finds it on disk.
"""
MORE: Final = 64
"""The exit code of a process that has not compiled everything."""
NICE: Final = 19
"""The most polite there is: minutes of compiling may take whatever time nobody else needs."""
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


def one_of_each() -> Iterator[RunConfig]:
    """Yields a short run of every kind that a page can ask for and that has compiled code of its own: each loss alone,
    with decay, in the gradient and beside it, within bounds, and at one length, by each rule for steps and as a flow.
    """
    for loss in LOSSES:
        for method, changes in product(RULES, RULES_BESIDE):
            yield RunConfig(loss=loss, method=method, steps=3, **changes)
        for changes in FLOWS_BESIDE:
            yield RunConfig(loss=loss, method="gradient-flow", log_time=100.0, **changes)


def warm_rules() -> None:
    """Loads and compiles what these runs need."""
    for run in one_of_each():
        simulate(run, metrics=False)


def warm_rules_politely() -> None:
    """Has processes of their own compile what :func:`warm_rules` needs, and loads it. A compiler in this process would
    hold Python's lock for minutes, and every turned knob would wait for it.

    Where compiled code can be kept nowhere, no other process can compile for this one.
    """
    for _ in range(COMPILERS if can_keep() else 0):
        with subprocess.Popen(COMPILER, cwd=ROOT, stdin=subprocess.PIPE) as process:
            if process.wait() != MORE:
                break
    warm_rules()


def compile_for_the_server() -> None:
    """Compiles in a process that :func:`warm_rules_politely` starts; it ends when its input does, with its server."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the server
    threading.Thread(target=_leave_with_the_server, daemon=True).start()
    for run in one_of_each():
        simulate(run, metrics=False)
        if time.process_time() > COMPILING_SECONDS:
            sys.exit(MORE)


def _leave_with_the_server() -> None:
    os.read(sys.stdin.fileno(), 1)  # and not through the stream, which must not be held as the process ends
    os._exit(0)  # what is compiled so far is kept: each file is whole or not there
