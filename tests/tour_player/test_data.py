"""A tour as the browser plays it: frames, answers and numbers are those of its runs."""

from __future__ import annotations

import json

import pytest
from player.films import encoded
from tour_player.small import small

from tests.javascript import run_node
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import Film, build_film
from ulpm_core.model.number_words import number

RUN = RunConfig(classes=3, dimension=2, per_class=4, steps=60, seed=3)


def test_frames_numbers_and_answers_are_those_of_the_run():
    film = build_film(simulate(RUN))
    loss, steps = film.arrays["loss"], film.header["clock"]["step"]
    first, second, third, fourth = small().data["scenes"]
    (key, other), shown = small().films, first["film"]
    assert (steps[shown["until"]], steps[shown["then"]], shown["begins"]) == (20, 40, 0)
    assert f"the loss is {number(loss[0])}. Go" in first["html"]
    choice, asked = first["questions"]
    assert choice["right"] == [1] and number(loss[-1]) in choice["reason"]
    assert asked["truth"] == pytest.approx(100 * loss[steps.index(40)]) and asked["tolerance"] == asked["truth"] / 10
    assert shown["show"] == ["loss", "nc1_trace_ratio"] and shown["look"]["camera"] == [0.4, 1.2, 1.6]
    assert shown["link"] == "classes=3&dimension=2&per_class=4&steps=60&seed=3&camera=0.4,1.2,1.6"
    beside = second["film"]
    assert (beside["digest"], beside["pinned"], shown["digest"]) == (other, key, key)
    assert (beside["begins"], beside["until"], beside["then"]) == (10, 30, 30)
    assert (beside["knobs"], beside["config"]["steps"], beside["elsewhere"]) == (["seed"], 30, "")
    kinds = {q["kind"]: q for q in third["questions"]}
    assert [*kinds] == ["several", "draw", "place"] and kinds["several"]["right"] == [0, 2]
    assert (
        kinds["draw"]["curve"] == "nc2_angles"
        and third["film"]["until"] == 0
        and third["film"]["then"] == len(steps) - 1
    )
    assert (fourth["film"], fourth["questions"], fourth["html"]) == (None, [], "<p>Only words.</p>")
    assert Film.from_bytes(small().films[key].to_bytes()).digest == RUN.digest


def test_the_words_cannot_break_out_of_their_elements():
    said = small().json()
    assert json.loads(said) == small().data and small().data["title"] == "Small & <b>bold</b>"
    for words in (scene["html"] + "".join(q["prompt"] for q in scene["questions"]) for scene in small().data["scenes"]):
        assert "<script" not in words and "<i>" not in words


def test_a_scene_shows_nothing_of_what_comes_after(tmp_path):
    film = small().films
    (key, _) = film
    code = """
      const whole = parseFilm(bytesOf(given.film));
      const cut = sceneFilm(whole, 20, ["nc3", "nc2_norms", "nc2_angles"], false);
      const { loss, features } = cut.arrays;
      say([cut.frames, cut.clock.step.at(-1), loss.length, features.length / whole.arrays.features.length]);
      say([cut.showsIdeal, whole.showsIdeal, cut.ends.join() === whole.ends.join()]);
      say([cut.header.events.every(({ frame }) => frame <= 20), cut.digest === whole.digest]);
      say(cut.header.panels.map(({ set, curves }) => [set, curves]));
      say(sceneFilm(whole, 1e9, [], true).frames === whole.frames && sceneFilm(whole, -1, [], true).frames);
    """
    counts, ideal, same, panels, ends = run_node(
        tmp_path, code, "film.js", "tour_player/scene_film.js", film=encoded(film[key])[0]
    )
    frames = film[key].header["frames"]
    assert counts == [21, film[key].header["clock"]["step"][20], 21, pytest.approx(21 / frames)]
    assert ideal == [False, True, True] and same == [True, True] and ends == 1
    assert panels == [["run", ["nc3"]], ["run", ["nc2_norms"]], ["run", ["nc2_angles"]]]


def test_the_lab_opens_with_the_moment_and_the_turned_knobs_of_a_scene(tmp_path):
    (key, _) = small().films
    scene = {**small().data["scenes"][0]["film"], "digest": key, "config": {"seed": 3, "steps": 60}}
    code = """
      const film = parseFilm(bytesOf(given.film));
      const player = { film, shown: { films: [film], lead: film }, settings: USUAL, clock: { frame: 20 } };
      const seen = (stage) => SceneStage.prototype.linkOf.call(stage, given.scene);
      const staged = { scene: given.scene, film };
      const turned = new Film({ ...film.header, config: { seed: 9, steps: 60 } }, film.arrays);
      say([seen({ staged: null, player }), seen({ staged, player, frame: 20 }), seen({ staged, frame: null, player: { ...player, film: turned } })]);
    """  # noqa: E501
    (links,) = run_node(
        tmp_path, code, "film.js", "settings.js", "tour_player/scene_stage.js",
        film=encoded(small().films[key])[0], scene=scene,
    )  # fmt: skip
    step = small().films[key].header["clock"]["step"][20]
    bare = scene["link"].replace("&camera=0.4,1.2,1.6", "")  # nobody has turned this player's camera
    assert links[:2] == [f"?{scene['link']}", f"?{bare}&at=step:{step}"]
    assert "seed=9" in links[2] and "seed=3" not in links[2] and links[2].endswith(f"&at=step:{step}")
