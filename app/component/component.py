"""Components of the page whose code a browser fetches once, by its address, and keeps."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from app.component.served import Served, text_of


@cache
def component(name: str, html: str, script: Served, style: Served | None = None) -> Callable[..., Any]:
    """Returns a Streamlit component: `html` with one root element, and a module whose default export mounts it.

    Streamlit sends a component's code again with every change of its data, so what it is given is a stub that names
    their addresses. They are relative: a base path, or a proxy's prefix, is the browser's business. A component is made
    known to Streamlit once, when it is first mounted.
    """
    stub = text_of("component/component.js")
    for place, address in {"SCRIPT": script.address, "STYLE": style.address if style else ""}.items():
        stub = stub.replace(place, address)
    return st.components.v2.component(name, html=html, js=stub, isolate_styles=False)
