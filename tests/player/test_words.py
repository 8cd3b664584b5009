"""words.js: the words around the stage."""

from __future__ import annotations

import base64
import re

import pytest

from tests.javascript import run_node
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import build_film

CAPTIONS = """
const film = parseFilm(bytesOf(given.film));
say(["first", "tour", "polygon"].map((view) => captionOf(film, view)));
say(targetWords(film));
"""


@pytest.mark.parametrize(
    ("config", "dimensions", "target"),
    [
        (RunConfig(classes=6, dimension=5), [3, 3, 2], "cosines: blank at −1/5, ■\u00a0above, ●\u00a0below"),
        (
            RunConfig(classes=8, dimension=5),
            [3, 3, 2],
            "cosines: blank at −1/7, ■\u00a0above, ●\u00a0below, where no simplex fits",
        ),
        (
            RunConfig(class_sizes=(4, 4, 4, 4, 2, 2), dimension=5),
            [3, 3, 2],
            "cosines: blank at the best frame’s, ■\u00a0above, ●\u00a0below",
        ),
        (
            RunConfig(class_sizes=(4, 4, 4, 2, 2, 2), dimension=4),
            [3, 3, 2],
            "cosines: blank at −1/5, ■\u00a0above, ●\u00a0below, where class sizes differ",
        ),
        (
            RunConfig(loss="label-smoothing"),
            None,
            "cosines: blank at −1/3, ■\u00a0above, ●\u00a0below, where no one simplex is best",
        ),
        (RunConfig(classes=4, dimension=3), None, "cosines: blank at −1/3, ■\u00a0above, ●\u00a0below"),
        (RunConfig(classes=2, dimension=1), None, "cosines: blank at −1, ■\u00a0above, ●\u00a0below"),
    ],
    ids=["a shadow", "no simplex", "sizes", "no room for sizes", "many", "exact", "two classes"],
)
def test_each_view_says_how_many_dimensions_it_shows(tmp_path, config, dimensions, target):
    film = build_film(simulate(config.with_changes(per_class=2, steps=10)))
    encoded = base64.b64encode(film.to_bytes()).decode()
    captions, said = run_node(tmp_path, CAPTIONS, "film.js", "words.js", film=encoded)
    assert said == target
    if dimensions is None:
        assert captions == [film.header["caption"]] * 3
        return
    shown = [re.findall(r"(?:shows|on) (\d)", caption) for caption in captions]
    assert shown == [[str(count)] for count in dimensions]
    assert [("ideal frame;" in caption) for caption in captions] == [config.simplex_is_ideal, False, False]
