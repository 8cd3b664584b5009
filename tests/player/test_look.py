"""look.js: view, camera, moment and speed, as a link says them."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from app.page.look import Look, read_look
from tests.javascript import run_node
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import Film, build_film

LOOK_FILES = ("film.js", "look.js")
MOMENTS = """
const film = parseFilm(bytesOf(given.film));
say(Array.from({ length: film.frames }, (_, frame) => frameAt(film, given.at[frame])));
say(given.others.map((at) => frameAt(film, at)));
"""
KEYS_OF = (
    "const film = parseFilm(bytesOf(given.film)); for (let i = 0; i < film.frames; i += 1) say(momentKey(film, i));"
)


def as_network(film):
    """A run's film with a network's clock: it counts epochs, and its time is not said in a link."""
    clock = film.header["clock"]
    return Film({**film.header, "clock": {**clock, "epoch": [s / 7 for s in clock["step"]]}}, film.arrays)


@pytest.mark.parametrize("kind", ["steps", "flow", "network"])
def test_a_moment_in_a_link_is_the_moment_it_was_copied_at(tmp_path, kind):
    configs = {"flow": RunConfig(method="gradient-flow", log_time=300.0)}
    film = build_film(simulate(configs.get(kind, RunConfig(steps=300))))
    film = as_network(film) if kind == "network" else film
    film = replace(
        film,
        header={**film.header, "events": [{"frame": 3, "id": "half-way", "when": "", "label": "", "kind": "note"}]},
    )
    encoded = base64.b64encode(film.to_bytes()).decode()
    keys = run_node(tmp_path, KEYS_OF, *LOOK_FILES, film=encoded)
    assert keys[3] == "half-way"
    assert keys[4].split(":")[0] == {"steps": "step", "flow": "log_time"}.get(kind, keys[4])
    looks = [Look(at=key).to_player()["at"] for key in keys]  # as Python reads the link
    refusals = []
    assert [read_look({"at": key}, refusals).at for key in keys] == keys
    assert refusals == []
    others = [{"event": "none"}, {"step": -5}, {"step": 1e9}, {"share": 2}, {"share": "x"}, {"log_time": None}, {}]
    found, odd = run_node(tmp_path, MOMENTS, *LOOK_FILES, film=encoded, at=looks, others=others)
    assert found == list(range(film.header["frames"]))
    last = film.header["frames"] - 1
    assert odd == [None, *([0, last] if kind == "steps" else [None, None]), last, None, None, None]


def test_a_growing_film_waits_for_the_moment_of_its_link(tmp_path):
    film = build_film(simulate(RunConfig(steps=300)))
    film = replace(film, header={**film.header, "partial": True})
    encoded = base64.b64encode(film.to_bytes()).decode()
    code = "say(given.at.map((at) => frameAt(parseFilm(bytesOf(given.film)), at)));"
    (found,) = run_node(
        tmp_path, code, *LOOK_FILES, film=encoded, at=[{"step": 0}, {"step": 300}, {"step": 301}, {"share": 0.5}]
    )
    assert found == [0, film.header["frames"] - 1, None, None]


def test_only_the_players_own_keys_of_a_link_change(tmp_path):
    cases = [
        ("", {}, ""),
        ("?classes=5", {}, "?classes=5"),
        ("?view=tour&classes=5&at=0.5", {}, "?classes=5"),
        ("?question=a%20b%2Bc&speed=8", {"view": "polygon", "speed": 2}, "?question=a%20b%2Bc&view=polygon&speed=2"),
        ("?camera=1,1,1", {"camera": "0.1,0.2,0.3", "at": "step:12"}, "?camera=0.1,0.2,0.3&at=step:12"),
    ]
    code = "given.cases.forEach(([search, look]) => say(withLook(search, look)));"
    assert run_node(tmp_path, code, "look.js", cases=[case[:2] for case in cases]) == [case[2] for case in cases]


def test_a_turned_knob_keeps_the_playhead_and_a_run_of_another_kind_begins_at_its_start(tmp_path):
    base = RunConfig()
    others = {
        "another seed": (base.with_changes(seed=7), True),
        "more classes": (base.with_changes(classes=5, dimension=4), True),
        "a flow": (base.with_changes(method="gradient-flow"), False),
        "a saddle": (base.with_changes(initialisation="square"), False),
        "a preset": (base.with_changes(classes=6, dimension=2, per_class=5, learning_rate=0.5), False),
    }
    headers = [{"config": json.loads(config.to_json())} for config, _ in others.values()]
    code = "given.headers.forEach((header) => say(sameKind({ header: given.base }, { header })));"
    same = run_node(tmp_path, code, "look.js", base={"config": json.loads(base.to_json())}, headers=headers)
    assert dict(zip(others, same, strict=True)) == {name: kept for name, (_, kept) in others.items()}
    kinds = [{"header": {"kind": kind, "config": {}}} for kind in ("network", None)]
    assert run_node(tmp_path, "say(sameKind(...given.kinds));", "look.js", kinds=kinds) == [False]


def test_a_link_says_what_is_not_usual_and_reads_back_as_it_was(tmp_path):
    code = """
    const [space, many] = given.films.map((text) => parseFilm(bytesOf(text)));
    const keys = (film, chosen, moment = {}) => {
      const settings = withChanges(USUAL, chosen);
      return lookKeys({ films: [film], lead: film }, settings, { wish: null, frame: null, ...moment });
    };
    const seen = chosenBy({ view: "polygon", camera: [0.1, 0.2, 1.5], speed: 4 }, many);
    say([keys(space, {}), keys(many, { view: "first" }), keys(many, seen), keys(space, {}, { frame: 3 }),
      keys(space, {}, { wish: { step: 9000 }, frame: 3 }), keys(space, {}, { wish: { event: "diverged" } }),
      keys(space, { cameras: seen.cameras })]);
    const shown = { films: [parseFilm(bytesOf(given.films[0])), many, space], names: [], lead: many };
    const reads = (film) => lookKeys(shown, withChanges(USUAL, { film }), { wish: null, frame: null }).film ?? "";
    say([null, 0, 1, 7].map(reads));
    """
    films = [build_film(simulate(RunConfig(classes=K, dimension=K - 1, steps=5))) for K in (4, 6)]
    encoded = [base64.b64encode(film.to_bytes()).decode() for film in films]
    said, reads = run_node(tmp_path, code, "film.js", "settings.js", "look.js", films=encoded)
    assert reads == ["", "A", "B", ""]  # the last is read as usual, and no eighth is there
    assert said == [
        {},
        {},
        {"view": "polygon", "camera": "0.1,0.2,1.5", "speed": 4},
        {"at": "step:3"},
        {"at": "step:9000"},
        {"at": "diverged"},
        {},  # the camera of a plane is not that of space
    ]
    look, refusals = {name: str(value) for name, value in said[2].items()}, []
    assert read_look(look, refusals).to_link() == look
    assert refusals == []


def test_a_frame_of_a_film_is_found_on_the_longer_ones_clock(tmp_path):
    code = """
    const [long, short] = given.films.map((text) => parseFilm(bytesOf(text)));
    const frames = short.clock.step.map((_, frame) => leadingFrame(long, short, frame));
    say([frames.map((frame) => long.clock.step[frame]), short.clock.step]);
    say(leadingFrame(long, long, 7));
    """
    films = [build_film(simulate(RunConfig(steps=steps))) for steps in (1000, 60)]
    encoded = [base64.b64encode(film.to_bytes()).decode() for film in films]
    (there, wanted), own = run_node(tmp_path, code, "film.js", "look.js", films=encoded)
    assert all(at >= step for at, step in zip(there, wanted, strict=True))
    assert there[:30] == wanted[:30]
    assert own == 7


def test_a_film_is_linked_to_by_what_happened_in_it(tmp_path):
    film = build_film(simulate(RunConfig(steps=300)))
    encoded = base64.b64encode(film.to_bytes()).decode()
    ids = [event["id"] for event in film.header["events"]]
    assert ids == ["zero-training-error", "log-2"]
    looks = [Look(at=name).to_player()["at"] for name in ids]
    code = "const film = parseFilm(bytesOf(given.film)); say(given.at.map((at) => momentKey(film, frameAt(film, at))));"
    assert run_node(tmp_path, code, *LOOK_FILES, film=encoded, at=looks) == [ids]
