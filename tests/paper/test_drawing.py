"""Figures as files: their size, fonts and metadata as other programs read them, and that nothing is a picture."""

from __future__ import annotations

import io
import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from app.jobs.landscapes import ground_of
from app.paper.curves import curves_plate
from app.paper.drawing import drawn
from app.paper.matrix import matrix_plate
from app.paper.phases import phases_plate
from app.paper.provenance import BIBTEX, Provenance
from app.paper.slices import slice_plate, surface_plate
from app.paper.stage import plate_of_stage, sight_of
from tests.paper.conftest import ESCAPE, FLOW
from ulpm_core import RunConfig
from ulpm_core.files.run import load_run
from ulpm_core.files.sweep import load_sweep
from ulpm_core.film.film import Film

MM = 72 / 25.4
SVG = "{http://www.w3.org/2000/svg}"
DC = "{http://purl.org/dc/elements/1.1/}"


def whence(film: Film) -> Provenance:
    return Provenance("A title — γ", "A caption.", "python -m app figure", [film.header["config"]], [film.digest])


@pytest.fixture(scope="module")
def plates(flow_film, steps_film, saved):
    """A plate of each kind."""
    ground = ground_of(ESCAPE, True, load_run(saved["escape"]))
    return {
        "figure-2": curves_plate([flow_film], "figure-2"),
        "two films": curves_plate([flow_film, steps_film], "run", ["one", "two"]),
        "stage": plate_of_stage(sight_of(steps_film, 20)),
        "matrix": matrix_plate(steps_film, 20),
        "slice": slice_plate(ground, "a square"),
        "surface": surface_plate(ground, "a square"),
        "rates": phases_plate(load_sweep("assets/phases/rates.npz")),
        "rare": phases_plate(load_sweep("assets/phases/rare.npz")),
    }


KINDS = ["figure-2", "two films", "stage", "matrix", "slice", "surface", "rates", "rare"]


@pytest.mark.parametrize("name", KINDS)
def test_a_pdf_has_its_width_embeds_truetype_alone_and_holds_no_picture(plates, flow_film, name):
    read = PdfReader(io.BytesIO(drawn(plates[name], 84.0, "pdf", whence(flow_film))))
    (page,) = read.pages
    assert float(page.mediabox.width) == pytest.approx(84.0 * MM, abs=0.01)
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        assert font["/Subtype"] in ("/Type0", "/TrueType")
        (inner,) = [each.get_object() for each in font.get("/DescendantFonts", [font])]
        assert "/FontFile2" in inner["/FontDescriptor"]  # a TrueType font
        assert re.fullmatch(r"/[A-Z]{6}\+STIXGeneral-Regular", font["/BaseFont"])  # the letters that are used alone
    kinds = {each.get_object()["/Subtype"] for each in page["/Resources"].get("/XObject", {}).values()}
    assert "/Image" not in kinds
    assert b"/Type3" not in read.stream.getvalue()


@pytest.mark.parametrize("name", KINDS)
def test_an_svg_keeps_its_words_as_text_that_any_times_can_set(plates, flow_film, name):
    root = ElementTree.fromstring(drawn(plates[name], 84.0, "svg", whence(flow_film)))
    assert float(root.get("width").removesuffix("pt")) == pytest.approx(84.0 * MM, abs=0.01)
    texts = list(root.iter(f"{SVG}text"))
    assert texts and not [*root.iter(f"{SVG}image")]
    for text in texts:
        styles = [each.get("style") or "" for each in (text, *text) if "font" in (each.get("style") or "")]
        assert styles
        assert all("STIXGeneral, 'STIX Two Text', 'Times New Roman', Times, serif" in style for style in styles)
    words = " ".join("".join(text.itertext()) for text in texts)
    for panel in plates[name].panels:
        assert panel.title in words
        assert panel.bare or panel.across.label in words


def test_what_a_figure_says_of_itself_is_read_by_others(plates, flow_film):
    told = whence(flow_film)
    png = Image.open(io.BytesIO(drawn(plates["matrix"], 84.0, "png", told)))
    assert png.width == round(84.0 / 25.4 * 600) == pytest.approx(84.0 / 25.4 * png.info["dpi"][0], abs=1)
    pdf = PdfReader(io.BytesIO(drawn(plates["matrix"], 84.0, "pdf", told))).metadata
    svg = ElementTree.fromstring(drawn(plates["matrix"], 84.0, "svg", told))
    own = {name: next(svg.iter(f"{DC}{name}")) for name in ("description", "source", "title")}
    said = [
        (png.info["Title"], png.info["Description"], png.info["BibTeX"]),
        (pdf["/Title"], pdf["/Subject"], pdf["/Keywords"]),
        (own["title"].text, own["description"].text, own["source"].text),
    ]
    for title, document, bibtex in said:
        assert (title, bibtex) == (told.title, BIBTEX)
        known = json.loads(document)
        assert RunConfig.from_json(json.dumps(known["configs"][0])) == FLOW
        assert known["digests"] == [FLOW.digest]
        assert {"collapse-lab", "numpy", "matplotlib", "python"} == {*known["versions"]}
        assert known["caption"] == told.caption
    assert "2110.02796" in BIBTEX and BIBTEX.count("{") == BIBTEX.count("}")


def test_the_same_figure_is_the_same_file(plates, flow_film):
    for kind in ("svg", "pdf"):
        assert drawn(plates["matrix"], 84.0, kind, whence(flow_film)) == drawn(
            plates["matrix"], 84.0, kind, whence(flow_film)
        )


def test_two_columns_set_panels_in_one_row(plates, flow_film):
    heights = {}
    for width in (84.0, 174.0):
        (page,) = PdfReader(io.BytesIO(drawn(plates["figure-2"], width, "pdf", whence(flow_film)))).pages
        heights[width] = float(page.mediabox.height)
    assert heights[174.0] < heights[84.0]


def test_a_grey_print_keeps_neighbours_apart(plates, flow_film):
    """Ends of runs differ in grey, or carry a cross."""
    cells = plates["rates"].panels[0].parts[0]
    light = {}
    for row, marks in zip(cells.colours, cells.crossed, strict=True):
        for colour, mark in zip(row, marks, strict=True):
            r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
            light[colour] = (0.299 * r + 0.587 * g + 0.114 * b, mark)
    plain = sorted(grey for grey, mark in light.values() if not mark)
    assert len(plain) == 3 and min(np.diff(plain)) > 40
    grey = np.asarray(Image.open(io.BytesIO(drawn(plates["stage"], 84.0, "png", whence(flow_film)))).convert("L"))
    assert 0.005 < (grey < 128).mean() < 0.2  # ink, and not too much of it


@pytest.mark.parametrize("name", ["$x$", "a $ b", "$\\frac{$", "<&>", "\\"])
def test_no_name_is_a_formula(steps_film, flow_film, name):
    film = Film(steps_film.header | {"names": [name, "b", "c", "d"]}, steps_film.arrays)
    svg = ElementTree.fromstring(drawn(plate_of_stage(sight_of(film)), 84.0, "svg", whence(flow_film)))
    assert name in ["".join(text.itertext()) for text in svg.iter(f"{SVG}text")]
