"""The offline page: what it asks for, what it carries, and that nothing in a film can become more than text."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import pytest

from app.player import player
from app.player.picture import picture
from ulpm_core import ConfigError, RunConfig, simulate
from ulpm_core.film.film import Film, build_film

REAL = build_film(simulate(RunConfig(classes=3, dimension=2, per_class=2, steps=50)))


class Elements(HTMLParser):
    """What a browser would find: elements with their attributes, and the text inside each script."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.scripts, self.titles = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "title"):
            getattr(self, f"{tag}s").append("")

    def handle_data(self, data):
        tag = self.elements[-1][0] if self.elements else ""
        if tag in ("script", "title"):
            getattr(self, f"{tag}s")[-1] += data

    def handle_endtag(self, tag):
        self.elements.append((f"/{tag}", {}))


def hostile_film():
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)> & \u2028 {braces} ünïcode"
    return Film({**REAL.header, "sentences": [evil], "title": evil, "caption": evil, "note": evil}, REAL.arrays), evil


def test_the_offline_page_asks_nothing_of_any_network():
    page = Elements(player.offline_html(REAL.to_bytes(), "A run"))
    assert [
        (tag, name, value) for tag, attrs in page.elements for name, value in attrs.items() if name in ("src", "href")
    ] == []
    policy = next(
        attrs["content"] for _, attrs in page.elements if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";") if rule.strip())
    assert rules["default-src"] == "'none'"
    assert "connect-src" not in rules
    assert not any("http" in rule or "*" in rule for rule in rules.values())
    assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//", player.STYLE.text)


def test_the_offline_page_carries_the_very_bytes_of_the_film_and_the_player():
    page = Elements(player.offline_html(REAL.to_bytes(), "A run"))
    film, plotly, script = page.scripts
    assert base64.b64decode(film, validate=True) == REAL.to_bytes()
    assert len(plotly) > 1_000_000
    assert "new FilmPlayer(" in script
    assert page.titles == ["A run · Collapse Lab"]


def test_without_a_script_the_offline_page_shows_the_end_of_the_film_and_says_what_is_missing():
    page = player.offline_html(REAL.to_bytes(), "A run")
    root = re.search(r'<div class="fp" data-testid="film-player">(.*?)</div></div>', page, re.DOTALL)[1]
    assert picture(REAL) in root
    assert "as a picture" in root and "JavaScript" in root
    assert "on its way" not in page


def test_whatever_a_film_says_stays_text():
    film, evil = hostile_film()
    harmless = Elements(player.offline_html(REAL.to_bytes(), "A run"))
    page = Elements(player.offline_html(film.to_bytes(), evil))
    kinds = [tag for tag, _ in page.elements if tag not in ("p", "/p")]
    assert kinds == [tag for tag, _ in harmless.elements if tag not in ("p", "/p")]
    assert page.titles == [f"{evil} · Collapse Lab"]
    assert len(page.scripts) == 3
    assert base64.b64decode(page.scripts[0]) == film.to_bytes()


@pytest.mark.parametrize("script", ["a</script>b", "a</SCRIPT >b", "a<!-- <script>b"])
def test_no_script_can_end_its_element_early(script):
    inlined = player._inline(script)
    assert Elements(f"<script>{inlined}</script><i>").elements == [("script", {}), ("/script", {}), ("i", {})]
    assert "<!--" not in inlined


@pytest.mark.parametrize("bad", [b"", b"ULPMFILM", REAL.to_bytes()[:200], b"<script>alert(1)</script>"])
def test_only_a_film_becomes_an_offline_page(bad):
    with pytest.raises(ConfigError, match="this is not a film"):
        player.offline_html(bad, "A run")
