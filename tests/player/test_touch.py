"""touch.js: which gestures are the player's."""

from __future__ import annotations

import pytest

from tests.javascript import run_node

SWIPE = """
globalThis.Element = class {};
const acts = {}, did = [];
const element = { style: {}, setPointerCapture() {}, addEventListener: (kind, act) => { acts[kind] = act; } };
onSwipe(element, { move: (_, dx, dy) => did.push([dx, dy]), tap: () => did.push("tap") }, null);
for (const [kind, x, y, more] of given.events) {
  acts[kind]({ pointerType: "touch", pointerId: 1, isPrimary: true, clientX: x, clientY: y, target: null, ...more });
}
say({ did, style: element.style });
"""
DOWN, MOVE, UP = "pointerdown", "pointermove", "pointerup"


@pytest.mark.parametrize(
    ("events", "did"),
    [
        ([(DOWN, 0, 0), (MOVE, 5, 0), (UP, 5, 0)], ["tap"]),
        ([(DOWN, 0, 0), (MOVE, 20, 3), (MOVE, 25, 9), (UP, 25, 9)], [[20, 3], [5, 6]]),
        ([(DOWN, 0, 0), (MOVE, 3, 40), (UP, 3, 40)], []),
        ([(DOWN, 0, 0), (DOWN, 50, 50, {"pointerId": 2, "isPrimary": False}), (MOVE, 20, 0), (UP, 20, 0)], []),
        ([(DOWN, 0, 0), ("pointercancel", 0, 0), (MOVE, 20, 0)], []),
        ([(DOWN, 0, 0, {"pointerType": "mouse"}), (MOVE, 20, 0, {"pointerType": "mouse"})], []),
    ],
    ids=["a tap", "across", "down is a scroll", "two fingers are a pinch", "the browser's", "a mouse"],
)
def test_one_finger_across_is_the_players(tmp_path, events, did):
    events = [[*event, {}][:4] for event in events]
    (said,) = run_node(tmp_path, SWIPE, "touch.js", events=events)
    assert said == {"did": did, "style": {"touchAction": "pan-y pinch-zoom"}}
