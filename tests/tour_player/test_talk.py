"""presenter.js: what the speaker's window says."""

from __future__ import annotations

from tests.javascript import run_node

PRESENTER = "tour_player/presenter.js"


def test_the_clock_of_a_talk_counts_hours_once_there_are_some(tmp_path):
    seconds = [-1, 0, 59.9, 61, 3599, 3600, 3725]
    (said,) = run_node(tmp_path, "say(given.seconds.map(clockWords));", PRESENTER, seconds=seconds)
    assert said == ["0:00", "0:00", "0:59", "1:01", "59:59", "1:00:00", "1:02:05"]


def test_a_speaker_is_told_what_comes_next(tmp_path):
    scenes = [{"title": "A", "questions": [{}]}, {"title": "B", "questions": [{}, {}]}, {"title": "C", "questions": []}]
    (said,) = run_node(
        tmp_path, "say(given.scenes.map((_, i) => nextWords(given.scenes, i)));", PRESENTER, scenes=scenes
    )
    assert said == [
        "First the question of this scene. Next: B",
        "First the questions of this scene. Next: C",
        "This is the last scene.",
    ]
