"""The words that the engine in the browser gets from Python: templates that both fill in alike."""

from __future__ import annotations

import json
from string import Formatter
from typing import Any

from app.engine.refusals import refusals
from app.engine.words import curves, known_panels, words
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import build_film
from ulpm_core.film.words import title


def templates(part: Any) -> list[str]:
    """Every text below a part of the table."""
    if isinstance(part, str):
        return [part]
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [text for each in inner for text in templates(each)]


def test_a_template_holds_names_in_braces_and_no_formats():
    """JavaScript fills in {name} and knows nothing else of `str.format`."""
    found = templates([words(), refusals(), curves()["definitions"], curves()["guides"]])
    assert len(found) > 80
    for text in found:
        for _, name, form, conversion in Formatter().parse(text):
            assert name is None or name.isidentifier(), text
            assert not form and not conversion, text


def test_the_table_is_plain_json():
    parts = [words(), curves(), known_panels()]
    assert json.loads(json.dumps(parts, allow_nan=False)) == parts


def test_every_panel_and_curve_of_a_film_stands_in_the_table():
    header = build_film(simulate(RunConfig(per_class=4, steps=20, snapshots=5, fast_forward=20.0))).header
    known, panels = {curve["name"]: curve for curve in curves()["known"]}, known_panels()["known"]
    assert {panel["title"] for panel in header["panels"]} <= {panel["title"] for panel in panels}
    for panel in header["panels"]:
        (at,) = [
            i for i, other in enumerate(panels) if (other["set"], other["title"]) == (panel["set"], panel["title"])
        ]
        assert all(at in known[name]["panels"] for name in panel["curves"])
    for curve in header["curves"]:
        held = known[curve["name"]]
        assert curve == {**{part: held[part] for part in curve}, "definition": curve["definition"]}
        assert curve["definition"].startswith(held["definition"])


def test_python_s_own_words_are_these():
    said = words()["said"]
    plane = said["dimensions"].format(d=2)
    assert said["title"].format(classes=3, of="", dimensions=plane) == title(3, 2)
