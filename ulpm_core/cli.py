"""`python -m ulpm_core run | measure`: one JSON line on stdout, one clear line on stderr for bad input.

Exit codes: 0 done; 2 bad input, nothing written; 3 stopped early (diverged or cancelled), all up to there saved.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from ulpm_core import Outcome, Progress, RunConfig, State, simulate
from ulpm_core.analysis.collapse import feature_metrics, metrics
from ulpm_core.film.files import json_line, last_figures, load_features, load_state, save_run
from ulpm_core.model.parameters import PARAMETERS, ConfigError, shown, shown_path

BAD_INPUT, STOPPED_EARLY = 2, 3


class Parser(argparse.ArgumentParser):
    """argparse with a refusal of one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message} (see {self.prog} --help)", file=sys.stderr)
        raise SystemExit(BAD_INPUT)


def parser() -> Parser:
    top = Parser(prog="python -m ulpm_core", description="The unconstrained layer-peeled model, run and measured.")
    commands = top.add_subparsers(dest="command", required=True, metavar="run | measure")
    run = commands.add_parser("run", help="run the model and save every snapshot", allow_abbrev=False)
    for name, parameter in PARAMETERS.items():
        words = f"{parameter.help} {parameter.allowed()}; default {parameter.default}".replace("%", "%%")
        run.add_argument("--" + name.replace("_", "-"), metavar=parameter.kind.__name__.upper(), help=words)
    run.add_argument("--config", metavar="FILE", help="JSON file with parameters; options given beside it win")
    run.add_argument("--initial-state", metavar="FILE", help="start.npz with W (K, d) and H (d, N)")
    run.add_argument("--out", metavar="FILE", required=True, help="run.npz to write")
    measure = commands.add_parser("measure", help="measure the collapse of given features", allow_abbrev=False)
    measure.add_argument(
        "features", metavar="FILE", help="features.npz with H (d, N), labels (N,), optionally W (K, d)"
    )
    return top


def joined(arguments: Sequence[str]) -> list[str]:
    """`--learning-rate -1e-3` as one word: argparse takes -1e-3 for an option, and would not name the value."""
    words: list[str] = []
    for word in arguments:
        if words and re.fullmatch(r"--[a-z-]+", words[-1]) and re.match(r"-[^-]", word):
            words[-1] += "=" + word
        else:
            words.append(word)
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(joined(sys.argv[1:] if arguments is None else arguments))
    try:
        return run_command(options) if options.command == "run" else measure_command(options)
    except ConfigError as refusal:
        option = refusal.field.replace("_", "-")
        named = f"--{option}: " if hasattr(options, refusal.field) and refusal.field != "features" else ""
        print(f"python -m ulpm_core {options.command}: {named}{refusal}", file=sys.stderr)
        return BAD_INPUT


def read_config(options: argparse.Namespace) -> RunConfig:
    """The config of --config, with the options given beside it on top."""
    given: dict[str, Any] = {}
    if options.config is not None:
        try:
            text = Path(options.config).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError, ValueError) as error:
            raise ConfigError(
                "config", f"config = {shown_path(options.config)} cannot be read ({shown(error)}): give a JSON file."
            ) from None
        try:
            base = RunConfig.from_json(text)
        except ConfigError as refusal:
            raise ConfigError("config", str(refusal)) from None
        given = {name: getattr(base, name) for name in PARAMETERS}
    given |= {name: getattr(options, name) for name in PARAMETERS if getattr(options, name) is not None}
    return RunConfig.from_mapping(given)


def read_start(path: str) -> State:
    """The state of --initial-state; whatever is wrong with it is said of that option."""
    try:
        state = load_state(path)
        K, d, n = state.shape
        RunConfig(classes=K, dimension=d, per_class=n)
    except ConfigError as refusal:
        raise ConfigError("initial_state", str(refusal)) from None
    return state


def writable(path: str, example: str = "run.npz") -> Path:
    """The path, once it is known that a file can be put there."""
    out = Path(path)
    if out.is_dir() or not out.parent.is_dir():
        raise ConfigError(
            "out", f"out = {shown_path(out)} is not a file in an existing folder: use a path such as {example}."
        )
    return out


def run_command(options: argparse.Namespace) -> int:
    config, out = read_config(options), writable(options.out)
    start = None if options.initial_state is None else read_start(options.initial_state)
    begun = time.perf_counter()
    run = simulate(config, start, progress=show_progress if sys.stderr.isatty() else None)
    seconds = time.perf_counter() - begun
    try:
        save_run(run, out)
    except OSError as error:
        raise ConfigError("out", f"out = {shown_path(out)} cannot be written ({shown(error)}): use run.npz.") from None
    figures = {**last_figures(run), "stop_reason": run.stop_reason, "seconds": seconds}
    if run.flow is not None:
        figures["right_hand_sides"] = run.right_hand_sides
    if run.hand_over is not None:
        figures["hand_over_error"] = run.hand_over.error if np.isfinite(run.hand_over.error) else None
    print(json_line(figures))
    return 0 if run.outcome is Outcome.DONE else STOPPED_EARLY


def show_progress(progress: Progress) -> None:
    end = "\n" if progress.fraction == 1.0 else ""
    print(f"\r\033[K{progress.words}", end=end, file=sys.stderr, flush=True)


def measure_command(options: argparse.Namespace) -> int:
    W, H, labels = load_features(options.features)
    values = feature_metrics(H, labels) if W is None else metrics(W, H, labels)
    if len(set(np.bincount(labels))) > 1:
        values.pop("gamma", None)  # its bound holds for classes of one size
    figures = {name: float(value) if np.isfinite(value) else None for name, value in values.items()}
    print(json_line({"classes": int(labels.max()) + 1, "dimension": len(H), "samples": len(labels), **figures}))
    return 0
