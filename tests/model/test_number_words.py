"""Numbers in words have one module; that its figures are the player's too, tests/player/test_numbers.py says."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from ulpm_core.model.number_words import number, power_of_e, written

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("value", "words"),
    [(-0.0, "0"), (-0.0123, "−0.0123"), (-1234.4, "−1,234"), (999.6, "1,000"), (-3.2e-9, "−3.2 × 10⁻⁹"),
     (2e9, "2.0 × 10⁹")],
)  # fmt: skip
def test_a_number_has_three_digits_and_a_minus_sign(value, words):
    assert number(value) == words


def test_a_form_is_kept():
    assert [written(-0.125, ".2f"), written(Decimal("-0.1250"), "f"), written(1e-12, "g")] == [
        "−0.12",
        "−0.1250",
        "1e−12",
    ]
    assert power_of_e(-1.0) == "0.368"


def test_no_other_module_writes_a_minus_for_a_hyphen():
    hyphen = re.compile(r"""replace\(["']-["'], ?["']−["']\)""")
    found = {path.name for folder in ("app", "ulpm_core") for path in (ROOT / folder).rglob("*.py")
             if hyphen.search(path.read_text(encoding="utf-8"))}  # fmt: skip
    assert found == {"number_words.py"}
