"""A screen is added by its file and one line in lab.py: the example of docs/architecture.md, in a scratch copy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scratch import ROOT, add_to, copied, example, printed

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
    house = copied(tmp_path_factory.mktemp("house"), "app", "assets")
    (house / "app/screens/margins.py").write_text(example("Adding a screen"), encoding="utf-8")
    add_to(
        house / "app/lab.py",
        before_import=("from app.screens.networks", IMPORT),
        before_row=("        st.Page(networks_screen", LINE),
    )
    return house


def test_a_screen_has_state_link_knobs_refusals_and_film_from_its_spec(house):
    said = json.loads(printed(house, "-c", VISIT, seconds=200, PYTHONPATH=f"{house}:{ROOT}").splitlines()[-1])
    assert said["link"] == LINK
    assert said["knobs"] == said["all"]
    assert any("seed = nan is not a whole number" in words for words in said["said"])
    assert said["players"] >= 1
    assert said["there"] == 4  # the playground shows the run that was turned on the new screen
