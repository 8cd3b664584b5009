"""Refusals are built in one place, name what they refuse, and repeat nothing hostile."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ulpm_core.model.refusal import among, refuse, span, unfit

ROOT = Path(__file__).parents[2]
BY_HAND = {"ulpm_core/extras.py": 1, "ulpm_core/model/refusal.py": 1}
"""Refusals that a file builds itself: a sentence of `extras`, which says what to install, and the one place."""


def built_by_hand(source: str) -> int:
    """Counts the calls of :class:`ConfigError`, or of a kind of it, in a module."""
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    names = (f.id if isinstance(f, ast.Name) else getattr(f, "attr", None) for f in calls)
    return sum(name in ("ConfigError", "MisuseError") for name in names)


def test_refusals_are_built_in_one_place():
    files = [path for room in ("ulpm_core", "app") for path in (ROOT / room).rglob("*.py")]
    counts = {str(path.relative_to(ROOT)): built_by_hand(path.read_text(encoding="utf-8")) for path in files}
    assert {name: count for name, count in counts.items() if count} == BY_HAND


def test_one_built_by_hand_is_found():
    assert built_by_hand('raise refusal.ConfigError("a", "a = 1")\nraise refuse("a", 1, "is odd", "2")') == 1


@pytest.mark.parametrize(
    ("allowed", "example", "words"),
    [
        (span(1, 9), 3, "use 1 to 9, for example 3."),
        (span(1, 1), 1, "use 1."),
        (among(["cpu"]), "cpu", "use cpu."),
        (among(["cpu", "cuda"]), "cpu", "use one of cpu, cuda, for example cpu."),
        ("64 hexadecimal digits", None, "use 64 hexadecimal digits."),
    ],
)
def test_what_works_is_said_once(allowed, example, words):
    assert str(refuse("field", 0, "is out of range", allowed, example)) == f"field = 0 is out of range: {words}"


@pytest.mark.parametrize("hostile", ["x\n\x1b[31m" * 10_000, "\u202e" * 50, 10**5000], ids=["long", "turned", "huge"])
def test_what_is_hostile_is_cut_and_cleaned(hostile):
    refusal = refuse("field", hostile, "is no number", "0 to 1", 0)
    assert refusal.field == "field"
    assert str(refusal).isprintable()
    assert len(str(refusal)) < 100
    assert str(unfit("net", "net holds \n\x1b[31m", "save it as it was")).isprintable()


def test_a_path_is_cut_at_its_beginning():
    assert "b/run.npz is no run: give it." in str(
        refuse("run", Path("a/" * 90 + "b/run.npz"), "is no run", "it", do="give")
    )


def test_the_field_is_always_named():
    assert str(unfit("layer", "layers make logits", "name one")) == "layer: layers make logits: name one."
    assert str(unfit("layer", "layer fails", "name one")) == "layer fails: name one."
    moved = refuse("classes", 1, "is out of range", "2 to 9", 4).said_of("config")
    assert (moved.field, str(moved)) == ("config", "classes = 1 is out of range: use 2 to 9, for example 4.")
