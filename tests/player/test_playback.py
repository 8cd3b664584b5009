"""playback.js: what plays by itself, and what waits for a person or a link."""

from __future__ import annotations

import pytest

from tests.javascript import run_node
from tests.player.films import encoded, film_of
from ulpm_core.film.film import Film

PLAY = """
globalThis.matchMedia = () => ({ matches: given.calm ?? false });
const films = given.films.map((text) => parseFilm(bytesOf(text)));
const playback = new Playback();
playback.wish = given.wish ?? null;
let last = null;
for (const [act, value] of given.acts) {
  if (act === "film") { playback.take(films[value], last, films[value]); last = films[value]; }
  else if (act === "watch") playback.clock.advance(value, { speed: 1, loop: false });
  else playback[act](value);
}
const { clock, wish, stoppedAt } = playback;
say({ frame: clock.frame, playing: clock.playing, wish, stoppedAt });
"""


@pytest.fixture(scope="module")
def films():
    whole = film_of(steps=300)
    partial = film_of(steps=40)
    growing = Film({**partial.header, "partial": True, "digest": whole.header["digest"]}, partial.arrays)
    return {
        "whole": whole,
        "growing": growing,
        "before": film_of(steps=200),
        "flow": film_of(method="gradient-flow", log_time=20.0),
    }


def after(tmp_path, films, *acts, **given):
    names = list(films)
    acts = [(act, names.index(value) if act == "film" else value) for act, value in acts]
    (state,) = run_node(
        tmp_path, PLAY, "film.js", "playback.js", films=encoded(*films.values()), acts=[list(a) for a in acts], **given
    )
    return state


def test_a_film_begins_by_itself_unless_motion_is_unwelcome(tmp_path, films):
    last = films["whole"].header["frames"] - 1
    assert after(tmp_path, films, ("film", "whole")) == {"frame": 0, "playing": True, "wish": None, "stoppedAt": None}
    calm = after(tmp_path, films, ("film", "whole"), calm=True)
    assert (calm["frame"], calm["playing"]) == (last, False)


def test_who_stops_a_film_stays_there_when_it_has_grown_and_another_kind_begins_anew(tmp_path, films):
    stopped = after(tmp_path, films, ("film", "growing"), ("seek", 20), ("film", "whole"))
    share = 20 / (films["growing"].header["frames"] - 1)
    assert stopped["stoppedAt"] == int(share * (films["whole"].header["frames"] - 1) + 1e-9)
    flow = after(tmp_path, films, ("film", "whole"), ("seek", 20), ("film", "flow"))
    assert (flow["frame"], flow["stoppedAt"]) == (0, 0)
    assert after(tmp_path, films, ("film", "whole"), ("seek", 3), ("playOrPause", None))["playing"]


def test_a_film_watched_to_its_end_gives_way_to_another_that_plays_from_its_start_even_as_it_grows(tmp_path, films):
    watched = (("film", "before"), ("watch", 1e6))
    assert not after(tmp_path, films, *watched)["playing"]
    for films_to_come in (("whole",), ("growing",), ("growing", "whole")):
        state = after(tmp_path, films, *watched, *(("film", name) for name in films_to_come))
        assert (state["frame"], state["playing"]) == (0, True), films_to_come
    ended = after(tmp_path, films, ("film", "growing"), ("watch", 1e6), ("film", "whole"))
    assert (ended["frame"], ended["playing"]) == (films["whole"].header["frames"] - 1, False)


def test_a_links_moment_is_waited_for_until_it_comes_or_a_person_decides(tmp_path, films):
    wish = {"step": 200}
    steps = films["whole"].header["clock"]["step"]
    frame = max(i for i, step in enumerate(steps) if step <= 200)
    waiting = after(tmp_path, films, ("film", "growing"), wish=wish)
    assert (waiting["wish"], waiting["playing"]) == (wish, True)
    come = after(tmp_path, films, ("film", "growing"), ("film", "whole"), wish=wish)
    assert come == {"frame": frame, "playing": False, "wish": None, "stoppedAt": frame}
    decided = after(tmp_path, films, ("film", "growing"), ("playOrPause", None), ("film", "whole"), wish=wish)
    assert decided["wish"] is None and decided["frame"] != frame
    assert after(tmp_path, films, ("film", "whole"), wish={"event": "none"})["wish"] is None
