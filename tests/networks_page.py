"""The Real networks screen in Streamlit's own test driver: opened, turned and read."""

from __future__ import annotations

from pathlib import Path

from pages import mounted, open_page, press, sound, without_terms
from streamlit.testing.v1 import AppTest

from app.page.state import PageState
from ulpm_core.networks.config import NetworkConfig

SCRIPT = Path(__file__).parents[1] / "app" / "lab.py"
TINY = NetworkConfig(classes="0,1,2", width=8, depth=2, epochs=3, log_time_steps=12, snapshots=16)
DECAYED = TINY.with_changes(log_time_steps=0, weight_decay=1e-3)
KINDS = ("slider", "select_slider", "selectbox", "number_input", "toggle", "button_group")


def open_networks(config=TINY, **more):
    page = AppTest.from_function(networks, default_timeout=180)
    return open_page(page, **config.to_link(), **more)


def networks():
    from app.screens.networks.networks import networks_screen

    networks_screen()


def lab_of(page) -> PageState:
    return page.session_state["network"]


def keys(page):
    return {b.key for b in page.button}


def film_on(page):
    players = mounted(page, "film_player")
    return str(players[0]) if players else ""


def everything(page):
    return without_terms(" ".join(e.proto.body for e in page.get("html")))


def trained():
    page = press(open_networks(), "train")
    return sound(page.run())
