"""The worked notebook: it runs, and its outputs play in a browser offline, wherever a notebook is opened."""

from __future__ import annotations

import json
import re
from html import escape

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from tests.browser.conftest import PATIENCE_MS, ROOT, Tab

pytestmark = pytest.mark.browser

NOTEBOOK = ROOT / "docs" / "notebook.ipynb"
FRAMES = "iframe[srcdoc]"
TRUSTED = """(outputs) => {
  for (const html of outputs) {
    const output = document.createElement("div");
    document.body.append(output);
    output.innerHTML = html;
    for (const script of output.querySelectorAll("script")) {
      const clone = document.createElement("script");
      for (const { name, value } of script.attributes) clone.setAttribute(name, value);
      clone.textContent = script.textContent;
      script.replaceWith(clone);
    }
  }
}"""
"""How JupyterLab and VS Code put an output that is trusted on their page: its scripts do not run of themselves."""
VSCODE = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src https: data:;"
    " font-src https:; connect-src https:; child-src https: data:"
)
"""The policy of VS Code's page for the outputs of a notebook."""


@pytest.fixture(scope="module")
def executed() -> nbformat.NotebookNode:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    return NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(ROOT)}}).execute()


@pytest.fixture(scope="module")
def outputs(executed) -> list[str]:
    """The outputs of the films, in their order."""
    shown = [
        output["data"].get("text/html", "")
        for cell in executed.cells
        for output in cell.get("outputs", ())
        if "data" in output
    ]
    return [html for html in shown if "<iframe" in html]


@pytest.fixture
def opened(tab_of, tmp_path):
    """Opens a page from disk, with the network off, and counts what plays on it."""

    def open_page(html: str, **options: object) -> Tab:
        path = tmp_path / "notebook.html"
        path.write_text(html, encoding="utf-8")
        tab = tab_of(offline=True, **options)
        tab.server = "file://"
        tab.page.goto(path.as_uri())
        return tab

    return open_page


def films_of(tab: Tab, expression: str) -> list[object]:
    """What an expression of `player`, its root, is in each film's frame, once the film is there."""
    found = []
    for frame in tab.page.frames:
        if frame.query_selector("[data-plotly]"):
            frame.locator("[data-plotly]").scroll_into_view_if_needed()
            frame.wait_for_selector("[data-plotly][data-frames]")
            found.append(frame.evaluate(f"((player) => {expression})(document.querySelector('.fp'))"))
    return found


def wait_in_all(tab: Tab, selector: str, films: int) -> int:
    """Waits until so many frames have a film, and each of them what a selector finds; how many films there are."""
    frames = []
    for _ in range(PATIENCE_MS // 100):
        frames = [frame for frame in tab.page.frames if frame.query_selector("[data-plotly]")]
        if len(frames) >= films:
            break
        tab.page.wait_for_timeout(100)
    for frame in frames:
        frame.locator("[data-plotly]").scroll_into_view_if_needed()
        frame.wait_for_selector(selector, state="attached")
    return len(frames)


IN_3D = ".fp-scene .gl-container canvas"
DRAWN = ".fp-scene > canvas.fp-sketch"


def test_the_notebook_runs_as_it_stands_and_holds_plotly_once(executed, outputs):
    stripped = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in stripped["cells"])
    made = [output for cell in executed.cells for output in cell.get("outputs", ())]
    assert {output.output_type for output in made} <= {"execute_result", "display_data", "stream"}
    assert [output.text for output in made if output.get("name") == "stderr"] == []
    assert len(outputs) == 3
    assert ["data-collapse-lab=" in html for html in outputs] == [True, False, False]
    assert all(len(html) < 700_000 for html in outputs[1:])
    assert any("dimension ↓ classes →" in output.get("data", {}).get("text/html", "") for output in made)


def test_an_executed_notebook_plays_from_disk(executed, opened):
    exporter = HTMLExporter(require_js_url="", mathjax_url="", jquery_url="")
    page, _ = exporter.from_notebook_node(executed)
    tab = opened(page)
    assert wait_in_all(tab, IN_3D, 3) == 3
    assert films_of(tab, "player.dataset.frame === String(player.dataset.frames - 1)") == [True] * 3
    assert tab.page.locator(FRAMES).first.evaluate("(frame) => frame.previousElementSibling.hidden")
    overflow = "document.documentElement.scrollHeight - innerHeight"
    assert all(-2 <= rest <= 2 for rest in films_of(tab, overflow))
    first = next(frame for frame in tab.page.frames if frame.query_selector("[data-plotly]"))
    first.locator(".fp-heading").click()
    tab.page.keyboard.press("Home")
    first.wait_for_selector('[data-plotly][data-frame="0"]')
    assert films_of(tab, "player.dataset.frame")[1:] != ["0", "0"]


def test_outputs_play_under_the_policy_of_vs_code_in_any_order(outputs, opened):
    tab = opened(f'<meta http-equiv="Content-Security-Policy" content="{VSCODE}"><body style="background:#1f1f1f">')
    tab.evaluate(TRUSTED, [outputs[1]])  # the one that carries Plotly is not there yet
    assert wait_in_all(tab, DRAWN, 1) == 1
    tab.evaluate(TRUSTED, [outputs[0]])
    assert wait_in_all(tab, IN_3D, 2) == 2
    grounds = films_of(tab, "getComputedStyle(player).backgroundColor")
    assert grounds == ["rgb(31, 31, 31)"] * 2  # dark as the page around
    tab.evaluate("document.body.replaceChildren()")  # its output is cleared, and the notebook stays open
    tab.evaluate(TRUSTED, [outputs[1]])
    assert wait_in_all(tab, IN_3D, 1) == 1


def test_where_outputs_share_no_page_each_film_plays_as_a_drawing(outputs, opened):
    cell = '<iframe sandbox="allow-scripts" width="900" height="760" srcdoc="{}"></iframe>'
    cells = "".join(cell.format(escape(html)) for html in outputs[:2])
    tab = opened(f"<body>{cells}", viewport={"width": 1000, "height": 1600})  # a sandbox out of sight stands still
    assert wait_in_all(tab, DRAWN, 2) == 2
    said = films_of(tab, "player.querySelector('.fp-caption').textContent")
    assert all("the stage is a plain drawing of the same points" in words for words in said)
    assert films_of(tab, "player.dataset.frame === String(player.dataset.frames - 1)") == [True] * 2


def test_where_no_script_may_run_there_are_a_picture_and_the_figures(outputs, opened):
    harmless = re.sub(r"<(script|iframe)\b.*?</\1>", "", outputs[0], flags=re.DOTALL)
    tab = opened(f"<body>{harmless}")
    assert tab.page.get_by_role("img", name="The last frame of the film: 4 classes in 3 dimensions").is_visible()
    assert tab.page.get_by_role("rowheader", name="nc1_trace_ratio", exact=True).is_visible()
    assert tab.evaluate("document.images[0].naturalWidth > 0")
