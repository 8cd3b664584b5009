"""The run that nobody sees: it begins when the worker is idle, gives way, and is done once."""

from __future__ import annotations

from pathlib import Path

from tests.javascript import run_node

CODE = """
let [timer, heard] = [null, null];
globalThis.setTimeout = (go) => { timer = go; return 1; };
globalThis.clearTimeout = () => { timer = null; };
const called = [];
const jobs = {
  film: (id, fields) => called.push(fields.steps > 0 && fields.fast_forward > 0),
  cancel: () => called.push("cancel"),
};
const warmUp = new WarmUp((tell) => { heard = tell; return jobs; });
const idle = () => { timer?.(); timer = null; };
warmUp.giveWay();
idle();
say([...called]);
warmUp.whenIdle();
idle();
heard({ kind: "progress" });
warmUp.giveWay();
warmUp.whenIdle();
idle();
say([...called]);
heard({ kind: "done" });
warmUp.whenIdle();
idle();
say([...called]);
"""


def test_it_gives_way_and_begins_again_until_it_is_done(tmp_path: Path) -> None:
    asked, begun_twice, done = run_node(tmp_path, CODE, "player/engine/warm_up.js")
    assert asked == ["cancel"]  # the first film came before the worker was idle
    assert begun_twice == ["cancel", True, "cancel", True]
    assert done == begun_twice
