"""The lines of a shell that make a figure again: its runs, each from its config, and then the figure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from app.paper.shows import USUAL
from ulpm_core import RunConfig
from ulpm_core.claims.command import UNFINISHED, ended_at, making, options_of
from ulpm_core.claims.words import WORDS
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.studies.study import Study

LETTERS: Final = "abcd"
"""The names of the files of films side by side, which have these letters on the stage too."""


def figure_line(files: Sequence[str], show: str, choices: Mapping[str, str | None], names: Sequence[str] = ()) -> str:
    """Returns the line that makes a figure of files, with the choices that are not the usual ones.

    >>> figure_line(["run.npz"], "stage", {"at": "step=3", "view": ""})
    'python -m app figure run.npz --show stage --at step=3'
    """
    words = ["python", "-m", "app", "figure", *files, "--show", show]
    for name, usual in USUAL.items():
        if (given := choices.get(name)) not in (None, usual):
            words += [f"--{name}", str(given)]
    return shlex.join([*words, "--names", *names] if names else words)


def lines_of_films(
    show: str, headers: Sequence[Mapping[str, Any]], names: Sequence[str], choices: Mapping[str, str | None]
) -> str:
    """Returns the lines that make a figure of films, whose `headers` say of what; of features, which only who brought
    them has, that of the figure alone.
    """
    files: list[str] = []
    lines: list[str] = []
    for letter, header in zip(LETTERS, headers, strict=False):
        stem = "features" if header["config"] is None else "net" if _is_network(header) else "run"
        files.append(f"{letter if len(headers) > 1 else stem}.npz")
        lines += _making(header, files[-1])
    return "\n".join([*lines, figure_line(files, show, choices, names if len(files) > 1 else ())])


def lines_of_run(show: str, config: RunConfig, choices: Mapping[str, str | None]) -> str:
    """Returns the lines that make a figure of a run, from its start to its end."""
    return "\n".join([*_own_start(config), making(config, "run.npz", {}), figure_line(["run.npz"], show, choices)])


def lines_of_sweep(study: Study) -> str:
    """Returns the lines that make the picture of a sweep; empty where several parameters move along one of its axes,
    for which the command line has no words.

    >>> from ulpm_core.studies.axes import parse_axis
    >>> print(lines_of_sweep(Study(RunConfig(steps=10), (parse_axis("classes=3,4"),), runs=2)))
    python -m ulpm_core sweep --steps 10 --grid classes=3,4 --runs 2 --out sweep.npz
    python -m app figure sweep.npz --show phases
    """
    grids = [axis.grid for axis in study.axes]
    if not all(grids):
        return ""
    words = ["python -m ulpm_core sweep", *options_of(study.config, {}), *(f"--grid {grid}" for grid in grids)]
    words += [f"--runs {study.runs}"] if study.runs > 1 else []
    return "\n".join([" ".join([*words, "--out sweep.npz"]), figure_line(["sweep.npz"], "phases", {})])


def _making(header: Mapping[str, Any], out: str) -> Iterator[str]:
    """Yields the line that makes what a film shows, under what is to be known of it: of a run that was stopped the line
    ends it there.
    """
    if header["config"] is None:
        return
    said = {name: value for name, value in header["config"].items() if name != "kind"}
    is_cut, clock = header["outcome"] in UNFINISHED, header["clock"]
    if _is_network(header):
        yield from (f"# {WORDS['cut-training']}" for _ in range(is_cut))
        yield making(NetworkConfig.from_mapping(said), out, {})
        return
    config, ended = RunConfig.from_mapping(said), {}
    yield from _own_start(config)
    if is_cut and clock["step"][-1] > 0:
        yield f"# {WORDS['cut']}"
        flowing = header["flow_from"] is not None and header["flow_from"] < header["frames"]
        ended = ended_at(config, {"step": clock["step"][-1], "log_time": clock["log_time"][-1]}, flowing)
    yield making(config, out, ended)


def _own_start(config: RunConfig) -> Iterator[str]:
    if config.initial_digest:
        yield f"# {WORDS['start'].format(digest=config.initial_digest)}"


def _is_network(header: Mapping[str, Any]) -> bool:
    return header.get("kind") == "network"
