"""ticker.js: time as it passes on screen."""

from __future__ import annotations

from tests.javascript import run_node

TICKER = """
let waiting = null;
globalThis.requestAnimationFrame = (act) => { waiting = act; return 1; };
globalThis.cancelAnimationFrame = () => { waiting = null; };
const passed = [];
const ticker = new Ticker((seconds) => { passed.push(seconds); return given.moving; });
const frame = (now) => { const act = waiting; waiting = null; act?.(now); };
ticker.start();
for (const [now, act] of given.frames) { if (act) ticker[act](); frame(now); }
say({ passed, waiting: waiting !== null });
"""


def test_time_is_real_and_starts_anew_after_a_pause(tmp_path):
    frames = [
        [1000, None],
        [1250, None],
        [9000, None],
        [9500, "forget"],
        [9750, None],
        [20000, "start"],
        [20100, "stop"],
    ]
    (said,) = run_node(tmp_path, TICKER, "ticker.js", moving=True, frames=frames)
    assert said == {"passed": [0, 0.25, 1, 0, 0.25, 0], "waiting": False}


def test_what_stands_still_asks_for_no_other_frame(tmp_path):
    (said,) = run_node(tmp_path, TICKER, "ticker.js", moving=False, frames=[[0, None], [100, None]])
    assert said == {"passed": [0], "waiting": False}


def test_a_rest_ends_by_itself_or_when_something_starts_and_is_not_drawn_out(tmp_path):
    code = """
    let waiting = null, timers = [];
    globalThis.requestAnimationFrame = (act) => { waiting = act; return 1; };
    globalThis.cancelAnimationFrame = () => { waiting = null; };
    globalThis.setTimeout = (act, ms) => timers.push({ act, ms }) - 1;
    globalThis.clearTimeout = (i) => { if (timers[i]) timers[i].act = null; };
    const ticker = new Ticker(() => true), moves = () => waiting !== null;
    ticker.start();
    ticker.rest();
    ticker.rest();
    say([moves(), timers.map(({ ms }) => ms)]);
    timers[0].act();
    say([moves(), timers.length]);
    ticker.rest();
    ticker.start();
    say([moves(), timers[1].act]);
    """
    assert run_node(tmp_path, code, "ticker.js") == [[False, [150]], [True, 1], [True, None]]
