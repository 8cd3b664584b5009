"""`python -m ulpm_core sweep`: from its options to its table, its JSON line and its exit code."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ulpm_core import RunConfig
from ulpm_core.analysis.ensemble import QUANTILES
from ulpm_core.dynamics.engines.cost import processes
from ulpm_core.extras import refuse_without
from ulpm_core.files.sweep import TABLES, save_table, table_path
from ulpm_core.model.idle import idle_fields
from ulpm_core.model.parameter import Parameter
from ulpm_core.model.refusal import refuse, unfit
from ulpm_core.model.unused import passed_words, refuse_idle_fast_forward
from ulpm_core.run_options import read_config, warn_of_unused_options, warn_unused
from ulpm_core.studies.axes import EXAMPLE, SAMPLE_EXAMPLE, Axis, drawn, parse_axis
from ulpm_core.studies.idle import deciding_cells, has_part_somewhere
from ulpm_core.studies.study import MOST_RUNS, Study
from ulpm_core.studies.sweep import Sweep
from ulpm_core.sweep import sweep
from ulpm_core.terminal import STOPPED_EARLY, Parser, Watch, say, unwritable, writable

RUNS: Final = Parameter(
    "runs", "Runs", "How many runs each cell has; their seeds are seed, seed + 1, and so on.", 1, low=1, high=MOST_RUNS
)
SAMPLES: Final = Parameter(
    "samples", "Samples", "How many draws there are of what --sample names.", 100, low=1, high=100_000
)
SAMPLE_SEED: Final = Parameter("sample_seed", "Seed of the draws", "Picks the draws.", 0, low=0, high=2**32 - 1)
WORKERS: Final = Parameter(
    "workers",
    "Workers",
    "How many cells are made at once on this machine, if not one on each core.",
    0,
    low=0,
    high=4096,
)
NUMBERS: Final = (RUNS, SAMPLES, SAMPLE_SEED, WORKERS)
REACHING: Final = frozenset({"method", "learning_rate", "steps", "momentum", "fast_forward"})
"""The parameters on which it depends how far in time the steps of a run reach, and how far they are to."""
MOST_TROUBLES: Final = 5
"""Cells that failed of which the line says why; it counts the rest."""


def add_options(command: Parser) -> None:
    """Adds the options that a sweep has beside the parameters of its runs."""
    words = "an axis: a parameter and its values, a,b,c or low:high:linear|log:count; more than one makes a grid"
    command.argument("--grid", "an axis", EXAMPLE, metavar="AXIS", action="append", default=[], help=words)
    words = "a parameter that is drawn at random, low:high:linear|log or a,b,c, together with the others of --sample"
    command.argument("--sample", "a range", SAMPLE_EXAMPLE, metavar="RANGE", action="append", default=[], help=words)
    for number in NUMBERS:
        option = "--" + number.name.replace("_", "-")
        words = f"{number.help} {number.allowed()}; default {'the cores' if number is WORKERS else number.default}"
        command.argument(option, number.allowed(), number.example(), metavar="INT", help=words)
    words = "the scheduler of a Dask cluster whose workers make the cells"
    command.argument("--scheduler", "an address", "tcp://10.0.0.1:8786", metavar="ADDRESS", help=words)
    words = "JSON file with parameters; options given beside it win"
    command.argument("--config", "the path of a file", "run.json", metavar="FILE", help=words)
    words = f"a line for each run, too, as {' or '.join(TABLES)}"
    command.argument("--table", "the path of a file", "sweep.csv", metavar="FILE", help=words)
    words = "sweep.npz to write; the same command again goes on where it was cut off"
    command.argument("--out", "the path of a file", "sweep.npz", metavar="FILE", required=True, help=words)


def sweep_command(options: argparse.Namespace) -> int:
    """Makes the sweep that the options ask for. Raises :class:`ConfigError` for what cannot be one."""
    if processes() > 1:
        raise unfit("runs", "a sweep is one process, which starts its workers itself", "start it without torchrun")
    numbers = {each.name: _number(each, getattr(options, each.name)) for each in NUMBERS}
    axes = _axes(options, numbers)
    for each in axes:
        for name in each.parameters:
            if getattr(options, name) is not None:
                raise refuse(name, getattr(options, name), "stands on an axis too", "one of the two", do="give")
    config, given = read_config(options, None)
    study = Study(config, axes, numbers["runs"])
    _name_unused(given, study)
    if options.fast_forward is not None and not REACHING & {name for axis in axes for name in axis.parameters}:
        refuse_idle_fast_forward(config, options.fast_forward)
    if options.table is not None and table_path(options.table).suffix == ".parquet":
        refuse_without("tables", "table")
    with Watch() as watch:
        table = None if options.table is None else writable(str(table_path(options.table)), "sweep.csv", options.config)
        out = writable(options.out, "sweep.npz", options.config, options.table)
        begun = time.perf_counter()
        workers, address = numbers["workers"] or None, options.scheduler or ""
        try:
            found = sweep(config, axes, study.runs, workers=workers, scheduler=address, out=out, progress=watch)
            if table is not None:
                save_table(found, table)
        except OSError as error:
            raise unwritable(out, error, "sweep.npz") from None
        seconds = time.perf_counter() - begun
    warn_unused(passed_words(_passed(found), study.cells * study.runs))
    figures: dict[str, Any] = {"digest": study.digest, "cells": study.cells, "runs": study.runs, "seconds": seconds}
    figures |= {"outcomes": found.outcomes, "failed_cells": len(found.troubles)}
    few = list(found.troubles.items())[:MOST_TROUBLES]
    figures["troubles"] = [{"cell": study.settings(number), "why": why} for number, why in few]
    for name, values in found.figures.items():
        finite = values[np.isfinite(values)]
        figures[name] = {f"{q:g}": float(np.quantile(finite, q)) if finite.size else None for q in QUANTILES}
    say(figures)
    return 0 if found.whole and len(found.troubles) < study.cells else STOPPED_EARLY


def _passed(found: Sweep) -> int:
    """How many runs have a fast-forward that their steps had passed when they ended."""
    study = found.study
    ends = found.figures.get("log_time", np.empty(0)).reshape(-1, study.runs)
    if not any("fast_forward" in axis.parameters for axis in study.axes) and not study.config.fast_forward:
        return 0
    runs = ((run, ends[cell]) for cell in range(len(ends)) if isinstance(run := study.asked(cell), RunConfig))
    return sum(int((end > run.fast_forward).sum()) for run, end in runs if run.fast_forward > 0.0)


def _name_unused(typed: Mapping[str, Any], study: Study) -> None:
    """Warns of options that have no part in any cell. Raises :class:`ConfigError` for those that have one in some cells
    and none in the config that all cells change: it has let go of their values.
    """
    used = {name for name in typed if has_part_somewhere(study, name)}
    for name in used & set(idle_fields(study.config.step_rule, study.config.decays)):
        why = "is for some of the cells alone"
        raise refuse(name, typed[name], why, "an axis of its own", f"--grid {name}={typed[name]}", do="give it")
    if "snapshots" in typed:
        warn_unused("snapshots is not used: a sweep keeps what its runs end with.")
    one = next(deciding_cells(study), study.config)  # the values of axes are those of a cell
    warn_of_unused_options(one, [name for name in typed if name not in used])


def _number(parameter: Parameter, given: str | None) -> int:
    return int(parameter.parse(str(parameter.default) if given is None else given))


def _axes(options: argparse.Namespace, numbers: dict[str, int]) -> tuple[Axis, ...]:
    axes = [parse_axis(text) for text in options.grid]
    if options.sample:
        axes.append(drawn(options.sample, numbers["samples"], numbers["sample_seed"]))
    for name in ("samples", "sample_seed"):
        if not options.sample and getattr(options, name) is not None:
            raise refuse(
                name, getattr(options, name), "is for draws, and none are asked for", SAMPLE_EXAMPLE, do="add --sample"
            )
    if not axes:
        raise unfit("grid", "grid is empty, and a sweep has one axis or more", "give --grid, or --sample", EXAMPLE)
    return tuple(axes)
