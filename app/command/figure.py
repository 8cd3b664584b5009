"""`python -m app figure run.npz --show figure-2 --out fig.pdf`: a figure for a paper, and its numbers beside it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from app.command.saved import film_of
from app.jobs.landscapes import ground_of
from app.page.look import PARTS
from app.paper.again import figure_line
from app.paper.drawing import KINDS, drawn
from app.paper.phases import phases_plate
from app.paper.plates import Plate
from app.paper.provenance import Provenance
from app.paper.shows import SHOWS, USUAL, USUAL_WIDTH, Camera, film_plate, ground_plate, width_of
from app.paper.slices import PLANES
from app.paper.stage import SPACE, VIEWS
from app.paper.tables import as_csv
from app.tours.moments import EVENTS, read_moment
from app.tours.record import Record
from app.views.film_names import MOST_FILMS, film_names
from ulpm_core.extras import refuse_without
from ulpm_core.files.npz import held_names, whole_file
from ulpm_core.files.recording import RECORDED
from ulpm_core.files.run import load_run
from ulpm_core.files.sweep import load_sweep
from ulpm_core.model.refusal import among, refuse, unfit
from ulpm_core.terminal import Parser, unwritable, writable

EXAMPLE: Final = "fig.pdf"
FIELDS: Final = (*USUAL, "show", "width", "names")
"""The options that a refusal names."""


def add_figure(commands: argparse._SubParsersAction[Parser]) -> None:
    """Adds the command's options."""
    figure = commands.add_parser("figure", help="make a figure for a paper, and its numbers as CSV", allow_abbrev=False)
    path, shows = "the path of a file", "; ".join(f"{name}: {show.help}" for name, show in SHOWS.items())
    words = f"what python -m ulpm_core run, train or sweep saved, or features.npz; up to {MOST_FILMS} runs for curves"
    figure.argument("runs", path, "run.npz", metavar="RUN.npz", nargs="+", help=words)
    figure.argument("--show", among([*SHOWS]), "figure-2", choices=[*SHOWS], metavar="NAME", required=True, help=shows)
    words = "the file to write; beside it FILE.csv with the numbers"
    figure.argument(
        "--out", f"a path that ends in .{', .'.join(KINDS)}", EXAMPLE, metavar="FILE", required=True, help=words
    )
    words = f"one-column (84 mm), two-column (174 mm) or millimetres; default {USUAL_WIDTH}"
    figure.argument("--width", "one-column, two-column or millimetres", "139.7", default=USUAL_WIDTH, help=words)
    words = "what several films are called, one name for each; default: by their rules or files"
    figure.argument("--names", "a name for each file", "before after", metavar="NAME", nargs="+", help=words)
    words = (
        "the moment of stage and matrix, as in a lesson: step=1000, log_time=50, epoch=3, start, or an event such as "
    )
    words += f"{EVENTS[0]}; default end"
    figure.argument("--at", "a moment of the film", "step=1000", metavar="MOMENT", help=words)
    words = "the view of more than three dimensions: first or polygon"
    figure.argument("--view", "first or polygon", "polygon", metavar="VIEW", help=words)
    words = "from where the stage is seen, as a link says it"
    figure.argument("--camera", "three numbers", "0.55,0.42,0.26", metavar="X,Y,Z", help=words)
    words = f"the plane of slice and surface, as a link says it: {' or '.join(PLANES)}"
    figure.argument("--plane", among(PLANES), PLANES[-1], choices=PLANES, metavar="PLANE", help=words)
    words = "what stands in a sweep's picture, such as nc1; default: as on the page, else gamma"
    figure.argument("--value", "the name of a figure", "gamma", metavar="NAME", help=words)


def figure(options: argparse.Namespace) -> int:
    """Writes a figure and its numbers, each whole or not at all."""
    refuse_without("paper", "show")
    target, width = _target(options.out, options.runs), width_of(options.width)
    _refuse_unused(options)
    plate, whence = _made(options)
    document = drawn(plate, width, target.suffix[1:].lower(), whence)
    for path, content in ((target, document), (target.with_suffix(".csv"), as_csv(plate.table).encode())):
        try:
            with whole_file(path, path.suffix) as partial:
                partial.write_bytes(content)
        except OSError as error:
            raise unwritable(path, error, EXAMPLE) from None
    return 0


