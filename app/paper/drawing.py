"""Draws a plate with Matplotlib, as SVG, PDF or PNG. Its letters are STIX, which are made as Times is and come with
Matplotlib: in a PDF they are embedded as TrueType, in an SVG they stay text, which any Times sets in the same widths.

Only this module and `parts.py` know Matplotlib: it is an extra, takes a second to be loaded, and is imported late. One
thread at a time may draw, since Matplotlib's settings are everybody's.
"""

from __future__ import annotations

import io
import logging
import math
import re
from collections.abc import Sequence
from typing import Any, Final

from app.paper.looks import WIDE_FROM
from app.paper.parts import DRAW, line_on, typeset
from app.paper.plates import FAINT, Bar, Cells, Face, Heights, Line, Panel, Part, Plate
from app.paper.provenance import BIBTEX, Provenance

KINDS: Final = ("svg", "pdf", "png")
MM: Final = 1 / 25.4
DOTS_PER_INCH: Final = 600
"""Pixels per inch of a PNG: printers ask for so many of line art."""
SETTINGS: Final[Any] = {
    "font.family": ["STIXGeneral", "DejaVu Sans"],
    "font.size": 7.0,
    "pdf.fonttype": 42,
    "mathtext.fontset": "stix",
    "svg.fonttype": "none",
    "svg.hashsalt": "collapse-lab",
    "lines.scale_dashes": False,
    "lines.dash_capstyle": "butt",
    "axes.linewidth": 0.5,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "xtick.major.pad": 2.0,
    "ytick.major.pad": 2.0,
    "axes.labelpad": 2.0,
    "path.simplify": False,
}
OURS: Final = re.compile(r"'STIXGeneral'(, 'DejaVu Sans')?")
THEIRS: Final = "STIXGeneral, 'STIX Two Text', 'Times New Roman', Times, serif"
"""The letters as Matplotlib names them in an SVG, and as a machine without them finds others of the same widths."""
LEGEND: Final[dict[str, Any]] = {
    "frameon": False, "fontsize": 6.5, "handlelength": 2.6, "handletextpad": 0.5, "borderaxespad": 0.2,
    "labelspacing": 0.2,
}  # fmt: skip
TITLE_ROOM, KEY_ROOM = 3.5, 4.5
"""Millimetres for the titles of a row of panels, and for a legend over all of them."""


def drawn(plate: Plate, width: float, kind: str, whence: Provenance) -> bytes:
    """Returns a plate of so many millimetres across as the bytes of a file of one of KINDS, with its provenance inside:
    in an SVG's metadata, a PDF's document information, or a PNG's text.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # no word on its first look for fonts
    import matplotlib

    with matplotlib.rc_context(SETTINGS):
        file = io.BytesIO()
        _figure(plate, width).savefig(file, format=kind, dpi=DOTS_PER_INCH, metadata=metadata(kind, whence))
    document = file.getvalue()
    return OURS.sub(THEIRS, document.decode()).encode() if kind == "svg" else document


def metadata(kind: str, whence: Provenance) -> dict[str, str | None]:
    """Returns the fields of a file's metadata, by the names that its format has for them. No date is among them: the
    same figure is the same file.
    """
    if kind == "png":
        named = {"Title": whence.title, "Description": whence.document, "Software": whence.creator, "BibTeX": BIBTEX}
        return dict(named)
    if kind == "pdf":
        fields = {"Subject": whence.document, "Keywords": BIBTEX, "CreationDate": None}
    else:
        fields = {"Description": whence.document, "Source": BIBTEX, "Date": None}
    return {"Title": whence.title, "Creator": whence.creator, **fields}


def _figure(plate: Plate, width: float) -> Any:
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    columns = plate.wide if width >= WIDE_FROM else plate.narrow
    rows = math.ceil(len(plate.panels) / columns)
    titled = any(panel.title for panel in plate.panels)
    height = rows * (width / columns * plate.ratio + TITLE_ROOM * titled) + KEY_ROOM * bool(plate.key)
    layout = ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.04, wspace=0.02, hspace=0.02)
    figure = Figure(figsize=(width * MM, height * MM), layout=layout)
    grid = figure.add_gridspec(rows, columns)
    for i, panel in enumerate(plate.panels):
        axes = figure.add_subplot(grid[i // columns, i % columns])
        _panel(axes, panel, lowest=i + columns >= len(plate.panels))
    if plate.key:
        lines = [line_on(axes, line) for line in plate.key]
        figure.legend(handles=lines, loc="outside upper center", ncols=len(lines) if columns > 2 else 3, **LEGEND)
    return figure


def _panel(axes: Any, panel: Panel, lowest: bool) -> None:
    axes.set(xlim=(panel.across.low, panel.across.high), ylim=(panel.up.low, panel.up.high))
    if panel.square:
        axes.set_aspect("equal")
    if panel.bare:
        axes.set_axis_off()
    else:
        _axes(axes, panel, lowest)
    for parts in _together(panel.parts):
        DRAW[type(parts[0])](axes, parts)
    if panel.title:
        axes.set_title(typeset(panel.title), loc="left", fontsize=7.0, pad=3.0)
    if panel.bar:
        _bar(axes, panel.bar)
    if any(isinstance(part, Line) and part.label for part in panel.parts):
        axes.legend(loc="best", **LEGEND)


def _together(parts: Sequence[Part]) -> list[list[Part]]:
    """Returns the parts in their order, faces that follow each other in one list: as one shape they are drawn soon."""
    found: list[list[Part]] = []
    for part in parts:
        if found and isinstance(part, Face) and isinstance(found[-1][0], Face):
            found[-1].append(part)
        else:
            found.append([part])
    return found


def _axes(axes: Any, panel: Panel, lowest: bool) -> None:
    """Draws axes on two sides, their ticks, and a faint line at each tick of the one that goes up."""
    for set_ticks, axis in ((axes.set_xticks, panel.across), (axes.set_yticks, panel.up)):
        set_ticks([at for at, _ in axis.ticks], labels=[typeset(words) for _, words in axis.ticks])
    if panel.across.turned:
        axes.tick_params(axis="x", rotation=90.0)
    axes.set_xlabel(typeset(panel.across.label) if lowest else "")
    axes.set_ylabel(typeset(panel.up.label))
    cells = any(isinstance(part, (Cells, Heights)) for part in panel.parts)
    axes.spines[["top", "right"]].set_visible(False)
    if cells:
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0.0)
    else:
        axes.grid(axis="y", color=FAINT, linewidth=0.4)
        axes.set_axisbelow(True)


def _bar(axes: Any, bar: Bar) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap

    colours = ScalarMappable(BoundaryNorm(bar.edges, len(bar.colours)), ListedColormap(bar.colours))
    drawn = axes.figure.colorbar(colours, ax=axes, fraction=0.05, pad=0.03, spacing="proportional", drawedges=False)
    drawn.set_ticks([at for at, _ in bar.ticks], labels=[typeset(words) for _, words in bar.ticks])
    drawn.ax.tick_params(length=0.0, which="both")
    drawn.outline.set_visible(False)
    drawn.set_label(typeset(bar.label))
