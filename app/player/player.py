"""Mounts the film player on a page, or puts it with a film into one offline file. The player is JavaScript modules,
joined into one.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from html import escape
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Final

from app.component.component import component
from app.component.served import Served, text_of
from app.player.modules import joined
from app.player.picture import picture
from ulpm_core.film.film import Film

ROOT: Final = (
    '<div class="fp" data-testid="film-player"><div class="fp-waiting"><p>The film is on its way.</p>'
    '<p class="fp-late">It takes unusually long: reload the page. If that does not help, something keeps the '
    "page's script from running.</p></div></div>"
)


def plotly_script() -> str:
    """Returns the plotly.min.js of the installed package."""
    return (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


PLOTLY: Final = Served("plotly.min.js", plotly_script, version=version("plotly"))
SCRIPT: Final = Served("player.js", lambda: joined("player/door.js"))
STYLE: Final = Served("player.css", lambda: text_of("player/player.css"))


def mount(
    film_url: str,
    *,
    pinned_url: str | None = None,
    talk: bool = False,
    panels: str = "run",
    look: Mapping[str, Any] | None = None,
    link: str = "",
    key: str = "film-player",
) -> None:
    """Shows the film at an address of ours, a pinned one beside it; the player lives through every later call.

    `panels` names the set of curves beside the stage (see `ulpm_core.film.curves.PANELS`). `look` is how the first film
    is looked at (see `app.page.look.Look.to_player`); from then on the player writes its own look into the address bar,
    and again whenever `link`, the rest of the address, has changed.
    """
    addresses = {"film": film_url, "pinned": pinned_url, "plotly": PLOTLY.address}
    choices = {"talk": talk, "panels": panels, "look": look or {}, "link": link}
    shown = component("collapse_lab_film_player", ROOT, SCRIPT, STYLE)
    shown(data={**addresses, **choices, "autoplay": True}, key=key)


OFFLINE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; \
style-src 'unsafe-inline'; img-src data: blob:">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0 auto; max-width: 1400px; padding: 12px 20px; background: #fdfdfc; color: #20242c; \
font: 16px/1.5 system-ui, sans-serif; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --st-background-color: #11151c; --st-text-color: #e8ebf0; --st-primary-color: #6cb6ff; }}
  body {{ background: #11151c; color: #e8ebf0; }}
}}
{css}
</style>
</head>
<body>
<main>
<h1 class="fp-unseen">{title}</h1>
<div class="fp" data-testid="film-player"><div class="fp-poster">
{picture}
<p class="fp-late">{still}</p>
</div></div>
{sentences}
</main>
<script id="film" type="text/plain">{film}</script>
<script>{plotly}</script>
<script type="module">
{player}
</script>
</body>
</html>
"""


STILL: Final = (
    "This is the last moment of the film, as a picture. The film plays where its script may run: open this file in a "
    "browser with JavaScript on, and not inside a page or viewer that forbids scripts."
)


def offline_html(film: bytes, title: str) -> str:
    """Returns one HTML file with a film and its player; it asks nothing of any network.

    Raises :class:`ulpm_core.ConfigError` for bytes that are no film.
    """
    shown = Film.from_bytes(film)
    return OFFLINE.format(
        title=escape(f"{title} · Collapse Lab"),
        css=STYLE.text,
        picture=picture(shown),
        still=STILL,
        sentences="\n".join(f"<p>{escape(str(sentence))}</p>" for sentence in shown.header["sentences"]),
        film=base64.b64encode(film).decode("ascii"),
        plotly=_inline(plotly_script()),
        player=_inline(joined("player/offline.js")),
    )


def _inline(script: str) -> str:
    """Returns a script as it may stand inside a page: nothing in it ends the element early."""
    return re.sub(r"<(?=/script|!--)", r"<\\", script, flags=re.IGNORECASE)
