"""`collapseLab.run` of the lab in one file, from disk, on runs that no other test knows: held to Python and NumPy."""

from __future__ import annotations

import json
import math
import random
import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from playwright.sync_api import Page

from app.standalone.standalone import lab
from tests.browser.conftest import patient
from tests.javascript import run_node
from tests.reference import METHODS, naive_run
from ulpm_core import RunConfig, State, simulate
from ulpm_core.film.film import build_film

pytestmark = pytest.mark.browser

VARIANTS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"method": "momentum", "momentum": 0.8},
    {"method": "normalised-gradient-descent", "learning_rate": 0.004},
    {"method": "adam", "learning_rate": 0.003},
    {"method": "sign-descent", "learning_rate": 0.0007},
    {"loss_reduction": "mean"},
    {"loss": "squared-error"},
    {"weight_decay": 0.02, "weight_decay_h": 0.003},
    {"norm_bound_w": 2.0, "norm_bound_h": 0.4},
    {"loss": "squared-error", "weight_decay": 0.01, "method": "momentum"},
    {"class_sizes": (7, 2, 4)},
    {"class_sizes": (3, 9), "loss": "squared-error", "norm_bound_h": 0.5},
    {"loss": "label-smoothing", "smoothing": 0.3},
    {"feature_norm": 3.0, "method": "momentum", "learning_rate": 0.01},
    {"method": "gradient-flow", "log_time": 690.0},
    {"learning_rate": 30.0},
)
"""Every method, loss, decay, bound and kind of sizes; the last one diverges."""
RUN: Final = (
    "([fields, start]) => collapseLab.run(fields, start).then((end) => [end, ''], (error) => [null, error.message])"
)
BAD_STARTS: Final = (
    {"W": [[1]], "H": [[1, 2], [3, 4]]},
    {"W": [[1, "2"], [3, 4]], "H": [[1, 2], [3, 4]]},
    {"W": [[1e200], [1]], "H": [[1, 2]]},
    {"W": 7, "H": []},
)


SHOWN: Final[tuple[dict[str, Any], ...]] = (
    {"method": "gradient-flow", "seed": 21, "log_time": 300.0},
    {"weight_decay": 0.03, "seed": 22, "classes": 3, "steps": 400},
    {"loss": "squared-error", "learning_rate": 0.02, "seed": 23, "steps": 400},
)
TABLE: Final = """const film = parseFilm(bytesOf(given.film));
const known = film.curves.filter(({ name }) => film.arrays[name]);
const titles = new Map(film.header.panels.flatMap((panel) => panel.curves.map((name) => [name, panel.title])));
const rows = roundFrames(film).map((frame) => {
  return [film.moment(frame), ...known.map(({ name }) => valueWords(name, film.arrays[name][frame]))];
});
const heads = known.map(({ name, label }) => [titles.get(name), label].filter(Boolean).join(": "));
say([["moment", ...heads], ...rows]);"""
CELLS: Final = "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
DIGITS: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")


def held_out(i: int) -> tuple[RunConfig, State]:
    """The variant of this number, of sizes and from a start that chance has drawn."""
    chance = random.Random(160 + i)
    fields = {"steps": 1000, "snapshots": 30, "learning_rate": 0.02, **VARIANTS[i]}
    sizes = fields.get("class_sizes")
    counts = (len(sizes), min(sizes)) if sizes else (chance.randint(2, 6), chance.randint(1, 15))
    config = RunConfig(classes=counts[0], per_class=counts[1], dimension=chance.randint(1, 7), **fields)
    normal = np.random.default_rng(160 + i).standard_normal
    W, H = (
        0.4 * normal(shape) for shape in ((config.classes, config.dimension), (config.dimension, config.label_count))
    )
    return config, State(W, H, config.labels)


@pytest.fixture(scope="module")
def page(chromium, tmp_path_factory) -> Iterator[Page]:
    path: Path = tmp_path_factory.mktemp("lab") / "lab.html"
    path.write_text(lab().one_file(), encoding="utf-8")
    context = patient(chromium.new_context(reduced_motion="reduce"))
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("[data-testid=film-player][data-digest]")
    yield page
    context.close()


def ran(page: Page, config: RunConfig, start: State) -> dict[str, Any]:
    fields = {name: value for name, value in config.to_link().items() if name not in ("classes", "per_class")}
    end, refused = page.evaluate(RUN, [fields, {"W": start.W.tolist(), "H": start.H.tolist()}])
    assert refused == ""
    return end


