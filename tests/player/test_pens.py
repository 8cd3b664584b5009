"""pens.js and the style sheet: four films' curves are told apart by whoever sees them."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest

from app.component.served import text_of
from tests.javascript import run_node

# Machado, Oliveira, Fernandes (2009), full severity, in linear RGB
SIGHT = {
    "usual": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
)
SEEN_APART = 20.0
"""Distance in CIELAB; 2.3 is just noticeable."""


def linear(colour):
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    t = TO_XYZ @ np.clip(rgb, 0, 1) / (0.95047, 1.0, 1.08883)
    x, y, z = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def colours(dark):
    """Those of A, B, C, D and the ground: from the style sheet and theme.js, which has the greys."""
    style, theme = text_of("player/player.css"), text_of("player/theme.js")
    grey = re.search(r'grey = dark \? "(#\w+)" : "(#\w+)"', theme)[2 - dark]
    pairs = [re.search(rf"--fp-{name}: light-dark\((#\w+), (#\w+)\)", style)[1 + dark] for name in ("third", "fourth")]
    accent, ground = ("#6cb6ff", "#11151c") if dark else ("#0b62a8", "#fdfdfc")
    assert accent in style and ground in style
    return [grey, accent, *pairs], ground


@pytest.mark.parametrize("dark", [False, True])
def test_the_colours_of_four_films_differ_for_every_kind_of_colour_vision_and_stand_out_from_the_page(dark):
    films, ground = colours(dark)
    for name, sight in SIGHT.items():
        seen = [lab(np.array(sight) @ linear(colour)) for colour in films]
        assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > SEEN_APART, name
    light = [TO_XYZ[1] @ linear(colour) + 0.05 for colour in [*films, ground]]
    assert min(max(each / light[-1], light[-1] / each) for each in light[:-1]) > 3.0  # WCAG 1.4.11


def test_without_colours_each_film_has_a_dash_of_its_own(tmp_path):
    code = """
    const theme = { films: ["a", "b", "c", "d"] };
    say([0, 1, 2, 3].map((i) => pencilOf(i, 4, theme, { first: true, isChosen: i === 3 })));
    say([true, false].map((first) => pencilOf(0, 1, theme, { first, isChosen: true })));
    say([0, 1, 2, 3, 4].map((place) => pencilOf(0, 1, theme, { first: place === 0, isChosen: true, place }).dash));
    """
    four, alone, curves = run_node(tmp_path, code, "pens.js")
    assert len({pen["dash"] for pen in four}) == 4
    assert [pen["colour"] for pen in four] == ["a", "b", "c", "d"]
    assert [pen["width"] for pen in four] == [1.5, 1.5, 1.5, 2]
    assert [(pen["colour"], pen["dash"]) for pen in alone] == [("b", ""), ("b", "3 3")]
    assert len(set(curves)) == 5  # layers of a network, one below the other
