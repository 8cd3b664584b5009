"""The README's picture: it plays without scripts, shows one moment at a time, and every moment once a round."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from app.bundle import PICTURE
from app.player.moving_picture import DECADES, MOMENT_SECONDS, REST, moving_picture
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import build_film

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def film():
    return build_film(simulate(RunConfig(steps=300, fast_forward=100.0)))


def delays(document):
    return [float(found) for found in re.findall(r"animation-delay:(-[\d.]+)s", document)]


def test_it_is_one_document_without_scripts_or_addresses(film):
    root = ElementTree.fromstring(moving_picture(film))
    assert root.tag == f"{SVG}svg" and root.get("aria-label")
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags == {"svg", "style", "g", "path", "text"}
    assert not any("href" in name for element in root.iter() for name in element.attrib)


def test_moments_follow_each_other_and_the_last_one_rests(film):
    document = moving_picture(film)
    found, rounds = delays(document), len(delays(document)) + REST
    whole, share, last_share = (
        float(re.search(pattern, document).group(1))
        for pattern in (r"animation:m ([\d.]+)s", r"m{0%.*?}([\d.]+)%{visibility:hidden}}\.last", r"l{0%.*?}([\d.]+)%")
    )
    assert whole == pytest.approx(rounds * MOMENT_SECONDS, abs=0.01)
    begins = [whole + delay for delay in found]
    assert begins == pytest.approx([i * MOMENT_SECONDS for i in range(len(found))], abs=0.02)
    assert whole * share / 100 == pytest.approx(MOMENT_SECONDS, abs=0.01)
    assert whole * last_share / 100 == pytest.approx((REST + 1) * MOMENT_SECONDS, abs=0.01)


def test_who_wants_less_motion_sees_the_end(film):
    document = moving_picture(film)
    assert "@media(prefers-reduced-motion){.m{animation:none}.last{visibility:visible}}" in document
    assert document.count('class="m last"') == 1 and document.rindex('class="m"') < document.rindex('class="m last"')


def test_its_curves_are_those_of_the_film(film):
    """A power of ten is (330 - 60) / 4 pixels high, and the axis ends on the right, at the last frame."""
    *_, nc3 = re.findall(r'stroke="#009E73" stroke-width="2.5" d="M([\dL. ]+)"', moving_picture(film))
    drawn = [tuple(map(float, point.split())) for point in nc3.split("L")]
    values = film.arrays["nc3"][::2]
    kept = [i for i, value in enumerate(values) if value > 10.0**-DECADES]
    across = [450 + 290 * 2 * i / (film.header["frames"] - 1) for i in kept]
    down = [60 - 270 / DECADES * min(0.0, math.log10(values[i])) for i in kept]
    assert [x for x, _ in drawn] == pytest.approx(across, abs=0.51)
    assert [y for _, y in drawn] == pytest.approx(down, abs=0.051)


def test_what_the_readme_shows_is_of_this_kind():
    document = PICTURE.read_text(encoding="utf-8")
    assert len(delays(document)) + REST == 64 and len(document) < 400_000
    ElementTree.fromstring(document)
