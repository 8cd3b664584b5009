"""Mounts the film player on a page, or puts it with a film into one offline file. The player is JavaScript modules,
joined into one.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Final

from app.component.component import component
from app.component.served import Served, text_of
from app.player.carrying import Carrying
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
) -> None:
    """Shows the film at an address of ours, a pinned one beside it; the player lives through every later call.

    `panels` names the set of curves beside the stage (see `ulpm_core.film.curves.PANELS`). `look` is how the first film
    is looked at (see `app.page.look.Look.to_player`); from then on the player writes its own look into the address bar,
    and again whenever `link`, the rest of the address, has changed.
    """
    addresses = {"film": film_url, "pinned": pinned_url, "plotly": PLOTLY.address}
    choices = {"talk": talk, "panels": panels, "look": look or {}, "link": link}
    component("collapse_lab_film_player", ROOT, SCRIPT, STYLE)(data=addresses | choices, key="film-player")


def offline_html(film: bytes, title: str) -> str:
    """Returns one HTML file with a film and its player; it asks nothing of any network.

    Raises :class:`ulpm_core.ConfigError` for bytes that are no film.
    """
    shown = Film.from_bytes(film)
    page = Carrying(
        title=escape(f"{title} · Collapse Lab"),
        style=text_of("player/offline.css") + STYLE.text,
        body=text_of("player/offline.html").format(
            title=escape(f"{title} · Collapse Lab"),
            picture=picture(shown),
            sentences="\n".join(f"<p>{escape(str(sentence))}</p>" for sentence in shown.header["sentences"]),
        ),
        main=joined("player/offline.js"),
        scripts={"plotly": plotly_script()},
        data={"film": film},
    )
    return page.one_file()
