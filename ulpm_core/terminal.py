"""The command line's own side: options refused in words, files that can be written, progress on a terminal, Ctrl+C."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from ulpm_core.analysis.curves import CURVES
from ulpm_core.dynamics.progress import Progress
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.files.npz import probe
from ulpm_core.model.plain import plain
from ulpm_core.model.refusal import LONGEST, ConfigError, UnusedWarning, refuse, shown, works

BAD_INPUT, STOPPED_EARLY, INTERRUPTED = 2, 3, 130
NEAR = 3
"""How many of the options nearest to an unknown one are named."""


class Parser(argparse.ArgumentParser):
    """argparse with a refusal of one line that names the range and a value that works."""

    def __init__(self, **options: Any):
        super().__init__(**options)
        self.works: dict[str, tuple[str, object]] = {}

    def argument(self, name: str, allowed: str, example: object, **options: Any) -> None:
        """`add_argument`, with the words a refusal needs; text that is given is not empty."""
        self.works[name if name.startswith("-") else options["metavar"]] = allowed, example
        text = {} if options.get("action") == "store_true" else {"type": not_empty}
        self.add_argument(name, **text | options)

    def error(self, message: str) -> NoReturn:
        for name, (allowed, example) in self.works.items():
            if re.search(rf"(?<![\w-]){name}(?![\w-])", message):
                message += f": use {works(allowed, example)}"
                break
        self._refuse(message)

    def _refuse(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message} (see {self.prog} --help)", file=sys.stderr)
        raise SystemExit(BAD_INPUT)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuses what is left over here, where the options that exist are known."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            word = unknown[0].split("=")[0] if unknown[0].startswith("-") else unknown[0]
            self._refuse(f"{shown(word)} is not known here: {self._instead(word)}")
        return found, unknown

    def _instead(self, word: str) -> str:
        """What there is in the place of an unknown word: the nearest options, or how many words there may be."""
        options = {name.lstrip("-"): name for name in self.works if name.startswith("--")}
        places = [name for name in self.works if not name.startswith("--")]
        if not word.startswith("-") and places:
            return works(f"use {' and '.join(places)} alone beside options", self.works[places[0]][1])
        given = word.lstrip("-")[:LONGEST]
        near = difflib.get_close_matches(given, options, NEAR) or difflib.get_close_matches(given, options, NEAR, 0.0)
        names = [options[each] for each in near]
        example = str(self.works[names[0]][1])
        return works(
            f"nearest {'is' if len(names) == 1 else 'are'} {', '.join(names)}",
            example if example.startswith("--") else f"{names[0]} {example}",
        )


def joined(arguments: Sequence[str]) -> list[str]:
    """Joins `--learning-rate -1e-3` into one word: argparse takes -1e-3 for an option, and would not name the value."""
    words: list[str] = []
    for word in arguments:
        if words and re.fullmatch(r"--[a-z-]+", words[-1]) and re.match(r"-[^-]", word):
            words[-1] += "=" + word
        else:
            words.append(word)
    return words


def not_empty(text: str) -> str:
    """Returns a text of the command line. Raises ArgumentTypeError for an empty one, which pathlib takes for "."."""
    if not text:
        raise argparse.ArgumentTypeError("is empty")
    return text


def writable(path: str, example: str, *inputs: str | None, kinds: Sequence[str] = ()) -> Path:
    """Returns the path, once it is known that a file can be put there, that it is none of the inputs, and that it ends
    in one of these kinds, or as the example does: other programs know a file by its ending.
    """
    out = Path(path)
    try:
        fits = out.parent.is_dir() and (out.is_file() or not out.exists())  # a device is there and no file
        if fits:
            probe(out)
    except (OSError, ValueError) as error:
        raise unwritable(out, error, example) from None
    if not fits:
        raise refuse("out", out, "is not a file in an existing folder", f"a path such as {example}")
    if any(given is not None and _same_file(out, given) for given in inputs):
        raise refuse("out", out, "is what is read", f"another path such as {example}")
    if out.suffix.lower() not in (kinds or (kinds := (Path(example).suffix,))):
        raise refuse("out", out, f"does not end in {' or '.join(kinds)}", f"a path such as {example}")
    return out


def _same_file(out: Path, given: str) -> bool:
    try:
        return out.samefile(given)
    except (OSError, ValueError):  # one of them is not there; whatever is wrong with it is said where it is read
        return False


def unwritable(out: Path, error: Exception, example: str) -> ConfigError:
    why = shown(getattr(error, "strerror", None) or error)
    return refuse("out", out, f"cannot be written ({why})", f"a path such as {example}")


class FigureError(Exception):
    """Standard output takes no figures: the disk is full."""


def end(main: Callable[[], int]) -> NoReturn:
    """Ends the process with the exit code of `main`. Where nobody reads on what it prints, as with `| head -1`, it ends
    without a word, as other commands of a shell do: whatever --out names is saved by then.
    """
    try:
        try:
            code: Any = main()
        except SystemExit as ended:  # of --help, or of a refusal by argparse
            code = ended.code
        print(end="", flush=True)  # and not stdout itself: a shell may have closed it
    except BrokenPipeError:
        for stream in filter(None, (sys.stdout, sys.stderr)):  # which leaves the interpreter nothing to write
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        code = STOPPED_EARLY
    except OSError as error:  # the disk is full
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = f"Nothing can be printed ({error.strerror}): send it elsewhere."
    sys.exit(code)


def say(figures: dict[str, Any]) -> None:
    """Prints figures as one strict JSON line, without NaN or Infinity: what is not defined is null. Raises
    :class:`FigureError`.
    """
    say_text(json.dumps(plain(figures), allow_nan=False))


def say_text(text: str) -> None:
    """Prints a text. Raises :class:`FigureError`, and leaves the interpreter nothing to write; BrokenPipeError, which
    :func:`end` hears, where nobody reads on.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise FigureError(
            f"figures cannot be printed ({error.strerror}): whatever --out names is saved; send them elsewhere."
        ) from None


