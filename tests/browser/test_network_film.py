"""A network's film in one offline file: the image of the sample under the pointer."""

from __future__ import annotations

import numpy as np
import pytest

from app.player.offline import offline_html
from tests.browser.conftest import Tab
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.network import network_film
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.images import shown_images
from ulpm_core.networks.training import train

pytestmark = pytest.mark.browser

CONFIG = NetworkConfig(
    classes="0,3,8", per_class=40, width=16, dimension=2, last_activation="none", depth=2, epochs=4, batch_size=32,
    log_time_steps=20, snapshots=16, shown_per_class=8,
)  # fmt: skip
SEEN = """() => {
  const card = document.querySelector('.fp-lens'), canvas = card.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return { words: card.querySelector('p').textContent, size: [canvas.height, canvas.width],
    greys: [...data].filter((_, i) => i % 4 === 0) };
}"""


@pytest.fixture(scope="module")
def film() -> Film:
    recording = train(CONFIG)
    return network_film(recording, shown_images(recording))


@pytest.fixture
def alone(tab_of, tmp_path):
    """Opens a film in a tab of its own, still and at its end."""

    def open_film(film: Film, **options: object) -> Tab:
        path = tmp_path / "film.html"
        path.write_text(offline_html([film.to_bytes()], "A network"), encoding="utf-8")
        tab = tab_of(**options)
        tab.server = "file://"
        tab.page.goto(path.as_uri())
        return tab.shows(film.digest).until("player.dataset.playing === 'false'")

    return open_film


def pixels_of(tab: Tab, name: str, index: int) -> tuple[float, float]:
    """Where a point of the plane is on the page: the flat camera looks straight down on the middle."""
    box = tab.page.locator(".fp-scene").bounding_box()
    x, y = tab.evaluate(
        "([name, i]) => { const t = document.querySelector('.fp-scene').data.find((t) => t.name === name);"
        " return [t.x[i], t.y[i]]; }",
        [name, index],
    )
    # eye 0.87 above the middle of a cube of side 1 that spans 4.4; the field of view is 45 degrees from top to bottom
    unit = box["height"] / 2 / np.tan(np.pi / 8) / (0.87 * 4.4)
    zoom = max(1.0, box["height"] / box["width"])
    return box["x"] + box["width"] / 2 + x * unit / zoom, box["y"] + box["height"] / 2 - y * unit / zoom


def apart(film: Film) -> list[int]:
    """Samples whose dots, in the first frame, lie well away from all others, and near enough to be on a phone too."""
    dots = film.arrays["features"][0].astype(float) / np.sqrt((film.arrays["features"][0] ** 2).sum(axis=1).mean())
    distances = np.linalg.norm(dots[:, None] - dots, axis=2) + 9.0 * np.eye(len(dots))
    alone = np.where(np.linalg.norm(dots, axis=1) < 1.2, distances.min(axis=1), 0.0)
    return [int(i) for i in np.argsort(-alone)[:3]]


def test_the_image_of_the_sample_under_the_pointer_is_shown(alone, film):
    tab = alone(film)
    card = tab.page.locator(".fp-lens")
    assert not card.is_visible()
    tab.page.keyboard.press("Home")
    tab.until("player.dataset.frame === '0'")
    for sample in apart(film):
        tab.page.mouse.move(*pixels_of(tab, "features", sample))
        image = film.arrays["images"][sample]
        greys = np.floor(255 * image.astype(float) + 0.5).astype(int).ravel().tolist()
        tab.page.wait_for_function(f"(greys) => String(({SEEN})().greys) === String(greys)", arg=greys)
        seen = tab.evaluate(SEEN)
        assert seen["size"] == [8, 8]
        assert seen["words"] == f"class {'038'[film.header['labels'][sample]]}"
        assert card.is_visible()
        ring = tab.page.locator(".fp-ring").bounding_box()
        middle = ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2
        assert middle == pytest.approx(pixels_of(tab, "features", sample), abs=2.0)
    box, stage = card.bounding_box(), tab.page.locator(".fp-stage").bounding_box()
    assert stage["x"] <= box["x"]
    assert box["x"] + box["width"] <= stage["x"] + stage["width"]
    for control in (".fp-head", ".fp-tools", ".fp-cosines"):
        other = tab.page.locator(control).bounding_box()
        below, beside = other["y"] >= box["y"] + box["height"], other["x"] + other["width"] <= box["x"]
        assert below or beside or other["y"] + other["height"] <= box["y"], control
    tab.page.locator(".fp-caption").hover()
    card.wait_for(state="hidden")
    assert not tab.page.locator(".fp-ring").is_visible()


