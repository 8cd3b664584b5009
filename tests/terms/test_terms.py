"""What explains itself: every term, formula and source, and where sentences mention them."""

from __future__ import annotations

import json
import re
from html import escape

import pytest

from app.component.served import text_of
from app.player.modules import joined
from app.terms.explained import explained, term_button
from app.terms.glossary import LEGEND, TERMS, table, with_table
from app.terms.sources import PAPERS
from app.views import theory
from tests.javascript import run_node
from ulpm_core.analysis.curves import CURVES
from ulpm_core.film.said import SAID

FULL_STOP = re.compile(r"[.)]$")


def test_every_term_and_curve_has_words_and_its_formula_is_typeset():
    said = table()
    assert set(said["terms"]) == set(TERMS) and set(LEGEND) <= set(TERMS)
    for name, entry in (said["terms"] | said["curves"]).items():
        assert FULL_STOP.search(entry["words"]), name
        assert not entry["formula"] or entry["formula"].startswith('<math display="block"'), name
    assert [name for name, term in TERMS.items() if term.formula] == [
        name for name, entry in said["terms"].items() if entry["formula"]
    ]


def test_every_curve_of_the_first_screen_is_explained_to_a_newcomer():
    run = [curve for curve in CURVES.values() if any(panel.set == "run" for panel in curve.panels)]
    plain = {curve.name for curve in run if curve.beside not in ("networks", "regularised") and curve.scale != "signed"}
    assert plain <= set(table()["curves"])


def test_the_player_carries_the_table():
    script = joined("player/door.js")
    assert with_table(text_of("player/glossary.js")).split("GLOSSARY = ")[1].strip().removesuffix(";") in script
    assert json.dumps(TERMS["dot"].words, ensure_ascii=False) in script


@pytest.mark.parametrize(
    ("words", "marked"),
    [
        ("NC1 falls, γ grows and K = 4", ["nc1", "gamma", "classes"]),
        ("against log log t, then log t, then t", ["log_log_time", "log_time", "time"]),
        ("Tr Σ_W / Tr Σ_B, not W", ["spread_within", "spread_between", "classifiers"]),
        ("the log tail of the state, WH, Kd, w_K and K'", []),
        ("KKT points and strict saddles", ["kkt", "strict_saddle"]),
    ],
)
def test_sentences_mark_each_term_once_and_no_part_of_a_word(words, marked):
    assert re.findall(r'data-term="(\w+)"', explained(f"{words}. {words}.")) == marked
    known: set[str] = set()
    parts = [explained(f"{words}.", known) for _ in range(2)]  # a figure stands between them
    assert re.findall(r'data-term="(\w+)"', "".join(parts)) == marked


def test_a_browser_marks_the_same_terms_in_a_sentence(tmp_path):
    sentences = [
        *SAID.values(),
        "NC1 falls, γ grows, γ ≤ 1 and K = 4. NC1 again, margins, not marginsé, log t, log tä, log log t, t, ét, tₙ.",
        "<b>K</b> & 1 − γ = 3.2 × 10⁻⁴, Σ_W, Σ w_k, WH, K', f(t), ^t, a simplex, simplexes.",
        "",
    ]
    code = "for (const words of given.sentences) say(piecesOf(words, given.terms));"
    found = run_node(tmp_path, code, "spelt.js", sentences=sentences, terms=table()["terms"])
    marked = ["".join(map(html_of, pieces)) for pieces in found]
    assert marked == [explained(words) for words in sentences]
    parts, terms = [["γ is near ", " of 1, γ", ", K"]], table()["terms"]
    code_of_parts = """const known = new Set();
    for (const parts of given.parts) say(parts.flatMap((part) => piecesOf(part, given.terms, known)));"""
    (pieces,) = run_node(tmp_path, code_of_parts, "spelt.js", parts=parts, terms=terms)
    known: set[str] = set()
    assert "".join(map(html_of, pieces)) == "".join(explained(part, known) for part in parts[0])
    assert run_node(tmp_path, code, "spelt.js", sentences=["γ"], terms={}) == [[{"name": None, "said": "γ"}]]


def html_of(piece):
    return term_button(piece["name"], piece["said"]) if piece["name"] else escape(piece["said"])


def test_what_sentences_say_is_never_html():
    said = explained('<img src=x onerror="alert(1)"> γ & K')
    assert "<img" not in said and "&lt;img" in said and "&amp;" in said


def test_every_paper_that_the_theory_names_is_linked():
    proved = theory.proved()
    for named, number in PAPERS.items():
        if named in " ".join(words for _, words in theory.PROVED):
            assert f'href="https://arxiv.org/abs/{number}"' in proved
