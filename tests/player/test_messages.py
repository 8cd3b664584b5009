"""messages.js, film_messages.js: slides that hold a film in a frame drive it, and nobody else does."""

from __future__ import annotations

import pytest

from tests.javascript import run_node

PAGE = """
const told = [], heard = {}, around = { postMessage: (message, to) => told.push([message, to]) };
globalThis.Element = class { constructor(kinds = []) { this.kinds = kinds; } closest(list) { return list.split(", ").some((kind) => this.kinds.includes(kind)) ? this : null; } };
globalThis.window = { parent: given.alone ? null : around, addEventListener: (kind, act) => { heard[kind] = act; } };
if (given.alone) window.parent = window;
globalThis.document = { addEventListener: (kind, act, { capture }) => { heard[kind] = capture ? act : null; } };
const did = [];
const film = {
  frames: 5, partial: false, digest: "d", header: { title: "T", events: [{ id: "log-2", frame: 3, label: "log 2" }, { frame: 1, label: "nameless" }] },
  clock: { by: "step", step: [0, 1, 10, 100, 1000], log_time: [null, 0, 1, 2, 3] },
};
const player = {
  shown: given.empty ? null : { lead: film }, clock: { frame: 2, frames: 5, playing: true },
  playOrPause() { did.push("turned"); this.clock.playing = !this.clock.playing; }, seek(frame) { did.push(frame); },
};
const messages = new FilmMessages(player, null);
const from = { stranger: {}, slides: around };
for (const [who, data] of given.heard ?? []) heard.message?.({ source: from[who], data });
const kept = (given.keys ?? []).map(([key, kinds = [], more = {}]) => {
  let stopped = false;
  heard.keydown?.({ key, target: new Element(kinds), preventDefault() {}, stopImmediatePropagation() { stopped = true; }, ...more });
  return stopped;
});
if (given.tell) { messages.film(); messages.moment(); }
say({ did, told: told.map(([message]) => message), targets: told.map(([, to]) => to), kept, listens: Object.keys(heard) });
"""  # noqa: E501


def spoken(tmp_path, *heard, **given):
    (said,) = run_node(tmp_path, PAGE, "film_messages.js", heard=[("slides", data) for data in heard], **given)
    return said


def test_slides_set_a_film_going_stop_it_and_seek_any_kind_of_moment(tmp_path):
    moments = [{"frame": 4}, {"event": "log-2"}, {"step": 99}, {"log_time": 1}, {"share": 0.5}]
    said = spoken(
        tmp_path,
        {"collapseLab": "play"},
        {"collapseLab": "pause"},
        {"collapseLab": "pause"},
        {"collapseLab": "play"},
        *({"collapseLab": "seek", "to": to} for to in moments),
    )
    assert said["did"] == ["turned", "turned", 4, 3, 2, 2, 2]
    assert said["told"] == []


@pytest.mark.parametrize(
    "to",
    [None, 3, "log-2", {}, {"frame": 5}, {"frame": -1}, {"frame": 1.5}, {"frame": "1"}, {"event": "no"}, {"step": "9"}],
)
def test_what_is_no_moment_is_refused_in_words_that_say_which_are(tmp_path, to):
    said = spoken(tmp_path, {"collapseLab": "seek", "to": to})
    assert said["did"] == []
    (refused,) = said["told"]
    assert (refused["collapseLab"], refused["command"]) == ("refused", "seek")
    assert '{"frame": 4}' in refused["why"] and "log-2" in refused["why"]


def test_only_the_page_around_is_heard_and_only_what_is_a_command(tmp_path):
    hostile = [None, 1, "play", {}, {"collapseLab": 1}, {"collapseLab": None}, {"other": "play"}, []]
    assert spoken(tmp_path, *hostile)["told"] == []
    (said,) = run_node(tmp_path, PAGE, "film_messages.js", heard=[("stranger", {"collapseLab": "pause"})])
    assert (said["did"], said["told"]) == ([], [])
    said = spoken(tmp_path, {"collapseLab": "constructor"}, {"collapseLab": "goto", "scene": 1})
    assert [one["command"] for one in said["told"]] == ["constructor"]  # goto is a tour's to answer
    assert "play, pause, seek" in said["told"][0]["why"]


def test_a_film_that_is_not_there_yet_says_so(tmp_path):
    said = spoken(tmp_path, {"collapseLab": "play"}, {"collapseLab": "seek", "to": {"frame": 0}}, empty=True)
    assert [one["why"] for one in said["told"]] == ["There is no film yet: wait for the message film."] * 2


def test_what_is_shown_is_told_with_the_names_of_its_moments(tmp_path):
    film, moment = spoken(tmp_path, tell=True)["told"]
    assert film["events"] == [{"id": "log-2", "frame": 3, "label": "log 2"}, {"frame": 1, "label": "nameless"}]
    assert moment == {"collapseLab": "moment", "frame": 2, "frames": 5, "playing": True, "step": 10, "log_time": 1}


def test_a_page_that_stands_alone_listens_to_nobody_and_tells_nobody(tmp_path):
    said = spoken(tmp_path, {"collapseLab": "pause"}, alone=True, tell=True)
    assert (said["did"], said["told"], said["listens"]) == ([], [], [])


def test_the_keys_of_slides_are_given_back_once_they_ask_for_them(tmp_path):
    keys = [["ArrowRight"], ["PageDown"], ["Escape"], [" "], ["f"], ["ArrowRight", ["textarea"]]]
    keys += [["ArrowLeft", [], {"shiftKey": True}], ["Home", [], {"ctrlKey": True}]]
    assert not any(spoken(tmp_path, keys=keys)["kept"])
    asked = spoken(tmp_path, {"collapseLab": "keys", "to": "slides"}, keys=keys)
    assert asked["kept"] == [True, True, True, *[False] * 5]
    assert [one["key"] for one in asked["told"]] == ["ArrowRight", "PageDown", "Escape"]
    back = ({"collapseLab": "keys", "to": "slides"}, {"collapseLab": "keys", "to": "film"})
    assert not any(spoken(tmp_path, *back, keys=keys)["kept"])
