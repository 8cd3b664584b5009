"""A screen is added by its file and one line in lab.py: the example of docs/architecture.md, in a scratch copy."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTES = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Adding a screen")[2]
EXAMPLE = NOTES.partition("```python\n")[2].partition("```")[0]
LINK = {"classes": "3", "dimension": "2", "per_class": "2", "steps": "10"}
IMPORT = "from app.screens.margins import margins_screen\n"
LINE = '        st.Page(margins_screen, title="Margins", url_path="margins"),\n'
VISIT = """
import json
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
from app.jobs import question
question.AT_ONCE = 60.0

def knobs(page):
    return sorted(w.key for kind in ("slider", "select_slider", "selectbox", "number_input") for w in page.get(kind))

def went(page, screen):
    page._page_hash = calc_hash("" if screen == "playground" else screen)
    page.run()
    assert not page.exception, page.exception
    page._page_hash = ""
    return page

page = AppTest.from_file("app/lab.py", default_timeout=120)
for name, value in {"classes": "3", "dimension": "2", "per_class": "2", "steps": "10", "seed": "nan"}.items():
    page.query_params[name] = value
went(page, "margins")
first = {"knobs": knobs(page), "link": dict(page.query_params), "said": [e.proto.body for e in page.get("html")],
         "players": len(page.get("bidi_component"))}
page.slider(key="classes").set_value(4)
page._page_hash = calc_hash("margins")
page.run()
assert not page.exception, page.exception
went(page, "playground")
print(json.dumps({**first, "there": page.session_state["lab"].config.classes, "all": knobs(page)}))
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    """The app with one screen more."""
    house = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "app", house / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "assets", house / "assets")
    (house / "app/screens/margins.py").write_text(EXAMPLE, encoding="utf-8")
    frame = (house / "app/lab.py").read_text(encoding="utf-8")
    first, last = "from app.screens.networks", "        st.Page(networks_screen"
    assert frame.count(first) == frame.count(last) == 1
    changed = frame.replace(first, IMPORT + first).replace(last, LINE + last)
    (house / "app/lab.py").write_text(changed, encoding="utf-8")
    return house


def test_a_screen_has_state_link_knobs_refusals_and_film_from_its_spec(house):
    environment = {"PYTHONPATH": f"{house}:{ROOT}", "PATH": "", "HOME": str(house)}
    done = subprocess.run(
        [sys.executable, "-c", VISIT], cwd=house, env=environment, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["link"] == LINK
    assert said["knobs"] == said["all"]
    assert any("seed = nan is not a whole number" in words for words in said["said"])
    assert said["players"] >= 1
    assert said["there"] == 4  # the playground shows the run that was turned on the new screen