def test_the_image_goes_when_its_dot_has_moved_away(alone, film):
    tab = alone(film)
    tab.page.keyboard.press("Home")
    tab.until("player.dataset.frame === '0'")
    tab.page.mouse.move(*pixels_of(tab, "features", apart(film)[0]))
    tab.page.locator(".fp-lens").wait_for(state="visible")
    tab.page.keyboard.press("End")
    tab.until("player.dataset.frame === String(player.dataset.frames - 1)")
    spread = film.arrays["features"][-1]
    assert len(np.unique(spread, axis=0)) > 3  # dots are elsewhere, and the pointer has not moved
    tab.page.locator(".fp-lens").wait_for(state="hidden")


def test_a_tap_shows_the_image_and_a_tap_beside_it_hides_it(alone, film):
    tab = alone(film, has_touch=True, viewport={"width": 390, "height": 844}, color_scheme="dark")
    tab.page.keyboard.press("Home")
    tab.until("player.dataset.frame === '0'")
    tab.page.touchscreen.tap(*pixels_of(tab, "features", apart(film)[0]))
    tab.page.locator(".fp-lens").wait_for(state="visible")
    box = tab.page.locator(".fp-scene").bounding_box()
    tab.page.touchscreen.tap(box["x"] + 4, box["y"] + 4)
    tab.page.locator(".fp-lens").wait_for(state="hidden")


def test_a_run_has_no_images(alone):
    tab = alone(build_film(simulate(RunConfig(classes=3, dimension=2, per_class=2, steps=50))))
    tab.page.mouse.move(*pixels_of(tab, "features", 0))
    tab.drawn()
    assert not tab.page.locator(".fp-lens").is_visible()


def test_a_network_is_told_by_its_epochs_and_the_names_of_its_classes(alone, film):
    tab = alone(film)
    assert tab.page.locator(".fp-readout").inner_text().startswith("epoch 24 · t = ")
    assert tab.page.get_by_label("Clock of the curves").locator("option").all_inner_texts() == [
        "epoch, log", "epoch", "time t, log",
    ]  # fmt: skip
    assert tab.page.locator(".fp-marks button").first.inner_text().startswith("epoch ")
    names = "document.querySelector('.fp-scene').data.find(({ name }) => name === 'names').text"
    assert tab.evaluate(names) == ["0", "3", "8"]
    values = tab.page.locator(".fp-title", has_text="Accuracy").locator(".fp-figure").all_inner_texts()
    accuracies = [film.arrays[name][-1] for name in ("train_accuracy", "test_accuracy")]
    assert [float(value) for value in values] == pytest.approx(accuracies, abs=6e-4)


def test_keys_go_through_the_samples_of_all_classes(alone, film):
    tab, (K, n) = alone(film), (film.header["classes"], film.header["shown_per_class"])
    card, images = tab.page.locator(".fp-lens"), film.arrays["images"]
    for turn in range(K + 1):
        tab.page.keyboard.press("s")
        card.wait_for(state="visible")
        seen, sample = tab.evaluate(SEEN), (turn % K) * n + turn // K
        assert seen["words"] == f"class {film.header['names'][turn % K]}"
        assert seen["greys"] == np.floor(255 * images[sample].ravel() + 0.5).astype(int).tolist()
    tab.page.keyboard.press("Home")
    assert card.is_visible()
    tab.page.keyboard.press("Escape")
    card.wait_for(state="hidden")
