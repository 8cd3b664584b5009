"""Puts the film player with its films into one offline file; nothing here knows of Streamlit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from importlib.metadata import version
from importlib.resources import files
from typing import Final

from app.component.served import Served, text_of
from app.player.carrying import Carrying
from app.player.modules import joined
from app.player.picture import picture
from ulpm_core.film.film import Film


def plotly_script() -> str:
    """Returns the plotly.min.js of the installed package."""
    return (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


PLOTLY: Final = Served("plotly.min.js", plotly_script, version=version("plotly"))
STYLE: Final = Served("player.css", lambda: text_of("player/player.css"))


def offline_html(
    films: Sequence[bytes],
    title: str,
    names: Sequence[str] = (),
    main: str = "player/offline.js",
    style: str = "player/offline.css",
) -> str:
    """Returns one HTML file with a film and its player, or with up to four side by side under their names; it asks
    nothing of any network. `main` is the script that plays them, `style` the look of the page around the player.

    Raises :class:`ulpm_core.ConfigError` for bytes that are no film.

    >>> from ulpm_core import RunConfig, simulate
    >>> from ulpm_core.film.film import build_film
    >>> film = build_film(simulate(RunConfig(classes=3, dimension=2, per_class=4, steps=50)))
    >>> offline_html([film.to_bytes()], "A run")[:15]
    '<!doctype html>'
    """
    shown = list(map(Film.from_bytes, films))
    called = list(names) or [""] * len(shown)
    page = Carrying(
        title=escape(f"{title} · Collapse Lab"),
        style=text_of(style) + STYLE.text,
        body=text_of("player/offline.html").format(
            title=escape(f"{title} · Collapse Lab"),
            names=escape(json.dumps(called)),
            picture=_pictures(shown, called),
            sentences="\n".join(map(_said, shown, _headings(called))),
        ),
        main=joined(main),
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
