"""`python -m ulpm_core claim`: from a saved file and the name of a figure to its claim."""

from __future__ import annotations

import argparse
from typing import Final

from ulpm_core.claims.claim import FORMATS
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.files.features import load_snapshots
from ulpm_core.files.npz import held_names
from ulpm_core.files.recording import RECORDED, load_recording
from ulpm_core.files.run import load_run
from ulpm_core.model.parameter import Parameter
from ulpm_core.model.refusal import ConfigError, refuse, shown_path
from ulpm_core.networks.recording import Recording
from ulpm_core.terminal import Parser, say_text

STEP: Final = Parameter("step", "Step", "The step whose snapshot is meant.", 0, low=0, high=2**53)
LOG_TIME: Final = Parameter(
    "log_time", "Log time", "The log t to which the snapshot is nearest.", 0.0, low=-1e9, high=1e9
)
FORMAT: Final = Parameter("format", "Format", "What is printed.", "json", choices=FORMATS)
NUMBERS: Final = (STEP, LOG_TIME, FORMAT)


def add_options(command: Parser) -> None:
    """Adds what `claim` takes: a file, a figure, one moment of it and a format."""
    words = "run.npz, net.npz or features.npz"
    command.argument("file", "the path of a file", "run.npz", metavar="FILE", help=words)
    command.argument("name", "the name of a curve", "gamma", metavar="FIGURE", help="such as gamma: docs/figures.md")
    for each in NUMBERS:
        option, kind = "--" + each.name.replace("_", "-"), each.kind.__name__.upper()
        default = "json" if each is FORMAT else "the end"
        words = f"{each.help} {each.allowed()}; default {default}"
        command.argument(option, each.allowed(), each.example(), metavar=kind, help=words)


def claim_command(options: argparse.Namespace) -> int:
    """Prints the claim of a figure of a file. Raises :class:`ConfigError` for a file, figure or moment that is none."""
    step = None if options.step is None else int(STEP.parse(options.step))
    log_time = None if options.log_time is None else float(LOG_TIME.parse(options.log_time))
    if step is not None and log_time is not None:
        raise refuse("log_time", options.log_time, "stands beside --step", "one of the two", do="give")
    form = FORMAT.parse(options.format or str(FORMAT.default))
    try:
        measured = measured_of(options.file)
    except ConfigError as refusal:
        if refusal.field not in (STEP.name, LOG_TIME.name):
            raise
        raise refusal.said_of("file", f"file = {shown_path(options.file)}: {refusal}") from None
    from ulpm_core.claims.making import claim_of, snapshot_at  # imported late: films take a while to import

    claim = claim_of(measured, options.name, snapshot_at(measured, step, log_time))
    said = {"json": claim.to_json, "text": claim.to_text, "latex": claim.to_latex}[str(form)]
    say_text(said())
    return 0


def measured_of(path: str) -> Trajectory | Recording:
    """The run or the recording in a file, of any kind that can be measured. Raises :class:`ConfigError` for others."""
    held = set(held_names(path))
    if held >= RECORDED:
        return load_recording(path)
    return load_snapshots(path) if "config" not in held and {"H", "labels"} & held else load_run(path)
