"""The page's frame: its name, its style sheet, and the list of its screens, where a new screen is added."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import streamlit as st

from app import asset
from app.blocks.late import again_when_there
from app.jobs.turnstile import TURNSTILE
from app.page.run_widgets import say_what_is_late
from app.screens.landscape.landscape import landscape_screen
from app.screens.lessons.lessons import lessons_screen
from app.screens.networks.networks import networks_screen
from app.screens.phases import phases_screen
from app.screens.playground import playground_screen
from app.screens.rules.rules import rules_screen
from app.screens.theory import theory_screen
from app.server.leftovers import leftovers

# Only a page with a timer asks a server that was away for a new run at once: without one, a tab that outlives its
# session loses the first knob that is turned, and downloads nothing.
A_DAY: Final = 86_400.0


@TURNSTILE
def lab() -> None:
    """Draws the page for one visitor. Streamlit runs it on each visit, and again after every knob that is turned."""
    leftovers.turned(time.monotonic())
    st.set_page_config("Collapse Lab", page_icon=str(asset("icon.svg")), layout="wide")
    st.html(Path(__file__).with_name("lab.css"))
    screens = [
        st.Page(playground_screen, title="Playground", url_path="playground", default=True),
        st.Page(lessons_screen, title="Lessons", url_path="lessons"),
        st.Page(theory_screen, title="Theory", url_path="theory"),
        st.Page(landscape_screen, title="Landscape", url_path="landscape"),
        st.Page(rules_screen, title="Rules", url_path="rules"),
        st.Page(networks_screen, title="Real networks", url_path="networks"),
        st.Page(phases_screen, title="Phases", url_path="phases"),
    ]
    st.session_state["home"], st.session_state["lessons"] = screens[:2]
    screen = st.navigation(screens, position="hidden")
    with st.sidebar:
        st.html('<a class="lab-skip" href="#film">Skip to the film</a><h1 class="lab-name">Collapse Lab</h1>')
        with st.container(horizontal=True, key="screens"):
            for page in screens:
                st.page_link(page)
    st.fragment(lambda: None, run_every=A_DAY)()
    screen.run()
    say_what_is_late()
    again_when_there()


lab()
