"""One Plotly figure on the page, given as plain data: drawn anew in place, in the page's colours, and clickable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from app.component.component import component
from app.component.served import Served, text_of
from app.player.modules import joined
from app.player.offline import PLOTLY

ROOT: Final = (
    '<div class="cf" data-testid="figure"><div class="cf-plot"></div>'
    '<p class="cf-waiting" role="status">The figure is on its way.</p></div>'
)
SCRIPT: Final = Served("figure.js", lambda: joined("figure/figure.js"))
STYLE: Final = Served("figure.css", lambda: text_of("figure/figure.css"))


def figure(spec: Mapping[str, Any], *, key: str, label: str, height: int) -> Any:
    """Shows {"data": [...], "layout": {...}} in Plotly's own JSON; every later call draws anew into the same figure.
    Returns an answer whose `picked` is the customdata of a point that was just clicked.

    The colours "@text", "@muted", "@ground", "@accent" and "@faint" are the page's, in light and dark; "@accent/0.3" is
    translucent. A `layout` under "narrow" is laid over the other on phones. `label` is what a screen reader says. A
    click on a point that has `customdata` reruns the page once. Raises ValueError for NaN: JSON has none, gaps are
    None.
    """
    drawn = json.dumps(spec, separators=(",", ":"), allow_nan=False)  # one string: quick to compare, and small
    data = {"figure": drawn, "plotly": PLOTLY.address, "label": label, "height": height}
    shown = component("collapse_lab_figure", ROOT, SCRIPT, STYLE)
    return shown(data=data, key=key, height=height, on_picked_change=lambda: None)  # what has none is not handed back
