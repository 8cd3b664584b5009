"""From the options of a command line, a JSON file and a start file to the config of a run."""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from ulpm_core import RunConfig, State
from ulpm_core.files.npz import refuse_other_than_files
from ulpm_core.files.start import load_state
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.refusal import ConfigError, UnusedWarning, refuse, shown
from ulpm_core.model.unused import unused_words

LARGEST_CONFIG: Final = 2**20
"""Bytes of a JSON file, which holds some thirty short lines."""
SIZES: Final = ("classes", "per_class", "class_sizes")
"""The parameters that say how many samples there are of which class."""


def read_config(options: argparse.Namespace, start: State | None) -> tuple[RunConfig, dict[str, Any]]:
    """The config of --config, with the options given beside it on top; its sizes are those of a given start. Beside it
    what was given: all options, and of the file, which may be a whole config, what differs from the defaults.
    """
    given: dict[str, Any] = {}
    if options.config is not None:
        try:
            size = refuse_other_than_files(options.config, LARGEST_CONFIG)
            text = Path(options.config).read_text(encoding="utf-8") if size else ""
        except (OSError, UnicodeDecodeError, ValueError) as error:
            why = shown(getattr(error, "strerror", None) or error)
            raise refuse("config", Path(options.config), f"cannot be read ({why})", "a JSON file", do="give") from None
        try:
            base = RunConfig.from_json(text)
        except ConfigError as refusal:
            raise refusal.said_of("config") from None
        held = json.loads(text)  # and not the base: it has let go of what an option may yet bring into play
        given = {name: PARAMETERS[name].read(value) for name, value in held.items() if name in PARAMETERS}
        if "class_sizes" in given:  # sizes that are equal stand in the other two
            given |= {name: getattr(base, name) for name in SIZES}
    typed = options_given(options)
    said = {name: value for name, value in given.items() if value != PARAMETERS[name].default} | typed
    if "class_sizes" in typed:  # what stands in the file gives way
        given = {name: value for name, value in given.items() if name not in ("classes", "per_class")}
    elif {"classes", "per_class"} & set(typed) and given.get("class_sizes"):
        given = {name: value for name, value in given.items() if name not in SIZES}
    given |= typed
    if start is not None:
        given = _of_start(given, typed, start)
    return RunConfig.from_mapping(given), said


def warn_of_unused_options(config: RunConfig, given: Iterable[str], start: bool = False) -> None:
    """Warns by :class:`UnusedWarning` of parameters that are given and have no part in a run."""
    warn_unused(unused_words(config, given, start))


def warn_unused(words: str) -> None:
    """Warns by :class:`UnusedWarning`, if there are any words."""
    if words:
        warnings.warn(words, UnusedWarning, stacklevel=3)


def _of_start(given: dict[str, Any], typed: dict[str, str], start: State) -> dict[str, Any]:
    """The parameters with the sizes of a given start. Raises :class:`ConfigError` where they contradict it."""
    K, d = start.W.shape
    held: dict[str, Any] = {"classes": K, "dimension": d, "per_class": min(start.sizes), "class_sizes": start.sizes}
    for name, fits in held.items():
        parameter = PARAMETERS[name]
        value = parameter.read(given.get(name) or fits)
        if value != fits:
            wanted = shown(parameter.write(fits))
            why = f"contradicts initial_state, which holds {name} = {wanted}"
            refusal = refuse(name, parameter.write(value), why, f"{wanted}, or leave it out")
            raise refusal if name in typed else refusal.said_of("config")
    return given | held


def options_given(options: argparse.Namespace, names: Iterable[str] = PARAMETERS) -> dict[str, str]:
    """Returns those of the named options that were given, as they were typed."""
    return {name: getattr(options, name) for name in names if getattr(options, name) is not None}


def read_start(path: str) -> State:
    """The state of --initial-state; whatever is wrong with it is said of that option."""
    try:
        state = load_state(path)
        RunConfig(class_sizes=state.sizes, dimension=state.W.shape[1])
    except ConfigError as refusal:
        raise refusal.said_of("initial_state") from None
    return state
