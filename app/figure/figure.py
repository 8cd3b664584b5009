"""One Plotly figure on the page, given as plain data: drawn anew in place, in the page's colours, and clickable."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import streamlit as st

from app.player.player import loader_script, plotly_address

ROOT: Final = (
    '<div class="cf" data-testid="figure"><div class="cf-plot"></div>'
    '<p class="cf-waiting" role="status">The figure is on its way.</p></div>'
)


@lru_cache(1)
def _component() -> Callable[..., Any]:
    css, own = ((files("app.figure") / f"figure.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    js = loader_script() + own
    return st.components.v2.component("collapse_lab_figure", html=ROOT, css=css, js=js, isolate_styles=False)


def figure(
    spec: Mapping[str, Any], *, key: str, label: str, height: int, on_click: Callable[[], None] | None = None
) -> Any:
    """Shows {"data": [...], "layout": {...}} in Plotly's own JSON; the same drawing lives through every later call.

    The colours "@text", "@muted", "@ground", "@accent" and "@faint" are the page's, in light and dark; "@accent/0.3" is
    translucent. A `layout` under "narrow" is laid over the other on phones. `label` is what a screen reader says.
    A click on a point that has `customdata` reruns the page once with that as `picked`: in the answer, and for
    `on_click` in st.session_state[key]. Raises ValueError for NaN: JSON has none, gaps are None.
    """
    drawn = json.dumps(spec, separators=(",", ":"), allow_nan=False)  # one string: quick to compare, and small
    data = {"figure": drawn, "plotly": plotly_address(), "label": label, "height": height}
    return _component()(data=data, key=key, height=height, on_picked_change=on_click or _nothing)


def _nothing() -> None:
    """Streamlit hands back only what has a callback."""
