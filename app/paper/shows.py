"""The figures that there are, by name, and which of a command's choices each follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from app.paper.curves import curves_plate
from app.paper.looks import LEAST_WIDTH, MOST_WIDTH, WIDTHS
from app.paper.matrix import matrix_plate
from app.paper.plates import Plate
from app.paper.slices import PLANES, Ground, slice_plate, surface_plate
from app.paper.stage import plate_of_stage, sight_of
from ulpm_core import RunConfig
from ulpm_core.film.film import Film
from ulpm_core.model.refusal import refuse, span


class Show(NamedTuple):
    """A figure: what it is called on the page, what `--help` says of it, the choices that it follows, and of what it is
    made: films, "one" or "several", a "run" from beside a saddle, or a "sweep". `curves` names its set of panels.
    """

    label: str
    help: str
    of: str
    follows: tuple[str, ...] = ()
    curves: str = ""


SHOWS: Final = {
    "curves": Show("Curves", "the metrics, as beside the stage", "several", curves="run"),
    "figure-2": Show("Figure 2", "the paper's Figure 2: metrics against log time", "several", curves="figure-2"),
    "figure-2-uncentred": Show(
        "Figure 2, uncentred", "the same, classifiers not centred", "several", curves="figure-2-uncentred"
    ),
    "theorem": Show("Theorem", "margin, KKT residual and duality gap of a flow", "several", curves="theorem"),
    "escape": Show("Escape", "how a run leaves its saddle", "several", curves="escape"),
    "stage": Show("Stage", "samples, class means and classifiers at a moment", "one", ("at", "view", "camera")),
    "matrix": Show("Cosine matrix", "cosines between classes at a moment", "one", ("at",)),
    "slice": Show("Loss, as a map", "log L around a run's saddle, as a map", "run", ("plane",)),
    "surface": Show("Loss, as a surface", "the same as a surface", "run", ("plane",)),
    "phases": Show("Phase picture", "a sweep over one parameter or two", "sweep", ("value",)),
}
"""By the names that `--show` takes."""
USUAL: Final = {"at": "end", "view": "", "camera": "", "plane": PLANES[0], "value": ""}
"""The choices that some figures follow, and what they are where none is made."""
USUAL_WIDTH: Final = next(iter(WIDTHS))
Camera = tuple[float, float, float]


def film_plate(
    show: str, films: Sequence[Film], names: Sequence[str], frame: int, view: str, camera: Camera | None
) -> Plate:
    """Returns a figure that is made of films. Raises :class:`ConfigError` where these do not have it."""
    chosen = SHOWS[show]
    if chosen.curves:
        return curves_plate(films, chosen.curves, names)
    if len(films) > 1:
        raise refuse("show", show, f"is of one film, and {len(films)} are given", "one of them")
    return (
        matrix_plate(films[0], frame) if show == "matrix" else plate_of_stage(sight_of(films[0], frame, view, camera))
    )


def ground_plate(show: str, ground: Ground, config: RunConfig) -> Plate:
    """Returns a figure of the ground around the saddle of a run."""
    title = f"{config.classes} classes in {config.dimension} dimensions"
    return surface_plate(ground, title) if show == "surface" else slice_plate(ground, title)


def width_of(text: str) -> float:
    """Returns a width in millimetres, given by name or as a number.

    >>> width_of("one-column"), width_of("139.7")
    (84.0, 139.7)
    """
    try:
        width = WIDTHS[text] if text in WIDTHS else float(text)
    except ValueError:
        width = 0.0
    if not LEAST_WIDTH <= width <= MOST_WIDTH:
        allowed = f"{', '.join(WIDTHS)} or {span(LEAST_WIDTH, MOST_WIDTH)} mm"
        raise refuse("width", text, "is no width of a figure", allowed, "one-column")
    return width
