"""What simulated students answer, and the moments that a room names."""

from __future__ import annotations

import base64

from app.rooms.tour import Question, checked_answer
from tests.javascript import run_node
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import build_film

FILM = build_film(simulate(RunConfig(classes=3, dimension=2, steps=300, seed=7)))
SCENE = {"until": 5, "then": FILM.header["frames"] - 1}
OPTIONS = ("a", "b", "c")
KINDS = [
    {"kind": "choice", "options": OPTIONS, "right": [2]},
    {"kind": "several", "options": OPTIONS, "right": [0, 2]},
    {"kind": "number", "options": [], "right": [], "truth": 120.0, "tolerance": 5.0},
    {"kind": "number", "options": [], "right": [], "truth": 0.0, "tolerance": 0.1},
    {"kind": "draw", "options": [], "right": [], "curve": "loss"},
    {"kind": "place", "options": [], "right": []},
]


def test_simulated_students_answer_as_a_room_takes_it_and_not_all_alike(tmp_path):
    code = """const film = parseFilm(bytesOf(given.film));
    let seed = 1;
    const draw = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const answer = (kind) => likelyAnswer(kind, film, given.scene, draw);
    for (const kind of given.kinds) say(Array.from({ length: 200 }, () => answer(kind)));"""
    film = base64.b64encode(FILM.to_bytes()).decode()
    modules = ("film.js", "tour_player/room/rehearsal.js")
    said = run_node(tmp_path, code, *modules, film=film, kinds=KINDS, scene=SCENE)
    for kind, answers in zip(KINDS, said, strict=True):
        for answer in answers:
            checked_answer(Question(kind["kind"], tuple(kind["options"])), answer)
        assert len({str(answer) for answer in answers}) > 2
    assert 70 < said[0].count(2) < 130  # half of them are right
    assert sum(1 for number in said[2] if number > 120.0) in range(60, 141)
    loss = FILM.arrays["loss"]
    for sketch in said[4]:
        assert abs(sketch[0][1] / loss[5] - 1.0) < 1e-6  # it begins where the run waits
        assert [sketch[0][0], sketch[-1][0]] == [5, SCENE["then"]]


def test_a_room_names_frames_by_events_and_by_clocks(tmp_path):
    code = """const film = parseFilm(bytesOf(given.film));
    const moments = ["start", "end", "zero-training-error", "step=300", "never", "step=x"];
    say(moments.map((moment) => frameNamed(film, moment)));"""
    film = base64.b64encode(FILM.to_bytes()).decode()
    (said,) = run_node(tmp_path, code, "film.js", "tour_player/room/following.js", film=film)
    event = next(one["frame"] for one in FILM.header["events"] if one["id"] == "zero-training-error")
    assert said == [0, SCENE["then"], event, SCENE["then"], None, None]