@pytest.mark.parametrize("i", range(len(VARIANTS)))
def test_a_held_out_run_ends_where_pythons_does(page, i):
    config, start = held_out(i)
    run, end = simulate(config, start, separation=False), ran(page, config, start)
    near, close, least = (1e-5, 1e-5, 1e-8) if config.flows else (1e-10, 1e-9, 1e-12)
    for name in "WH":
        wanted = getattr(run, name)[-1]
        np.testing.assert_allclose(end[name], wanted, rtol=0, atol=near * np.linalg.norm(wanted), err_msg=name)
    if not config.flows:  # of a flow rounding decides how many steps it takes
        assert end["step"] == run.step[-1]
    assert math.isclose(end["log_time"], run.log_time[-1], rel_tol=close)
    assert (run.outcome == "diverged") == (i == len(VARIANTS) - 1)
    assert end["metrics"].keys() == run.metrics.keys()
    for name, values in run.metrics.items():
        found = math.nan if end["metrics"][name] is None else end["metrics"][name]
        np.testing.assert_allclose(found, values[-1], close, least, equal_nan=True, err_msg=name)


@pytest.mark.parametrize("i", range(METHODS.index("spectral-descent")))
def test_a_held_out_run_ends_where_the_rules_as_written_end(page, i):
    config, start = held_out(i)
    end = ran(page, config, start)
    beta = config.momentum
    W, H, _ = naive_run(config.method, start.W, start.H, config.per_class, 1000, config.learning_rate, beta)
    for name, wanted in (("W", W), ("H", H)):
        np.testing.assert_allclose(end[name], wanted, rtol=0, atol=1e-10 * np.linalg.norm(wanted))


def alike(shown: str, expected: str) -> bool:
    """The same words; numbers may differ by one in the last of the digits that are shown."""
    pairs = list(zip(DIGITS.findall(shown), DIGITS.findall(expected), strict=False))
    last = [10.0 ** -len(b.partition(".")[2]) for _, b in pairs]
    near = (abs(float(a.replace(",", "")) - float(b.replace(",", ""))) for a, b in pairs)
    return DIGITS.sub("#", shown) == DIGITS.sub("#", expected) and all(
        d < 1.01 * u for d, u in zip(near, last, strict=True)
    )


@pytest.mark.parametrize("fields", SHOWN)
def test_every_figure_and_sentence_on_the_page_is_pythons(page, tmp_path, fields):
    config = RunConfig.from_mapping(fields)
    film = build_film(simulate(config))
    link = "&".join(f"{name}={text}" for name, text in config.to_link().items())
    page.evaluate("(link) => { location.hash = link; }", link)
    seed = json.dumps({"seed": config.seed}, separators=(",", ":"))[1:-1]
    page.wait_for_selector(f"[data-testid=film-player][data-digest*='{seed}'][data-partial=false]")
    table = page.locator(".fp-figures tr")
    if not table.first.is_visible():
        page.keyboard.press("t")
    heads, *shown = table.evaluate_all(CELLS)
    ((names, *expected),) = run_node(
        tmp_path, TABLE, "film.js", "moment.js", "titles.js", film=b64encode(film.to_bytes()).decode()
    )
    assert len(shown) == len(expected) > 5
    places: list[int] = []
    for head in heads:  # in their order: Python's film of a flow has the curves of certificates between them
        places.append(names.index(head, places[-1] + 1 if places else 0))
    for row, wanted in zip(shown, expected, strict=True):
        differs = [(cell, wanted[i]) for cell, i in zip(row, places, strict=True) if not alike(cell, wanted[i])]
        assert not differs, row[0]
    said = page.locator(".lab-sentence").all_inner_texts()
    assert len(said) == len(film.header["sentences"]) and all(map(alike, said, film.header["sentences"]))


@pytest.mark.parametrize("start", BAD_STARTS)
def test_a_start_that_is_none_is_refused_in_a_sentence(page, start):
    end, refused = page.evaluate(RUN, [{}, start])
    assert end is None and refused.endswith(".") and len(refused) < 400


@pytest.mark.parametrize(
    "fields", [7, "seed=3", {"sed": 3}, {"learning_rate": "fast"}, {"steps": -1}, {"device": "cuda"}]
)
def test_a_config_that_is_none_is_refused_in_a_sentence(page, fields):
    end, refused = page.evaluate(RUN, [fields, None])
    assert end is None and refused.endswith(".") and len(refused) < 700
