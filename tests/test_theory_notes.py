"""docs/theory.md and the code that cites it: every citation leads to a section, and its figures are the code's."""

from __future__ import annotations

import doctest
import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ulpm_core.analysis.rates import PREDICTED, honest_from

ROOT = Path(__file__).parents[1]
NOTES = ROOT / "docs" / "theory.md"
HEADING = re.compile(r"^#{2,3} (\d+(?:\.\d+)?) .+$", re.MULTILINE)
CITATION = re.compile(r"docs/theory\.md\s+(\d+(?:\.\d+)?(?:(?:,|,? and)\s+\d+(?:\.\d+)?)*)")
TAGS = ("[proved]", "[derived, checked]", "[measured]", "[literature]", "[not verified]")
READING = "*Reading: nothing in the code rests on this"


def sections(text: str) -> dict[str, str]:
    """The text under each numbered heading, up to the next one."""
    found = list(HEADING.finditer(text))
    ends = [heading.start() for heading in found[1:]] + [len(text)]
    return {heading[1]: text[heading.end() : end] for heading, end in zip(found, ends, strict=True)}


def citations(text: str) -> list[str]:
    """Every section that a text cites, a line break in the middle or not."""
    flat = re.sub(r"\s*\n\s*(?:#|//|\*)?\s*", " ", text)
    return [number for found in CITATION.findall(flat) for number in re.findall(r"\d+(?:\.\d+)?", found)]


def sources() -> Iterator[Path]:
    for folder in ("ulpm_core", "app", "tests"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".js", ".mjs", ".css") and path != Path(__file__):
                yield path
    yield from (path for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))] if path != NOTES)


SECTIONS = sections(NOTES.read_text())


def is_reading(number: str) -> bool:
    return READING in SECTIONS[number] or READING in SECTIONS[number.split(".")[0]]


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("as in docs/theory.md 3.3.", ["3.3"]),
        ("(docs/theory.md 2.2, 3.5 and 7)", ["2.2", "3.5", "7"]),
        ("# see docs/theory.md\n    # 5.6: 3 classes", ["5.6"]),
        ("docs/theory.md has sections", []),
    ],
)
def test_a_citation_is_found_as_people_write_it(text, cited):
    assert citations(text) == cited


def test_every_citation_leads_to_a_section():
    lost = {
        f"{path.relative_to(ROOT)}: {number}"
        for path in sources()
        for number in citations(path.read_text())
        if number not in SECTIONS
    }
    assert not lost
    outside = [path for path in sources() if "THEORY.md" in path.read_text()]
    assert not outside, "cite docs/theory.md: nobody else has that file"


def test_every_section_is_cited_or_says_that_it_is_for_reading():
    cited = {number for path in sources() for number in citations(path.read_text())}
    chapters = {number.split(".")[0] for number in SECTIONS if "." in number}
    idle = [number for number in SECTIONS if number not in cited | chapters and not is_reading(number)]
    assert not idle


def test_sections_are_numbered_in_order_and_tagged():
    order = [tuple(map(int, number.split("."))) for number in SECTIONS]
    assert order == sorted(set(order))
    chapters = {number.split(".")[0] for number in SECTIONS if "." in number}
    told = {number for number, text in SECTIONS.items() if any(tag in text for tag in TAGS)}
    assert not [number for number in SECTIONS if number not in told | chapters and not is_reading(number)]
    assert set(re.findall(r"\*\*(\[[^\]]+\])\*\*", NOTES.read_text())) == set(TAGS)


def test_the_examples_print_what_they_say():
    text = re.sub(r"^```\w*$", "", NOTES.read_text(), flags=re.MULTILINE)
    examples = doctest.DocTestParser().get_doctest(text, {}, "theory.md", str(NOTES), 0)
    assert len(examples.examples) > 40
    told: list[str] = []
    assert doctest.DocTestRunner(optionflags=0).run(examples, out=told.append).failed == 0, "".join(told)


def test_the_slopes_are_those_that_the_screen_predicts():
    rows = re.findall(r"^\| (.+?) \| \$ρ\^\{-\d\}\$ \| (-\S+) \|$", SECTIONS["5.6"], re.MULTILINE)
    said = {}
    for names, slope in rows:
        value = -0.5 if slope == "-1/2" else float(slope)
        for name in re.findall(r"`([a-z0-9_]+)`", names.replace("1 - γ", "`gamma_gap`")):
            said.update({name: value} if name != "_w" else {"nc2_norms_w": value, "nc2_angles_w": value})
    assert said == dict(PREDICTED)


def test_the_slow_exponents_are_the_closed_form():
    slow = re.search(r"one \$t\^{-(\.\d+)}\$, \$t\^{-(\.\d+)}\$, \$t\^{-(\.\d+)}\$ for K = 3, 4, 10", SECTIONS["5.5"])
    assert slow
    assert [float(exponent) for exponent in slow.groups()] == [
        pytest.approx((1.0 - math.sqrt(1.0 - 2.0 / K)) / 2.0, abs=5e-5) for K in (3, 4, 10)
    ]
    opens = re.search(
        r"at log t = (\d+), (\d+), (\d+) and (\d+) for K = 2, 3, 4 and 10", " ".join(SECTIONS["5.7"].split())
    )
    assert opens
    assert [int(at) for at in opens.groups()] == [round(honest_from(K)) for K in (2, 3, 4, 10)]
