"""Mounts the film player on a page, or puts it with films into one offline file. The player is JavaScript modules,
joined into one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Final, NamedTuple

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


class Side(NamedTuple):
    """One of the films on stage: its address, and what it is called beside others."""

    address: str
    name: str = ""


def mount(
    films: Sequence[Side],
    *,
    talk: bool = False,
    panels: str = "run",
    look: Mapping[str, Any] | None = None,
    link: str = "",
) -> None:
    """Shows the films at up to four addresses of ours side by side on one clock, the present one last; the player lives
    through every later call.

    `panels` names the set of curves beside the stage (see `ulpm_core.film.curves.PANELS`). `look` is how the first film
    is looked at (see `app.page.look.Look.to_player`); from then on the player writes its own look into the address bar,
    and again whenever `link`, the rest of the address, has changed.
    """
    addresses = {"films": [side._asdict() for side in films], "plotly": PLOTLY.address}
    choices = {"talk": talk, "panels": panels, "look": look or {}, "link": link}
    component("collapse_lab_film_player", ROOT, SCRIPT, STYLE)(data=addresses | choices, key="film-player")


def offline_html(films: Sequence[bytes], title: str, names: Sequence[str] = ()) -> str:
    """Returns one HTML file with a film and its player, or with up to four side by side under their names; it asks
    nothing of any network.

    Raises :class:`ulpm_core.ConfigError` for bytes that are no film.
    """
    shown = list(map(Film.from_bytes, films))
    called = list(names) or [""] * len(shown)
    page = Carrying(
        title=escape(f"{title} · Collapse Lab"),
        style=text_of("player/offline.css") + STYLE.text,
        body=text_of("player/offline.html").format(
            title=escape(f"{title} · Collapse Lab"),
            names=escape(json.dumps(called)),
            picture=_pictures(shown, called),
            sentences="\n".join(map(_said, shown, _headings(called))),
        ),
        main=joined("player/offline.js"),
        scripts={"plotly": plotly_script()},
        data={f"film-{i}": film for i, film in enumerate(films, 1)},
    )
    return page.one_file()


def _headings(names: Sequence[str]) -> list[str]:
    """Returns what stands over each of several films: its letter and its name."""
    if len(names) == 1:
        return [""]
    return [f"{letter} {name}".strip() for letter, name in zip("ABCD", names, strict=False)]


def _pictures(films: Sequence[Film], names: Sequence[str]) -> str:
    """Returns the last frame of a film; of several, each under its name."""
    if len(films) == 1:
        return picture(films[0])
    figures = (
        f"<figure>{picture(film)}<figcaption>{escape(heading)}</figcaption></figure>"
        for film, heading in zip(films, _headings(names), strict=True)
    )
    return f'<div class="fp-pictures">{"".join(figures)}</div>'


def _said(film: Film, heading: str) -> str:
    """Returns the sentences of a film, under a heading where it has one."""
    above = f"<h2>{escape(heading)}</h2>" if heading else ""
    return above + "\n".join(f"<p>{escape(str(sentence))}</p>" for sentence in film.header["sentences"])
