"""Shows results of the core in a notebook: `stage` is what they ask by the entry point of pyproject.toml."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from html import escape
from typing import Final

from app.component.served import text_of
from app.notebook.carriers import take_this_turn
from app.player.carrying import Carrying, packed, source_of
from app.player.modules import joined
from app.player.picture import picture
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.extras import refuse_without
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.network import network_film
from ulpm_core.model.shown import Shown
from ulpm_core.networks.images import shown_images
from ulpm_core.networks.recording import Recording

HEIGHT: Final = 700
"""Pixels of a film's frame, until it knows its own height."""
GRID: Final = "display:grid;grid-template-columns:minmax(0,1fr)"
STILL: Final = f"grid-area:1/1;max-height:{HEIGHT}px;overflow:auto"
FRAME: Final = f"grid-area:1/1;width:100%;height:{HEIGHT}px;border:0"


def stage(result: Shown) -> str:
    """Stages a result in a notebook, as HTML: its film in a frame that plays it, and behind the frame, for where no
    script may run, the last moment as a picture and the table of figures; "" for what has no film.

    Raises :class:`ulpm_core.ConfigError` where Plotly is missing, and for what no film can show.
    """
    film = film_of(result)
    if film is None:
        return ""
    script = plotly()
    key = f"plotly-{hashlib.sha256(script.encode()).hexdigest()[:16]}"
    carried = f'<script type="text/plain" data-collapse-lab="{key}">{packed(script.encode())}</script>'
    still = f'<div style="{STILL}">{_image(film)}{result.table().html()}</div>'
    named = f'title="Film: {escape(str(film.header["title"]))}" allow="fullscreen"'
    frame = f'<iframe style="{FRAME}" {named} srcdoc="{escape(_page(film, script, key))}"></iframe>'
    return f'{carried * take_this_turn()}<div style="{GRID}">{still}{frame}</div>'


def film_of(result: Shown) -> Film | None:
    """Returns the film of a result; None for a kind that has none. Raises :class:`ulpm_core.ConfigError` as `stage`."""
    if not isinstance(result, (Film, Recording, Trajectory)):
        return None
    refuse_without("notebook", "film")
    if isinstance(result, Trajectory):
        return build_film(result)
    return network_film(result, shown_images(result)) if isinstance(result, Recording) else result


def plotly() -> str:
    """Returns the script of the installed Plotly."""
    from app.player.offline import plotly_script  # here: what has no film, and its refusals, need none

    return plotly_script()


def _page(film: Film, script: str, key: str) -> str:
    """Returns the page inside a frame: the film and its player but for Plotly, which it finds in the notebook around
    it under its key; it runs that one script and no other.
    """
    title = escape(str(film.header["title"]))
    said = "\n".join(f"<p>{escape(str(sentence))}</p>" for sentence in film.header["sentences"])
    styles = map(text_of, ("player/offline.css", "player/player.css", "notebook/notebook.css"))
    page = Carrying(
        title=title,
        style="\n".join(styles),
        body=text_of("notebook/notebook.html").format(title=title, key=key, picture=picture(film), sentences=said),
        main=joined("notebook/notebook.js"),
        scripts={},
        data={"film-1": film.to_bytes()},
        rules={"script-src": source_of(script)},
    )
    return page.one_file()


def _image(film: Film) -> str:
    """Returns the last moment as an image, which notebooks show that trust nobody."""
    drawn = picture(film).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" color="#767e8c" ', 1)
    source = b64encode(drawn.encode()).decode("ascii")
    words = f"The last frame of the film: {escape(str(film.header['title']))}"
    return f'<img width="400" height="400" alt="{words}" src="data:image/svg+xml;base64,{source}">'
