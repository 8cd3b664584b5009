"""The lab in one file, its folder for a static host, and films with knobs: what they weigh, carry and may do."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from app.__main__ import main
from app.jobs.bundled import FIRST_FILM
from app.player.offline import offline_html
from app.standalone.standalone import film_html, lab
from app.standalone.table import standalone_table
from tests.pages_that_carry import Elements, carried, policy_of_page
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import build_film

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def page():
    return lab().one_file()


def test_the_lab_is_one_file_of_less_than_three_megabytes_that_asks_for_nothing(page):
    assert len(page.encode()) < 3 * MEGABYTE
    elements = Elements(page)
    named = [
        (tag, value) for tag, attrs in elements.elements for name, value in attrs.items() if name in ("src", "href")
    ]
    papers = [value for tag, value in named if tag == "a"]  # which are followed by whoever wants to read them
    assert len(papers) == len(named) and all(value.startswith("https://arxiv.org/abs/") for value in papers)
    rules = policy_of_page(elements)
    assert rules["default-src"] == "'none'" and rules["worker-src"] == "blob:"
    assert "connect-src" not in rules
    assert re.fullmatch(r"(?:'sha256-[\w+/=]{44}' ){3}'wasm-unsafe-eval'", rules["script-src"])


def test_the_lab_carries_the_first_film_the_engine_and_the_table_and_shows_a_picture_and_words_before(page):
    elements = Elements(page)
    parts = carried(elements)
    assert parts["film"] == FIRST_FILM.read_bytes()
    assert b"WebAssembly" in parts["engine"]
    assert json.loads(parts["table"]) == json.loads(json.dumps(standalone_table()))
    before = page[: page.index('id="plotly"')]
    assert "<svg" in before and 'id="main"' in before
    order = [attrs["id"] for tag, attrs in elements.elements if tag == "script" and "id" in attrs]
    assert order[0] == "main" and order[-1] == "plotly"


def test_the_folder_holds_the_same_parts_each_under_a_name_that_changes_with_it(page):
    files = lab().folder()
    index = Elements(files.pop("index.html"))
    asked = [attrs["src"] for tag, attrs in index.elements if tag == "script" and "src" in attrs]
    assert sorted(asked) == sorted(files)
    parts = {name.rpartition("-")[0] for name in files}
    assert parts == carried(Elements(page)).keys()
    assert all(re.fullmatch(r"[a-z]+-[0-9a-f]{16}\.js", name) for name in files)
    assert "'self'" in policy_of_page(index)["script-src"]
    assert all("connect-src" not in rule for rule in policy_of_page(index))
    assert lab().folder().keys() == files.keys() | {"index.html"}


def film_of(**changes):
    return build_film(simulate(RunConfig(steps=50, per_class=2).with_changes(**changes)))


@pytest.mark.parametrize(
    ("changes", "knobs"),
    [
        ({"seed": 7}, True),
        ({"method": "gradient-flow", "log_time": 5.0}, True),
        ({"initialisation": "square", "push": 0.1}, False),
        ({"dtype": "float32"}, False),
        ({"classes": 30}, False),
    ],
)
def test_a_film_has_knobs_where_a_browser_can_make_such_a_run(changes, knobs):
    film = film_of(**changes)
    html = film_html([film.to_bytes()], "A run")
    assert ("engine" in carried(Elements(html))) is knobs
    assert carried(Elements(html))["film" if knobs else "film-1"] == film.to_bytes()
    if not knobs:
        assert html == offline_html([film.to_bytes()], "A run")
    assert len(html.encode()) < 3 * MEGABYTE


def command(*words, capsys):
    code = main(words)
    return code, capsys.readouterr()


def test_the_command_writes_the_file_and_the_folder(tmp_path, capsys, page):
    out = tmp_path / "lab.html"
    assert command("lab", "--out", str(out), capsys=capsys)[0] == 0
    assert out.read_text(encoding="utf-8") == page
    times = []
    for _ in range(2):  # the second time into the folder that is there
        assert command("lab", "--out", f"{tmp_path}/site/", capsys=capsys)[0] == 0
        files = list((tmp_path / "site").iterdir())
        assert {path.name for path in files} == lab().folder().keys()
        times.append({path.name: path.stat().st_mtime_ns for path in files})
    assert times[0] == times[1]  # by which a browser knows that it need not fetch them again
    (tmp_path / "made").mkdir()
    assert command("lab", "--out", str(tmp_path / "made"), capsys=capsys)[0] == 0
    assert (tmp_path / "made" / "index.html").is_file()


@pytest.mark.parametrize(
    "out", ["lab.mp4", "lab.npz", "lab.PNG", "none/lab.html", "none/site/", "site", "file/", "file/x", "a\0b"]
)
def test_the_command_refuses_in_one_line_and_leaves_nothing(tmp_path, monkeypatch, capsys, out):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("mine")
    code, said = command("lab", "--out", out, capsys=capsys)
    assert code == 2
    assert said.out == "" and said.err.count("\n") == 1
    assert said.err.startswith("python -m app lab: --out: out = ") and "a path such as " in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "mine"


def test_a_disk_that_fills_up_leaves_nothing_of_a_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        "pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "mine.txt").write_text("mine")
    for folder in ("site", "new/"):
        code, said = command("lab", "--out", f"{tmp_path}/{folder}", capsys=capsys)
        assert code == 2 and "No space left on device" in said.err
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == ["site", "site/mine.txt"]


def test_the_command_without_its_option_says_what_it_needs():
    done = subprocess.run([sys.executable, "-m", "app", "lab"], capture_output=True, text=True, timeout=180)
    assert done.returncode == 2
    assert "--out" in done.stderr and "lab.html" in done.stderr
