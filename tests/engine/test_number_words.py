"""number_words.js: numbers in Python's formats, halves to even, and as the sentences of films say them."""

from __future__ import annotations

import math

import numpy as np

from tests.javascript import run_node
from ulpm_core.model.number_words import number, power_of_e, written

MODULE = "player/engine/number_words.js"
HALVES = [0.5, 1.5, 2.5, 1000.5, 1234.5, 0.125, 0.375, 1.25, 12345.5, 99999.5, 999.5, 0.00012345, 5e-324, 1e22, 1.5e300]
SPECIAL = [0.0, 1e-4, 9.9999995e-5, 999999.5, 1e6, 123456.5, 1e15, 1e16, 2**53 + 2.0, 0.1, 0.3, 1e21, 1e23]


def test_formats_are_pythons(tmp_path, rng):
    sizes = [*HALVES, *SPECIAL, *10.0 ** rng.uniform(-12, 12, 2000), *np.round(10.0 ** rng.uniform(-4, 6, 500), 3)]
    values = [sign * size for size in map(float, sizes) for sign in (1, -1)]
    code = """
        const digits = [0, 1, 2, 3, 6, 12];
        for (const value of given.values) {
          say([grouped(value), ...digits.flatMap((count) => [fixed(value, count), general(value, count)])]);
        }"""
    for value, said in zip(values, run_node(tmp_path, code, MODULE, values=values), strict=True):
        forms = [form for count in (0, 1, 2, 3, 6, 12) for form in (f".{count}f", f".{count}g")]
        assert said == [written(value, ",.0f"), *(written(value, form) for form in forms)], value


def test_what_is_no_finite_number_is_said_as_python_says_it(tmp_path):
    code = "for (const value of [NaN, Infinity, -Infinity]) say([fixed(value, 2), general(value), grouped(value)]);"
    values = (math.nan, math.inf, -math.inf)
    assert run_node(tmp_path, code, MODULE) == [
        [written(value, form) for form in (".2f", "g", ",.0f")] for value in values
    ]


def test_figures_and_powers_are_those_of_sentences(tmp_path, rng):
    values = [0.0, *HALVES, *SPECIAL, 999.4999, 9.95e-4, 9.9996e8, 1e9, *10.0 ** rng.uniform(-12, 12, 2000)]
    values = [sign * float(value) for value in values for sign in (1, -1)]
    logs = [-50.0, -1.0, 0.0, math.log(1000), math.log(1000) - 1e-8, 13.8, 13.9, 690.0, 1e6, 228_653.5, 1e9]
    numbers, powers = run_node(
        tmp_path, "say(given.values.map(numberWords)); say(given.logs.map(powerOfE));", MODULE, values=values, logs=logs
    )
    assert numbers == [number(value) for value in values]
    assert powers == [power_of_e(value) for value in logs]
