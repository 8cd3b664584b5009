"""The screen of real networks, as a person meets it: a tiny network is trained by link."""

from __future__ import annotations

import io

import numpy as np
import pytest

from app.views.network_presets import NETWORK_PRESETS
from ulpm_core import RunConfig
from ulpm_core.networks.config import NetworkConfig

pytestmark = pytest.mark.browser

TINY = NetworkConfig(classes="0,1,2", width=8, depth=2, epochs=2, log_time_steps=10)
LONG = TINY.with_changes(batch_size=2, epochs=900)
"""A training loads torch first."""


def open_networks(tab, config):
    """Opens the screen by its link; a page at /networks asks for two addresses that Streamlit itself does not serve."""
    query = "&".join(f"{name}={value}" for name, value in config.to_link().items())
    tab.page.goto(f"{tab.server}networks?{query}")
    tab.page.get_by_role("button", name="Train", exact=True).wait_for()
    assert all("404" in error for error in tab.errors)
    tab.errors.clear()


def test_a_tiny_network_is_trained_by_link_and_talks_of_its_own_numbers(tab):
    open_networks(tab, TINY)
    tab.page.get_by_role("button", name="Train", exact=True).click()
    tab.page.get_by_text("Trained without weight decay: 2 epochs of SGD, then 10 steps").wait_for()
    tab.shows(TINY.digest)
    tab.page.get_by_role("heading", name="Closest classes").wait_for()
    tab.page.get_by_role("button", name="Put the model beside it").click()
    tab.page.get_by_text("Both from epoch 2 on, and on the").wait_for()
    tab.page.get_by_role("link", name="Playground").click()
    tab.shows(RunConfig().digest)
    tab.page.get_by_role("link", name="Real networks").click()
    tab.shows(TINY.digest)
    assert "width=8" in tab.page.url


def test_a_film_grows_is_cancelled_and_another_visitor_turns_knobs_meanwhile(tab, tab_of):
    open_networks(tab, LONG)
    tab.page.get_by_role("button", name="Train", exact=True).click()
    tab.page.wait_for_selector("[data-testid=film-player][data-frames]")
    frames = tab.player("frames")
    tab.until("Number(player.dataset.frames) > Number(argument)", frames)
    tab.pause()
    other, run = tab_of(), RunConfig(classes=3, dimension=2, steps=10)
    other.page.goto(f"{other.server}?classes=3&dimension=2&steps=10")
    other.page.wait_for_selector(f"[data-testid=film-player][data-digest='{run.digest}']")
    tab.page.get_by_role("button", name="Cancel").click()
    tab.page.get_by_role("button", name="Go on").wait_for()


def test_a_preset_shows_its_film_at_once_and_features_that_are_brought_take_the_stage(tab):
    open_networks(tab, TINY.with_changes(seed=77))
    preset = next(preset for preset in NETWORK_PRESETS if preset.name == "Three in the plane")
    tab.page.get_by_role("button", name=preset.name).or_(tab.page.get_by_role("radio", name=preset.name)).click()
    tab.shows(preset.config.digest)
    tab.page.get_by_text(preset.watch).wait_for()
    assert tab.page.get_by_role("button", name="Train", exact=True).count() == 0
    file = io.BytesIO()
    np.savez(file, H=np.eye(3).repeat(4, axis=1), labels=np.arange(3).repeat(4), W=np.eye(3))
    tab.page.get_by_text("Bring your own network").click()
    drop = tab.page.locator("input[type=file]")
    drop.set_input_files({"name": "features.npz", "mimeType": "application/zip", "buffer": file.getvalue()})
    tab.page.get_by_role("heading", name="Figures of the last moment").wait_for()
    tab.until("player.dataset.frames === '1'")
    for nothing_to_play in (".fp-transport", ".fp-plot", ".fp-cursor"):
        assert tab.page.locator(nothing_to_play).first.is_hidden()
    assert tab.page.locator(".fp-title", has_text="Margin against its bound").locator(".fp-figure").inner_text()
    drop.set_input_files({"name": "features.npz", "mimeType": "application/zip", "buffer": b"import os"})
    tab.page.get_by_text("features cannot be read").wait_for()
