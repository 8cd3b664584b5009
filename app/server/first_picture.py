"""The page's first second, before Streamlit's code has arrived: its frame, the picture of the first film, and the
film.
"""

from __future__ import annotations

from html import escape
from typing import Final

from app.component.served import text_of
from app.jobs import bundled
from app.player.picture import picture
from app.player.player import PLOTLY, SCRIPT, STYLE
from app.views.presets import PRESETS
from ulpm_core.film.film import Film

WORDS: Final = "Turn a knob and watch neural collapse happen: features fold into a simplex, with every number beside."
HEAD: Final = (
    '<link rel="stylesheet" href="{style}"><link rel="preload" href="{plotly}" as="script">'
    '<script type="module" src="{script}"></script>'
    '<meta name="description" content="{words}">'
    '<meta property="og:title" content="Collapse Lab"><meta property="og:description" content="{words}">'
)
"""Plotly and the player come while Streamlit starts, not after it."""
ALONE: Final = '<div id="lab-first" data-plotly="{plotly}" hidden></div>'
"""The mark in pages whose film is not known yet: only Plotly begins to load."""
FIT: Final = """for (const root of document.querySelectorAll("#lab-first .fp")) {
  root.classList.toggle("fp-wide", root.clientWidth >= 820);
  root.classList.toggle("fp-narrow", root.clientWidth < 480);
}"""
"""Sets the picture's width class as the player does once it is there."""


def first_address() -> str:
    """Returns where browsers find the film of the default run, which comes with the lab."""
    return f"lab/film/{bundled.first_film().ref.key}"


def with_first(page: str, address: str) -> str:
    """Returns Streamlit's page with our head, and where the `address` of the first film is given, with that film
    begun.
    """
    addresses = {"plotly": PLOTLY.address, "script": SCRIPT.address, "style": STYLE.address}
    page = page.replace("<title>Streamlit</title>", "<title>Collapse Lab</title>")
    page = page.replace("</head>", HEAD.format(words=WORDS, **addresses) + "</head>", 1)
    first = _begun(address) if address else ALONE.format(plotly=PLOTLY.address)
    return page.replace("</body>", first + "</body>", 1)


def _begun(address: str) -> str:
    film = Film.from_bytes(bundled.FIRST_FILM.read_bytes())
    title, caption = film.header["title"], film.header["caption"]
    return text_of("server/first_picture.html").format(
        look=text_of("server/first_picture.css"),
        plotly=PLOTLY.address,
        film=address,
        presets="".join(f"<span>{escape(preset.name)}</span>" for preset in PRESETS),
        watch=escape(PRESETS[0].watch),
        title=escape(title),
        caption=escape(caption),
        begins=picture(film, 0),
        ends=picture(film),
        fit=FIT,
    )
