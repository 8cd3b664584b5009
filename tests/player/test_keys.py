"""keys.js: whose a key is, and what it does."""

from __future__ import annotations

import pytest

from tests.javascript import run_node

KEYS = """
globalThis.Element = class { constructor(kinds) { this.kinds = kinds; } closest(list) { return list.split(", ").some((kind) => this.kinds.includes(kind)) ? this : null; } };
let listener;
globalThis.document = { addEventListener: (_, act) => { listener = act; } };
const did = [], act = (name) => (...values) => { did.push([name, ...values]); };
const player = { shown: given.films === 0 ? null : { films: Array(given.films ?? 1) }, parts: { scrub: null }, escape: act("escape"), turn: act("turn"), read: act("read") };
for (const name of ["playOrPause", "back", "forward", "first", "last", "loop", "full", "sample", "matrix", "figures"]) player[name] = act(name);
listenToKeys(player, null);
for (const [key, event] of given.keys) listener({ key, target: new Element([]), preventDefault() {}, ...event, ...(event.on && { target: new Element([event.on]) }) });
say(did);
"""  # noqa: E501


def did(tmp_path, *keys, **given):
    (said,) = run_node(tmp_path, KEYS, "keys.js", keys=[[key, event] for key, event in keys], **given)
    return [name if not values else [name, *values] for name, *values in said]


def test_every_key_of_the_readme_does_what_it_says(tmp_path):
    keys = [" ", "ArrowLeft", "ArrowRight", "Home", "End", "L", "f", "M", "s", "T", "Escape", "x"]
    done = ["playOrPause", "back", "forward", "first", "last", "loop", "full", "matrix", "sample", "figures", "escape"]
    assert did(tmp_path, *[(key, {}) for key in keys]) == done
    assert did(tmp_path, ("ArrowUp", {"shiftKey": True}), ("ArrowUp", {})) == [["turn", 0, 0.1]]


def test_a_digit_reads_one_of_several_films(tmp_path):
    assert did(tmp_path, ("1", {}), ("4", {}), ("5", {}), ("2", {"on": "input"}), films=4) == [["read", 0], ["read", 3]]
    assert did(tmp_path, ("1", {}), films=1) == []


@pytest.mark.parametrize("event", [{"ctrlKey": True}, {"metaKey": True}, {"altKey": True}, {"defaultPrevented": True}])
def test_keys_with_a_modifier_are_the_browsers(tmp_path, event):
    assert did(tmp_path, (" ", event), ("f", event)) == []


def test_a_player_without_a_film_takes_no_key(tmp_path):
    assert did(tmp_path, (" ", {}), ("Escape", {}), films=0) == []


def test_focused_elements_keep_the_keys_they_need(tmp_path):
    assert did(tmp_path, ("f", {"on": "input"}), (" ", {"on": "textarea"}), ("Home", {"on": "select"})) == []
    assert did(tmp_path, (" ", {"on": "button"}), ("f", {"on": "button"})) == ["full"]
    assert did(tmp_path, ("ArrowLeft", {"on": "[role=slider]"}), ("m", {"on": "[role=slider]"})) == ["matrix"]
