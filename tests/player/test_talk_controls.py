"""talk_controls.js: what a speaker says with a film."""

from __future__ import annotations

from tests.javascript import run_node

CODE = """
const events = [{ frame: 2, when: "step 11", label: "zero training error" },
  { frame: 3, when: "t = 9", label: "left" }];
const film = { frames: 6, partial: false, header: { events, sentences: ["One.", "Two."] } };
say([0, 2, 3, 4].map((frame) => happening(film, frame, 1)));
say([0, 1, 2].map((at) => happening(film, 5, at)));
say([happening({ ...film, partial: true }, 5, 0), happening({ ...film, header: { events: [] } }, 5, 0)]);
"""


def test_a_caption_says_the_event_that_came_last_and_at_the_end_one_sentence_at_a_time(tmp_path):
    under_way, at_the_end, without = run_node(tmp_path, CODE, "talk_controls.js")
    assert under_way == ["", "step 11: zero training error", "t = 9: left", "t = 9: left"]
    assert at_the_end == ["One.", "Two.", "One."]
    assert without == ["t = 9: left", ""]