def _target(out: str, inputs: Sequence[str]) -> Path:
    target = writable(out, EXAMPLE, *inputs, kinds=[f".{kind}" for kind in KINDS])
    writable(str(target.with_suffix(".csv")), EXAMPLE, *inputs, kinds=[".csv"])
    return target


def _refuse_unused(options: argparse.Namespace) -> None:
    """Raises :class:`ConfigError` for a choice that the figure does not follow."""
    for name in USUAL:
        given = getattr(options, name)
        if given is not None and name not in SHOWS[options.show].follows:
            others = [show for show, found in SHOWS.items() if name in found.follows]
            raise refuse(name, given, f"plays no part in {options.show}", f"it with --show {' or '.join(others)}")
    if options.names and not 1 < len(options.runs) == len({*options.names}):
        given = " ".join(options.names)
        raise refuse("names", given, "does not name files one by one", "a name of its own for each of several files")


def _made(options: argparse.Namespace) -> tuple[Plate, Provenance]:
    show, made_of, choices = options.show, SHOWS[options.show].of, _choices(options)
    if len(options.runs) > (most := MOST_FILMS if made_of == "several" else 1):
        raise refuse("show", show, f"cannot be of {len(options.runs)} files", f"{most} at most")
    first = options.runs[0]
    _refuse_other_kind(first, show)
    if made_of == "sweep":
        found = load_sweep(first)
        plate = phases_plate(found, choices["value"])
        study = found.study
        return plate, _whence(options, plate, SHOWS[show].label, [json.loads(study.to_json())], [study.digest])
    if made_of == "run":
        if (held := set(held_names(first))) >= RECORDED or ("config" not in held and {"H", "labels"} & held):
            raise refuse("show", show, "is of a run of the model, and this file is of a network", "stage or matrix")
        run = load_run(first)
        ground = ground_of(run.config, choices["plane"] == PLANES[0], run)
        plate = ground_plate(show, ground, run.config)
        return plate, _whence(options, plate, SHOWS[show].label, [run.config], [run.config.digest])
    films = [film_of(path) for path in options.runs]
    names = options.names or film_names([film.header for film in films], [Path(path).stem for path in options.runs])
    if choices["view"] in VIEWS and films[0].header["axes"] <= SPACE:
        raise refuse("view", choices["view"], "is of more dimensions than three", "no view here", do="give")
    frame = Record.of(films[0]).frame("at", read_moment("at", choices["at"]))
    camera = _camera(choices["camera"])
    plate = film_plate(show, films, names, frame, choices["view"], camera)
    configs = [film.header["config"] for film in films]
    return plate, _whence(options, plate, films[0].header["title"], configs, [film.digest for film in films])


def _choices(options: argparse.Namespace) -> dict[str, str]:
    return {name: usual if getattr(options, name) is None else getattr(options, name) for name, usual in USUAL.items()}


def _camera(text: str) -> Camera | None:
    if not text:
        return None
    read, *why = PARTS["camera"]
    camera: Camera | None = read(text)
    if camera is None:
        raise refuse("camera", text, *why)
    return camera


def _refuse_other_kind(path: str, show: str) -> None:
    """Raises :class:`ConfigError` for a sweep where a run is wanted, and the other way round."""
    is_sweep, wants_sweep = "study" in held_names(path), SHOWS[show].of == "sweep"
    if is_sweep and not wants_sweep:
        raise refuse("show", show, "is of a run, and this file is a sweep", "--show phases", do="take")
    if held_names(path) and wants_sweep and not is_sweep:
        raise unfit(
            "show", f"show = {show} is of a sweep, and this file is none", "make one with python -m ulpm_core sweep"
        )


def _whence(
    options: argparse.Namespace, plate: Plate, title: str, configs: Sequence[Any], digests: Sequence[str]
) -> Provenance:
    """Returns the provenance of a figure; its command names files alone, and not where they lie."""
    files = [Path(path).name for path in options.runs]
    line = figure_line(files, options.show, {name: getattr(options, name) for name in USUAL}, options.names or ())
    said = [
        config if config is None or isinstance(config, dict) else json.loads(config.to_json()) for config in configs
    ]
    return Provenance(title, plate.caption, line, said, digests).written(options.width, Path(options.out).name)
