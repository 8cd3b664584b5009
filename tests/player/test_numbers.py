"""numbers.js: figures as ulpm_core/model/number_words.py writes them."""

from __future__ import annotations

import math

import pytest

from tests.javascript import run_node
from ulpm_core.model.number_words import number, power_of_e


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_figures_read_the_same_in_both_languages(tmp_path, rng, sign):
    values = [1.0, 0.5, 1e-3, 9.994e-4, 9.996e-4, 999.4, 999.6, 1000.4, 1234.6, 999_999.4, 9.99e8, 1e9, 1e300, 5e-324]
    values = [0.0, *(sign * v for v in (*values, *10.0 ** rng.uniform(-12, 12, 3000)))]
    said = run_node(tmp_path, "given.values.forEach((v) => say(figure(v)));", "numbers.js", values=values)
    assert said == [number(value) for value in values]


def test_there_is_a_dash_where_there_is_no_number(tmp_path):
    assert (
        run_node(tmp_path, "[null, NaN, Infinity, -Infinity].forEach((v) => say(figure(v)));", "numbers.js")
        == ["–"] * 4
    )


def test_time_is_said_as_the_sentences_say_it(tmp_path):
    logs = [None, 0.0, math.log(1000), math.log(123_456), 20.0, 690.0, 1000.0, 228_653.4, 1e8]
    said = run_node(tmp_path, "given.logs.forEach((v) => say(timeWords(v)));", "numbers.js", logs=logs)
    assert said == ["0", *map(power_of_e, logs[1:])]