@contextmanager
def said_of_unused(command: str) -> Iterator[None]:
    """Prints a warning about what is given and not used as one line on stderr, `command` before it."""

    def say(message: Warning | str, category: type[Warning], *place: Any, **options: Any) -> None:
        if issubclass(category, UnusedWarning):
            print(f"{command}: {message}", file=sys.stderr)
        else:
            before(message, category, *place, **options)

    before = warnings.showwarning
    with warnings.catch_warnings():
        warnings.simplefilter("always", UnusedWarning)
        warnings.showwarning = say
        yield


class Watch:
    """A progress callback that shows a line on a terminal and cancels after Ctrl+C; a second Ctrl+C ends at once."""

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

    def __call__(self, progress: Progress[object]) -> bool:
        """Shows how far the work is; False once it is to stop."""
        if self.terminal:
            self.line_is_open = True
            print(f"\r\033[K{progress.words}", end="", file=sys.stderr, flush=True)
        return not self.cancelled


def figures_at(trajectory: Trajectory, frame: int = -1) -> dict[str, Any]:
    """The figures of one snapshot, by default of the end state, for the command line's JSON line."""
    figures: dict[str, Any] = {"digest": trajectory.config.digest, "step": trajectory.step[frame]}
    for name in ("time", "log_time", "loss", "log_loss", "value", "distance_to_ideal", "certificate"):
        figures[name] = getattr(trajectory, name)[frame]
    figures |= {"class_sizes": trajectory.config.sizes, "rule": trajectory.rule, "ideal_value": trajectory.ideal_value}
    figures |= {name: values[frame] for name, values in trajectory.metrics.items()}
    geometry = trajectory.config.step_rule.geometry
    if "q_min" in trajectory.metrics:
        own = (curve for curve in CURVES.values() if curve.beside == geometry)
        figures |= {curve.name: curve.of(trajectory)[frame] for curve in own}
    return figures
