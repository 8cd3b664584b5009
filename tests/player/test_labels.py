"""labels.js: what films are called that stand side by side."""

from __future__ import annotations

from tests.javascript import run_node
from tests.player.films import encoded, film_of

NAMES = """
const [long, short, other] = given.films.map((text) => parseFilm(bytesOf(text)));
const last = (film) => film.frames - 1;
const shown = { films: [long, short, other], names: ["ULPM", "weight decay"], lead: long };
say(nameWords(shown, [0, 0, 0]));
say(nameWords(shown, [long, short, other].map(last)));
say(nameWords({ ...shown, films: [long] }, [0]));
"""


def test_films_have_letters_and_names_and_say_that_they_ended_before_the_clock(tmp_path):
    films = [film_of(steps=steps) for steps in (300, 100, 300)]
    begun, ended, alone = run_node(tmp_path, NAMES, "film.js", "labels.js", films=encoded(*films))
    assert begun == ["A ULPM", "B weight decay", "C"]
    assert ended == ["A ULPM", "B weight decay, ended at step 100 · t 10", "C"]
    assert alone == []


def test_what_is_the_same_of_films_is_said_once(tmp_path):
    said = [["x"], ["x", "x"], ["x", "y"], ["x", "y", "x", "z"], ["", "y"], []]
    (words,) = run_node(tmp_path, "say(given.said.map((words) => ofAll(words, '; ')));", "labels.js", said=said)
    assert words == ["x", "x", "A: x; B: y", "A, C: x; B: y; D: z", "B: y", ""]
