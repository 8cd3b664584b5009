"""A film's format is checked when it is read."""

from __future__ import annotations

import base64

import pytest

from tests.javascript import run_node
from ulpm_core import ConfigError, RunConfig, simulate
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.header import FORMAT

FILM = build_film(simulate(RunConfig(classes=3, dimension=2, per_class=2, steps=20)))


def of_format(number) -> bytes:
    return Film(FILM.header | {"format": number}, FILM.arrays).to_bytes()


@pytest.mark.parametrize("number", [1, FORMAT])
def test_films_of_today_and_before_are_read(number):
    assert Film.from_bytes(of_format(number)).header["format"] == number


def test_a_newer_film_is_refused_with_what_to_do():
    with pytest.raises(ConfigError) as refused:
        Film.from_bytes(of_format(FORMAT + 1))
    assert str(refused.value) == "film is of the newer format 3: formats 1 to 2 are read here; update Collapse Lab."


@pytest.mark.parametrize("number", [None, "2", 2.0, True, 0, -1, [2]])
def test_a_foreign_film_is_refused(number):
    with pytest.raises(ConfigError, match=r"^film is of no format that is known .*: formats 1 to 2 are read here"):
        Film.from_bytes(of_format(number))


def test_the_player_refuses_a_newer_film_and_plays_those_of_before(tmp_path):
    code = """for (const text of given.films) {
      try { say(parseFilm(bytesOf(text)).frames); } catch (error) { say(error.message); }
    }"""
    films = [base64.b64encode(of_format(number)).decode() for number in (1, FORMAT, FORMAT + 1)]
    said = run_node(tmp_path, code, "film.js", films=films)
    frames = FILM.header["frames"]
    assert said == [frames, frames, "This film is of a newer format, 3: reload the page, or update Collapse Lab."]
