"""`python -m ulpm_core run | ensemble | sweep | landscape | train | measure | claim`: what can be asked for, and how a
refusal is said.

One JSON line on stdout, one clear line on stderr for bad input. Exit codes: 0 done; 2 bad input, nothing written; 3
stopped early (diverged or cancelled), all up to there saved. Ctrl+C cancels a run; a second one ends it at once with
130, nothing written.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from ulpm_core import claim_command
from ulpm_core.commands import COMMANDS, RUNS, SADDLE, SADDLE_OPTIONS, WAY, speaks
from ulpm_core.dynamics.engines.choice import devices
from ulpm_core.measure_command import FRAMES
from ulpm_core.model.parameter import Parameter
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.refusal import ConfigError
from ulpm_core.networks.parameters import NETWORK_PARAMETERS
from ulpm_core.sweep_command import add_options
from ulpm_core.terminal import BAD_INPUT, INTERRUPTED, STOPPED_EARLY, FigureError, Parser, joined, said_of_unused

PLACES: Final = ("features", "file", "name")
"""Arguments that are no options."""


def parser() -> Parser:
    top = Parser(prog="python -m ulpm_core", description="The unconstrained layer-peeled model, run and measured.")
    commands = top.add_subparsers(dest="command", required=True, metavar=" | ".join(COMMANDS))
    path = "the path of a file"
    run = commands.add_parser("run", help="run the model and save every snapshot", allow_abbrev=False)
    _parameters(run)
    words = "JSON file with parameters; options given beside it win"
    run.argument("--config", path, "run.json", metavar="FILE", help=words)
    words = "start.npz with W (K, d) and H (d, N), as many of each class and grouped, or as its labels (N,) say"
    run.argument("--initial-state", path, "start.npz", metavar="FILE", help=words)
    run.argument("--out", path, "run.npz", metavar="FILE", required=True, help="run.npz to write")
    many = commands.add_parser("ensemble", help="many random starts at once", allow_abbrev=False)
    _parameter(many, RUNS)
    _parameters(many, method="gradient-flow, or gradient-descent where steps or learning-rate are given", snapshots=WAY)
    many.argument("--out", path, "ensemble.npz", metavar="FILE", required=True, help="ensemble.npz to write")
    grid = commands.add_parser("sweep", help="runs over a grid of parameters, or over draws", allow_abbrev=False)
    add_options(grid)
    _parameters(grid)
    words = "what the loss is like at a saddle, beside its closed forms"
    ground = commands.add_parser("landscape", help=words, allow_abbrev=False)
    _parameter(ground, SADDLE)
    for name in SADDLE_OPTIONS:
        _parameter(ground, PARAMETERS[name], default="the saddle's own" if name == "classes" else None)
    train = commands.add_parser("train", help="train a real network and record its last layer", allow_abbrev=False)
    for name, parameter in NETWORK_PARAMETERS.items():
        _parameter(train, parameter, default="400, or 0 with weight decay" if name == "log_time_steps" else None)
    train.argument("--out", path, "net.npz", metavar="FILE", required=True, help="net.npz to write")
    measure = commands.add_parser("measure", help="measure the collapse of given features", allow_abbrev=False)
    words = "features.npz with H (d, N), labels (N,), optionally W (K, d); net.npz of train or a recorder; or run.npz"
    measure.argument("features", path, "features.npz", metavar="FILE", help=words)
    measure.argument("--frame", FRAMES, -1, metavar="INT|all", help=f"which moment of a file of several: {FRAMES}")
    words = "other authors' definitions too, docs/theory.md 4.2"
    measure.argument("--peers", "it alone", "--peers", action="store_true", help=words)
    words = "one figure with its digits, definition, source, command and check"
    claim_command.add_options(commands.add_parser("claim", help=words, allow_abbrev=False))
    return top


def _parameters(command: Parser, **defaults: object) -> None:
    """An option for each parameter; `defaults` are those that this command has of its own."""
    for name, parameter in PARAMETERS.items():
        _parameter(command, parameter, defaults.get(name, "classes of one size" if name == "class_sizes" else None))


def _parameter(command: Parser, parameter: Parameter, default: object = None) -> None:
    allowed = "one of " + ", ".join(devices()) if parameter.name == "device" else parameter.allowed()
    words = f"{parameter.help} {allowed}; default {default or parameter.write(parameter.default)}".replace("%", "%%")
    option, kind = "--" + parameter.name.replace("_", "-"), parameter.kind.__name__.upper().replace("TUPLE", "INT,INT")
    command.argument(option, allowed, parameter.example(), metavar=kind, type=str, help=words)  # it refuses "" itself


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(joined(sys.argv[1:] if arguments is None else arguments))
    try:
        with said_of_unused(f"python -m ulpm_core {options.command}"):
            return COMMANDS[options.command](options)
    except ConfigError as refusal:
        option = refusal.field.replace("_", "-")
        named = f"--{option}: " if hasattr(options, refusal.field) and refusal.field not in PLACES else ""
        if speaks():
            print(f"python -m ulpm_core {options.command}: {named}{refusal}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except FigureError as error:
        print(f"python -m ulpm_core {options.command}: {error}", file=sys.stderr)
        return STOPPED_EARLY
