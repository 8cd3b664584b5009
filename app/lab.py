"""The page's frame: its name, its look, its screens."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.screens.playground import playground

st.set_page_config("Collapse Lab", page_icon=str(Path(__file__).parents[1] / "assets" / "icon.svg"), layout="wide")
st.html(Path(__file__).with_name("lab.css"))
st.navigation([st.Page(playground, title="Playground", default=True)], position="hidden").run()
