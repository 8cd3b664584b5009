"""`python -m ulpm_core run | measure`: one JSON line on stdout, one clear line on stderr for bad input.

Exit codes: 0 done; 2 bad input, nothing written; 3 stopped early (diverged or cancelled), all up to there saved.
Ctrl+C cancels a run; a second one ends it at once with 130, nothing written.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import signal
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from ulpm_core import Outcome, Progress, RunConfig, State, simulate
from ulpm_core.analysis.collapse import feature_metrics, metrics
from ulpm_core.analysis.separation import best_known_value, separation_metrics, separation_optimum
from ulpm_core.film.files import json_line, last_figures, load_features, load_state, probe, save_run
from ulpm_core.model.config import refuse_idle_fast_forward
from ulpm_core.model.parameters import PARAMETERS, ConfigError, shown, shown_path

BAD_INPUT, STOPPED_EARLY, INTERRUPTED = 2, 3, 130


class Parser(argparse.ArgumentParser):
    """argparse with a refusal of one line that names the range and a value that works."""

    def __init__(self, **options: Any):
        super().__init__(**options)
        self.works: dict[str, tuple[str, object]] = {}

    def argument(self, name: str, allowed: str, example: object, **options: Any) -> None:
        """`add_argument`, with the words a refusal needs."""
        self.works[name if name.startswith("-") else options["metavar"]] = allowed, example
        self.add_argument(name, **options)

    def error(self, message: str) -> NoReturn:
        for name, (allowed, example) in self.works.items():
            if re.search(rf"(?<![\w-]){name}(?![\w-])", message):
                message += f": use {allowed}, for example {example}"
                break
        print(f"{self.prog}: {message} (see {self.prog} --help)", file=sys.stderr)
        raise SystemExit(BAD_INPUT)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuses what is left over here, where the options that exist are known."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            word, names = unknown[0].split("=")[0], {name.lstrip("-"): name for name in self.works}
            near = difflib.get_close_matches(word.lstrip("-"), names, 1) or list(names)
            self.error(f"{shown(word)} is not known here, {names[near[0]]} is")
        return found, unknown


def parser() -> Parser:
    top = Parser(prog="python -m ulpm_core", description="The unconstrained layer-peeled model, run and measured.")
    commands = top.add_subparsers(dest="command", required=True, metavar="run | measure")
    run = commands.add_parser("run", help="run the model and save every snapshot", allow_abbrev=False)
    for name, parameter in PARAMETERS.items():
        words = f"{parameter.help} {parameter.allowed()}; default {parameter.default}".replace("%", "%%")
        option, kind = "--" + name.replace("_", "-"), parameter.kind.__name__.upper()
        run.argument(option, parameter.allowed(), parameter.default, metavar=kind, help=words)
    path = "the path of a file"
    words = "JSON file with parameters; options given beside it win"
    run.argument("--config", path, "run.json", metavar="FILE", help=words)
    run.argument("--initial-state", path, "start.npz", metavar="FILE", help="start.npz with W (K, d) and H (d, N)")
    run.argument("--out", path, "run.npz", metavar="FILE", required=True, help="run.npz to write")
    measure = commands.add_parser("measure", help="measure the collapse of given features", allow_abbrev=False)
    words = "features.npz with H (d, N), labels (N,), optionally W (K, d)"
    measure.argument("features", path, "features.npz", metavar="FILE", help=words)
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
    except KeyboardInterrupt:
        return INTERRUPTED


def read_config(options: argparse.Namespace, start: State | None) -> RunConfig:
    """The config of --config, with the options given beside it on top; its sizes are those of a given start."""
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
        given = {name: getattr(base, name) for name in json.loads(text) if name in PARAMETERS}
    typed = {name: getattr(options, name) for name in PARAMETERS if getattr(options, name) is not None}
    given |= typed
    if start is not None:
        sizes = dict(zip(("classes", "dimension", "per_class"), start.shape, strict=True))
        for name, held in sizes.items():
            value = PARAMETERS[name].parse(str(given.get(name, held)))
            if value != held:
                raise ConfigError(
                    name if name in typed else "config",
                    f"{name} = {value} contradicts initial_state, which holds {name} = {held}:"
                    f" use {held}, or leave it out.",
                )
        given |= sizes
    config = RunConfig.from_mapping(given)
    if options.fast_forward is not None:
        refuse_idle_fast_forward(config, options.fast_forward)
    return config


def read_start(path: str) -> State:
    """The state of --initial-state; whatever is wrong with it is said of that option."""
    try:
        state = load_state(path)
        K, d, n = state.shape
        RunConfig(classes=K, dimension=d, per_class=n)
    except ConfigError as refusal:
        raise ConfigError("initial_state", str(refusal)) from None
    return state


def writable(path: str, example: str, *inputs: str | None) -> Path:
    """The path, once it is known that a file can be put there, and that it is none of the inputs."""
    out = Path(path)
    try:
        fits = out.parent.is_dir() and (out.is_file() or not out.exists())  # a device is there and no file
        if fits:
            probe(out)
    except (OSError, ValueError) as error:
        raise unwritable(out, error, example) from None
    if not fits:
        raise ConfigError(
            "out", f"out = {shown_path(out)} is not a file in an existing folder: use a path such as {example}."
        )
    if any(given is not None and _same_file(out, given) for given in inputs):
        raise ConfigError("out", f"out = {shown_path(out)} is what is read: use another path such as {example}.")
    return out


def _same_file(out: Path, given: str) -> bool:
    try:
        return out.samefile(given)
    except (OSError, ValueError):  # one of them is not there; whatever is wrong with it is said where it is read
        return False


def unwritable(out: Path, error: Exception, example: str) -> ConfigError:
    why = shown(getattr(error, "strerror", None) or error)
    return ConfigError("out", f"out = {shown_path(out)} cannot be written ({why}): use a path such as {example}.")


class Watch:
    """The progress callback: it shows a line on a terminal, and cancels after Ctrl+C. A second one ends at once."""

    def __init__(self) -> None:
        self.cancelled = self.line_is_open = False
        self.terminal = sys.stderr.isatty()

    def __enter__(self) -> Watch:
        self.before = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self.before or signal.SIG_DFL)
        if self.line_is_open:
            print(file=sys.stderr)

    def _interrupt(self, *_: object) -> None:
        self.cancelled = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def __call__(self, progress: Progress) -> bool:
        if self.terminal:
            self.line_is_open = True
            print(f"\r\033[K{progress.words}", end="", file=sys.stderr, flush=True)
        return not self.cancelled


def run_command(options: argparse.Namespace) -> int:
    with Watch() as watch:
        start = None if options.initial_state is None else read_start(options.initial_state)
        config = read_config(options, start)
        out = writable(options.out, "run.npz", options.initial_state, options.config)
        import_module("ulpm_core.dynamics.simulate")  # Numba takes half a second to import, which is not the run's
        begun = time.perf_counter()
        run = simulate(config, start, progress=watch)
        seconds = time.perf_counter() - begun
        try:
            save_run(run, out)
        except OSError as error:
            raise unwritable(out, error, "run.npz") from None
    figures = {**last_figures(run), "stop_reason": run.stop_reason, "seconds": seconds}
    if run.flow is not None:
        figures["right_hand_sides"] = run.right_hand_sides
    if run.hand_over is not None:
        figures["hand_over_error"] = run.hand_over.error if np.isfinite(run.hand_over.error) else None
    print(json_line(figures))
    return 0 if run.outcome is Outcome.DONE else STOPPED_EARLY


def measure_command(options: argparse.Namespace) -> int:
    W, H, labels = load_features(options.features)
    sizes = np.bincount(labels).tolist()
    values: dict[str, Any] = dict(feature_metrics(H, labels) if W is None else metrics(W, H, labels))
    if W is not None:
        separated = float(values["q_min"] > 0.0)  # else nothing is defined, as at the origin, and exponents overflow
        values |= separation_metrics(separated * W, separated * H, labels)
        values["optimum"] = optimum(sizes, len(H))
    if len(set(sizes)) > 1:
        values.pop("gamma", None)  # its bound holds for classes of one size
    figures = {name: float(value) if np.isfinite(value) else None for name, value in values.items()}
    print(json_line({"classes": len(sizes), "dimension": len(H), "samples": len(labels), **figures}))
    return 0


def optimum(sizes: Sequence[int], dimension: int) -> float:
    """The least objective of the separation problem as far as it is known, else NaN.

    >>> optimum((25, 25, 25, 25), 3), round(optimum((10, 10, 2, 2), 3), 6), optimum((2, 3, 2, 2), 2)
    (15.0, 7.025981, nan)
    """
    if len(set(sizes)) == 1:
        value = best_known_value(len(sizes), dimension, sizes[0]).value
        return np.nan if value is None else value
    return separation_optimum(sizes, dimension).value if dimension >= len(sizes) - 1 else np.nan
