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


TELLING = """
const written = [];
const told = (name, of) => new Proxy(of, { set(at, key, value) { written.push([name, key, value]); at[key] = value; return true; } });
const root = { dataset: told("data", {}) };
const parts = {
  scrub: told("scrub", { setAttribute() {} }), moment: { textContent: "" }, play: { setAttribute() {} },
};
const clock = { step: [0, 10, 20], time: [0, 1, null], log_time: [null, 0, 9] };
const lead = { moment: String, frames: 3, timed: true, clock };
const teller = new Teller(root, parts);
for (const [frame, due] of [[0, true], [1, false], [2, true], [2, true]]) {
  teller.tell(lead, { frame, playing: true }, due);
  say(written.splice(0));
}
"""  # noqa: E501


def test_the_thumb_waits_with_the_words_and_data_attributes_are_written_where_they_change(tmp_path):
    first, between, last, still = run_node(tmp_path, TELLING, "teller.js")
    assert ["scrub", "value", "0"] in first
    assert ["data", "playing", "true"] in first
    assert between == [["data", "frame", "1"], ["data", "step", "10"], ["data", "time", "1"], ["data", "logTime", "0"]]
    assert last == [
        ["scrub", "value", "2"],
        *(["data", name, value] for name, value in (("frame", "2"), ("step", "20"), ("time", "inf"), ("logTime", "9"))),
    ]
    assert still == [["scrub", "value", "2"]]
