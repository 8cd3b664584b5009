"""The page's first second, before Streamlit's code has arrived: its frame, the picture of a screen's first film, and
that film. Only what came with the lab is there so soon: the films that Theory and Landscape begin with are computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from app.component.served import text_of
from app.jobs import bundled
from app.jobs.films import Packed
from app.player.offline import PLOTLY, STYLE
from app.player.picture import picture
from app.player.player import SCRIPT
from app.terms.glossary import legend
from app.views.network_presets import NETWORK_PRESETS
from app.views.opening import opening
from app.views.presets import PRESETS, Preset
from ulpm_core.film.film import Film
from ulpm_core.networks.config import NetworkConfig

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


PRESETS_OF: Final[dict[str, Sequence[Preset[Any]]]] = {"": PRESETS, "networks": NETWORK_PRESETS}
"""The presets of the screens whose first film came with the lab, by the ends of their paths."""


def first_film(screen: str) -> Packed | None:
    """Returns the film that a screen of :data:`PRESETS_OF` begins with; None where its file is damaged."""
    if not screen:
        return bundled.first_film()
    found = bundled.recorded(NetworkConfig())
    return found[0] if found else None


def with_first(page: str, screen: str | None) -> str:
    """Returns Streamlit's page with our head, and with the first film of this screen begun; None is a state that has
    none of its own.
    """
    addresses = {"plotly": PLOTLY.address, "script": SCRIPT.address, "style": STYLE.address}
    page = page.replace("<title>Streamlit</title>", "<title>Collapse Lab</title>")
    page = page.replace("</head>", HEAD.format(words=WORDS, **addresses) + "</head>", 1)
    shown = None if screen is None else first_film(screen)
    first = _begun(screen or "", shown) if shown else ALONE.format(plotly=PLOTLY.address)
    return page.replace("</body>", first + "</body>", 1)


def _begun(screen: str, shown: Packed) -> str:
    film, presets = Film.from_bytes(shown.document), PRESETS_OF[screen]
    return text_of("server/first_picture.html").format(
        look=text_of("server/first_picture.css"),
        plotly=PLOTLY.address,
        film=f"lab/film/{shown.ref.key}",
        screen=screen,
        presets="".join(f"<span>{escape(preset.name)}</span>" for preset in presets),
        watch=escape(presets[0].watch) if screen else opening(film.header, presets[0].watch),
        legend=legend(),
        title=escape(film.header["title"]),
        caption=escape(film.header["caption"]),
        begins=picture(film, 0),
        ends=picture(film),
        fit=FIT,
    )
