"""The commands that make a figure again, and the link that opens its config in a lab."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from ulpm_core.claims.claim import full
from ulpm_core.claims.words import WORDS
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.model.config import RunConfig
from ulpm_core.model.config_base import Described

UNFINISHED: Final = (Outcome.CANCELLED, Outcome.RUNNING)
"""How a run ends that somebody stopped, or that is still under way."""
ALWAYS_SAID: Final = ("log_time_steps",)
"""Options whose default on the command line depends on others."""


class Commands(NamedTuple):
    """The lines of a shell that make a figure again, and notes on them."""

    lines: tuple[str, ...]
    notes: tuple[str, ...]


def commands_of(
    config: Described | None, name: str, at: Mapping[str, float], ended: Mapping[str, object] | None = None
) -> Commands:
    """Returns the commands of the figure `name` at a moment `at` of a run or a training. `ended` are the parameters
    that end it where it was stopped, None where it went to its end.

    >>> commands_of(RunConfig(steps=100), "gamma", {"step": 7}).lines[1]
    'python -m ulpm_core claim run.npz gamma --step 7'
    """
    if config is None:
        return Commands((), (WORDS["no-command"],))
    is_network = config.KIND == "network"
    out = "net.npz" if is_network else "run.npz"
    notes = [] if ended is None else [WORDS["cut-training" if is_network else "cut"]]
    if digest := getattr(config, "initial_digest", ""):
        notes.append(WORDS["start"].format(digest=digest))
    key = key_of(config, at)
    ask = f"python -m ulpm_core claim {out} {name} {option(key, full(at[key]))}"
    return Commands((making(config, out, ended or {}), ask), tuple(notes))


def making(config: Described, out: str, changes: Mapping[str, object]) -> str:
    """Returns the command that makes the file of a config with some values changed.

    >>> making(RunConfig(classes=3), "run.npz", {"steps": 10})
    'python -m ulpm_core run --classes 3 --steps 10 --out run.npz'
    """
    given = ["--initial-state start.npz"] if getattr(config, "initial_digest", "") else []
    command = "train" if config.KIND == "network" else "run"
    return " ".join([f"python -m ulpm_core {command}", *options_of(config, changes), *given, f"--out {out}"])


def key_of(config: Described | None, at: Mapping[str, float]) -> str:
    """Returns what tells a moment from all others: its log time in a flow, else its step."""
    return "log_time" if getattr(config, "flows", False) and "log_time" in at else "step"


def ended_at(config: RunConfig, at: Mapping[str, float], flowing: bool) -> dict[str, object]:
    """Returns the parameters of a run that ends at this moment, which is in its flow or in its steps.

    >>> ended_at(RunConfig(fast_forward=1e5), {"step": 100, "log_time": 2.5}, flowing=False)
    {'steps': 100, 'fast_forward': 0.0}
    """
    if config.method == "gradient-flow":
        return {"log_time": at["log_time"]}
    return {"fast_forward": at["log_time"]} if flowing else {"steps": at["step"], "fast_forward": 0.0}


def link_of(config: Described) -> str:
    """Returns the part of a link behind the address of a lab that opens this config."""
    keys = urlencode(config.to_link(), safe=",:")
    return ("networks?" if config.KIND == "network" else "?") + keys


def options_of(config: Described, changes: Mapping[str, object]) -> Iterator[str]:
    """Yields the options that ask for a config with some values changed, but for those at their defaults."""
    for name, parameter in config.PARAMETERS.items():
        value: Any = changes.get(name, getattr(config, name))
        sizes = getattr(config, "class_sizes", ()) and name in ("classes", "per_class")
        if (value == parameter.default and name not in ALWAYS_SAID) or sizes:
            continue
        yield option(name, shlex.quote(parameter.write(value)))


def option(name: str, said: str) -> str:
    """Returns an option with its value, which may begin with a minus sign.

    >>> option("log_time", "-2.5"), option("step", "7")
    ('--log-time=-2.5', '--step 7')
    """
    return f"--{name.replace('_', '-')}{'=' if said.startswith('-') else ' '}{said}"
