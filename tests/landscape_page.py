"""The landscape screen in Streamlit's own test driver: opened, turned and read."""

from __future__ import annotations

import json
from pathlib import Path

from pages import mounted, open_page, sound, without_terms
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from app.page.fitting import at_a_saddle
from app.page.runs import RUNS
from app.page.state import PageState
from ulpm_core import RunConfig

SCRIPT = Path(__file__).parents[1] / "app" / "lab.py"
WIDGETS = ("slider", "select_slider", "selectbox", "number_input")
PATIENCE = 120.0
SQUARE = at_a_saddle(RunConfig())
SHORT = {"per_class": "2", "method": "gradient-flow", "log_time": "20"}
NAMES = {
    "origin": "Origin", "neglected-class": "Neglected", "merged-classes": "Merged", "merged-pairs": "Pairs",
    "square": "Square", "polygon": "Polygon", "cross-polytope": "Cross", "simplex": "Simplex",
}  # fmt: skip


def go(page, screen: str):
    """As a click on the screen's name in the sidebar."""
    page._page_hash = calc_hash("" if screen == "playground" else screen)
    sound(page.run())
    page._page_hash = ""  # from here on wherever the page itself goes
    return page


def opened(**link):
    """The screen as a link opens it, run once."""
    page = AppTest.from_file(str(SCRIPT), default_timeout=180)
    page._page_hash = calc_hash("landscape")
    open_page(page, **link)
    page._page_hash = ""
    return page


def lab_of(page) -> PageState:
    return page.session_state["lab"]


def knobs(page) -> set[str]:
    """The keys of the widgets, in the sidebar or, of a lesson, under the film."""
    return {widget.key for kind in WIDGETS for widget in page.get(kind)} & set(RUNS.turnable)


def words(page) -> str:
    return without_terms("".join(element.proto.body for element in page.get("html")))


def components(page) -> tuple[dict, list[dict]]:
    """What the player was given, and the figures."""
    (player,), figures = ([json.loads(e.json) for e in mounted(page, name)] for name in ("film_player", "figure"))
    return player, [json.loads(figure["figure"]) | {"label": figure["label"]} for figure in figures]


def shows(page, config) -> bool:
    return components(page)[0]["films"][-1]["address"].startswith(f"lab/film/{config.digest[:16]}-")


def buttons(page) -> dict[str, object]:
    return {button.key: button for button in page.button}
