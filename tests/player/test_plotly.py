"""plotly.js: how Plotly's script is run."""

from __future__ import annotations

from tests.javascript import run_node

CODE = """
globalThis.HTMLCanvasElement = class { getContext(...asked) { return asked; } };
const canvas = new HTMLCanvasElement();
const ask = () => say(["2d", "webgl"].map((kind) => canvas.getContext(kind, { alpha: false })));
await wordsReadFast(async () => ask());
ask();
await wordsReadFast(async () => { throw new Error("none"); }).catch(({ message }) => say(message));
ask();
"""


def test_canvases_that_plotly_makes_while_its_script_runs_are_told_to_be_read_and_no_others(tmp_path):
    webgl, usual = ["webgl", {"alpha": False}], [["2d", {"alpha": False}], ["webgl", {"alpha": False}]]
    told = [["2d", {"alpha": False, "willReadFrequently": True}], webgl]
    assert run_node(tmp_path, CODE, "plotly.js") == [told, usual, "none", usual]
