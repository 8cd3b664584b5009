"""insides.js: what Plotly does not promise, and the way round it."""

from __future__ import annotations

import pytest

from tests.javascript import run_node

MOVE = """
const calls = [];
const Plotly = { restyle: (plot, change, indices) => calls.push(["restyle", change, indices]) };
const update = (full) => { calls.push(["update", full]); if (given.fault) throw new Error("gl-shader"); };
const canvas = { getContext: () => ({ isContextLost: () => given.lost ?? false }) };
const plot = { data: [{}, { x: [9], colour: "red" }], querySelectorAll: () => [canvas], querySelector: () => null };
if (given.inside) Object.assign(plot, {
  _fullData: [{}, { uid: "u", scene: "scene2" }],
  _fullLayout: { scene2: { _scene: { traces: given.traces ? { u: { update } } : {} } } },
});
let thrown = null;
try { moveTrace(Plotly, plot, 1, [[1, 2], [3, 4], [5, 6]]); } catch (error) { thrown = error.message; }
say({ calls, thrown, data: plot.data[1] });
"""
LISTS = {"x": [1, 2], "y": [3, 4], "z": [5, 6]}


@pytest.mark.parametrize(
    ("given", "calls", "thrown"),
    [
        ({"inside": True, "traces": True}, [["update", {"uid": "u", "scene": "scene2", **LISTS, "_length": 2}]], None),
        ({"inside": True}, [["restyle", {name: [list_] for name, list_ in LISTS.items()}, [1]]], None),
        ({}, [["restyle", {name: [list_] for name, list_ in LISTS.items()}, [1]]], None),
        ({"inside": True, "traces": True, "fault": True, "lost": True}, None, None),
        ({"inside": True, "traces": True, "fault": True}, None, "gl-shader"),
    ],
    ids=["directly", "a trace without objects", "another Plotly", "a card that is lost", "a fault of our own"],
)
def test_a_trace_is_moved_directly_or_the_public_way(tmp_path, given, calls, thrown):
    (said,) = run_node(tmp_path, MOVE, "insides.js", **given)
    assert said["thrown"] == thrown
    assert said["data"] == {"colour": "red", **LISTS}
    assert calls is None or said["calls"] == calls


def test_a_lost_scene_is_told_of_where_plotly_has_one(tmp_path):
    code = """
    const scene = {}, plot = { _fullLayout: { scene: { _scene: scene } } };
    let lost = 0;
    onLostScene(plot, "scene", () => { lost += 1; });
    onLostScene(plot, "scene2", () => { lost += 10; });
    onLostScene({}, "scene", () => { lost += 100; });
    scene.recoverContext();
    say(lost);
    """
    assert run_node(tmp_path, code, "insides.js") == [1]
