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


VERTICES = """
/** Draws as Plotly does: two vertices a segment, which know both of its ends; three a mark, and one of its edge. */
const written = [], full = { uid: "u", scene: "scene" };
const bufferOf = () => ({ update(values, offset) { written.push([offset ?? null, ...values]); } });
const line = { buffer: bufferOf(), lineWidth: 1 }, marks = { pointBuffer: bufferOf(), lineWidth: given.edge };
const drawn = {
  [given.lines ? "linePlot" : "scatterPlot"]: given.lines ? line : marks,
  update({ x, y, z }) {
    const at = Array.from(x, (_, i) => [x[i] * 0.5, y[i] * 0.25, z[i] * 2]), values = [];
    const gap = at.map((point) => point.some(Number.isNaN));
    const rest = [0, 7, 0.1, 0.2, 0.3, 1];
    for (let i = 1; given.lines && i < at.length; i += 1) {
      if (!gap[i - 1] && !gap[i]) values.push(...at[i - 1], ...at[i], ...rest, ...at[i], ...at[i - 1], ...rest);
    }
    for (const count of given.lines ? [] : [3, 1]) values.push(...at.flatMap((each) => Array(count).fill(each).flat()));
    line.vertexCount = values.length / 12;
    marks.vertexCount = 3 * at.length;
    marks.lineVertexCount = at.length;
    (given.lines ? line.buffer : marks.pointBuffer).update(new Float32Array(values));
  },
};
const scene = { traces: { u: drawn }, dataScale: [0.5, 0.25, 2] };
const plot = { data: [{}], _fullData: [full], _fullLayout: { scene: { _scene: scene } } };
const lists = (points) => points.map((list) => Float32Array.from(list, (x) => x ?? NaN));
for (const points of given.moves) moveTrace({}, plot, 0, lists(points));
drawn.update({ x: plot.data[0].x, y: plot.data[0].y, z: plot.data[0].z });
say(written);
"""
FIRST = [[1, 2, None, 3, 4], [5, 6, None, 7, 8], [9, 8, None, 7, 6]]
THEN = [[-1, 2, None, 0, 4], [0, 0, None, 1.5, 8], [9, -8, None, 7, 0]]
ALL_THERE = [[1, 2, 3, 4, 5], [5, 6, 7, 7, 8], [9, 8, 7, 7, 6]]


def test_the_vertices_of_lines_move_as_plotly_would_have_made_them(tmp_path):
    (written,) = run_node(tmp_path, VERTICES, "insides.js", lines=True, edge=0, moves=[FIRST, THEN])
    learned, first, then, whole = written
    assert [each[0] for each in written] == [None, 0, 0, None]
    assert then[1:] == whole[1:] != first[1:]
    assert learned[7:13] == whole[7:13]  # widths and colours


def test_a_line_that_is_lifted_elsewhere_is_learned_anew(tmp_path):
    (written,) = run_node(tmp_path, VERTICES, "insides.js", lines=True, edge=0, moves=[FIRST, ALL_THERE, FIRST])
    assert [each[0] for each in written] == [None, 0] * 3 + [None]
    assert written[5][1:] == written[6][1:] == written[1][1:]
    assert len(written[3]) == len(written[1]) + 2 * 24


@pytest.mark.parametrize("edge", [0, 2])
def test_the_vertices_of_marks_move_with_their_edges_where_these_are_drawn(tmp_path, edge):
    (written,) = run_node(tmp_path, VERTICES, "insides.js", lines=False, edge=edge, moves=[ALL_THERE])
    _, moved, whole = written
    assert moved[0] == 0
    assert moved[1:] == whole[1:] if edge else moved[1:] == whole[1 : 1 + 3 * 3 * 5]


def test_a_settled_scene_neither_picks_nor_measures_until_it_is_woken(tmp_path):
    code = """
    const calls = [], objects = [{ pickSlots: 1 }, { pickSlots: 1 }];
    const glplot = {
      objects, autoResize: true, onrender: () => {}, axes: { enable: true, update: () => calls.push(["shaders"]) },
      remove: (mark) => { calls.push(["remove", objects.indexOf(mark)]); objects.splice(objects.indexOf(mark), 1); },
      add: (mark) => { objects.push(mark); calls.push(["add", objects.map(({ pickSlots }) => pickSlots)]); },
    };
    const plot = { _fullLayout: { scene: { _scene: { glplot, render: () => calls.push(["render"]) } } } };
    settleScene(plot, "scene");
    glplot.axes.update();
    say([glplot.autoResize, glplot.onrender, calls]);
    wakeScene(plot, "scene");
    glplot.onrender();
    say([glplot.autoResize, calls.at(-1)]);
    for (const other of [{}, { _fullLayout: { scene: { _scene: {} } } }]) {
      settleScene(other, "scene");
      wakeScene(other, "scene");
    }
    """
    assert run_node(tmp_path, code, "insides.js") == [
        [False, None, [["remove", 1], ["add", [0, 0]]]],
        [True, ["render"]],
    ]


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
