"""The offline page: what it asks for, what it carries, and that nothing in a film can become more than text."""

from __future__ import annotations

import base64
import re

import pytest

from app.player import offline
from app.player.carrying import packed, source_of
from app.player.modules import joined
from app.player.picture import picture
from tests.javascript import run_node
from tests.pages_that_carry import Elements, carried, policy_of_page
from ulpm_core import ConfigError, RunConfig, simulate
from ulpm_core.film.film import Film, build_film

REAL = build_film(simulate(RunConfig(classes=3, dimension=2, per_class=2, steps=50)))


def hostile_film():
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)> & \u2028 {braces} ünïcode"
    return Film({**REAL.header, "sentences": [evil], "title": evil, "caption": evil, "note": evil}, REAL.arrays), evil


def test_the_offline_page_asks_nothing_of_any_network():
    page = Elements(offline.offline_html([REAL.to_bytes()], "A run"))
    assert [
        (tag, name, value) for tag, attrs in page.elements for name, value in attrs.items() if name in ("src", "href")
    ] == []
    rules = policy_of_page(page)
    assert rules["default-src"] == "'none'"
    assert "connect-src" not in rules
    assert not any("http" in rule or "*" in rule for rule in rules.values())
    assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//", offline.STYLE.text)


def test_the_offline_page_carries_the_very_bytes_of_the_film_and_the_player_in_half_of_what_they_take_unpacked():
    html = offline.offline_html([REAL.to_bytes()], "A run")
    page = Elements(html)
    parts = carried(page)
    assert parts.keys() == {"main", "plotly", "film-1"}
    assert parts["film-1"] == REAL.to_bytes()
    assert parts["plotly"].decode() == offline.plotly_script()
    assert b"new FilmPlayer(" in parts["main"]
    assert page.titles == ["A run · Collapse Lab"]
    assert len(html) < sum(map(len, parts.values())) / 2


def test_the_offline_page_runs_the_scripts_that_it_carries_and_no_others():
    page = Elements(offline.offline_html([REAL.to_bytes()], "A run"))
    (inside,) = (text for text in page.scripts if text.startswith("// "))
    scripts = [inside, *(carried(page)[name].decode() for name in ("main", "plotly"))]
    assert policy_of_page(page)["script-src"] == " ".join(map(source_of, scripts))


@pytest.mark.parametrize("size", [0, 100, 100_000])
def test_a_page_carries_any_bytes_and_says_so_where_they_are_damaged(tmp_path, size):
    data = bytes(i * i % 251 for i in range(size))
    code = """
      const getElementById = (id) => ({ textContent: given[id], nextSibling: {} });
      globalThis.document = { readyState: "complete", getElementById };
      say(Buffer.from(await carried("whole")).toString("base64"));
      for (const id of ["cut", "changed", "empty"]) await carried(id).catch(({ message }) => say(message.slice(0, 57)));
      delete globalThis.DecompressionStream;
      await carried("whole").catch(({ message }) => say(message.slice(0, 43)));
    """
    whole = packed(data)
    changed = base64.b64encode(bytes(b ^ 1 for b in base64.b64decode(whole))).decode()
    given = {"whole": whole, "cut": whole[: len(whole) // 2], "changed": changed, "empty": ""}
    came, *said = run_node(tmp_path, code, "carried.js", **given)
    assert base64.b64decode(came) == data
    assert said[:3] == ['This page is damaged, or did not arrive whole: its part "'] * 3
    assert said[3:] == ["This page needs a browser of 2023 or later,"]


def test_without_a_script_the_offline_page_shows_the_end_of_the_film_and_says_what_is_missing():
    page = offline.offline_html([REAL.to_bytes()], "A run")
    root = re.search(
        r'<div class="fp" data-testid="film-player" data-films="[^"]*">(.*?)</div></div>', page, re.DOTALL
    )[1]
    assert picture(REAL) in root
    assert "as a picture" in root and "JavaScript" in root
    assert "on its way" not in page


def test_whatever_a_film_says_stays_text():
    film, evil = hostile_film()
    harmless = Elements(offline.offline_html([REAL.to_bytes()], "A run"))
    page = Elements(offline.offline_html([film.to_bytes()], evil))
    kinds = [tag for tag, _ in page.elements if tag not in ("p", "/p")]
    assert kinds == [tag for tag, _ in harmless.elements if tag not in ("p", "/p")]
    assert page.titles == [f"{evil} · Collapse Lab"]
    assert carried(page)["film-1"] == film.to_bytes()


def test_nothing_can_end_the_script_that_stands_as_text_early():
    assert not re.search("</script|<!--", joined("player/boot.js"), re.IGNORECASE)


@pytest.mark.parametrize("bad", [b"", b"ULPMFILM", REAL.to_bytes()[:200], b"<script>alert(1)</script>"])
def test_only_a_film_becomes_an_offline_page(bad):
    with pytest.raises(ConfigError, match="this is not a film"):
        offline.offline_html([bad], "A run")
