"""teller.js: when words are written beside a film that plays."""

from __future__ import annotations

from tests.javascript import run_node

CODE = """
let now = 0;
globalThis.performance = { now: () => now };
const teller = new Teller({}, {});
/** @type {(times: number[], playing: boolean) => boolean[]} */
const due = (times, playing) => times.map((time) => { now = time; return teller.isDue(playing); });
say(due([0, 16, 32, 79, 80, 96, 500], true));
say(due([501, 502], false));
say(due([510], true));
teller.hurry();
say(due([511, 512], true));
"""


def test_words_wait_while_a_film_plays_and_never_where_it_stands_still_or_is_new(tmp_path):
    assert run_node(tmp_path, CODE, "teller.js") == [
        [True, False, False, False, True, False, True],
        [True, True],
        [False],
        [True, False],
    ]
