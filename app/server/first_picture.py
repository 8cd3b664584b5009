"""The page's first second, before Streamlit's code has arrived: its frame, the picture of the first film, and the
film.
"""

from __future__ import annotations

from html import escape
from typing import Final

from app.component.served import text_of
from app.jobs import bundled, films
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
FIRST: Final = """<style>{look}</style>
<div id="lab-first" data-plotly="{plotly}" data-film="{film}">
<div class="lab-first-side"><h1>Collapse Lab</h1></div>
<div class="lab-first-main">
<p class="lab-first-row" aria-hidden="true">{presets}</p>
<p class="lab-watch">{watch}</p>
<noscript><p><b>The lab needs JavaScript: allow it for this page.</b></p></noscript>
<div class="fp" data-testid="film-player" role="group" aria-label="Film of the run">
<section class="fp-main" aria-label="Stage"><div class="fp-head"><h2 class="fp-heading">{title}</h2></div>
<div class="fp-stage"><div class="fp-scene">
<div class="fp-begins">{begins}</div><div class="fp-ends">{ends}</div>
</div></div>
<p class="fp-legend">&nbsp;</p><p class="fp-caption">{caption}</p></section>
<section class="fp-side" aria-label="Curves"><div class="fp-curves"></div></section>
<div class="fp-bar"><div class="fp-transport"><span class="fp-play"></span></div><div class="fp-marks"></div></div>
</div></div></div>
<script>{fit}</script>"""
FIT: Final = """for (const root of document.querySelectorAll("#lab-first .fp")) {
  root.classList.toggle("fp-wide", root.clientWidth >= 820);
  root.classList.toggle("fp-narrow", root.clientWidth < 480);
}"""
"""Sets the picture's width class as the player does once it is there."""


def first_address() -> str:
    """Returns where browsers find the film of the default run, which comes with the lab; to ask is to keep it there."""
    return f"lab/film/{films.publish(bundled.first_film()).key}"


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
    return FIRST.format(
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
