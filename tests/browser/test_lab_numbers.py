"""`collapseLab.run` of the lab in one file, from disk, on runs that no other test knows: held to Python and NumPy."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from playwright.sync_api import Page

from app.standalone.standalone import lab
from tests.reference import METHODS, naive_run
from ulpm_core import RunConfig, State, simulate

pytestmark = pytest.mark.browser

VARIANTS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"method": "momentum", "momentum": 0.8},
    {"method": "normalised-gradient-descent", "learning_rate": 0.004},
    {"loss_reduction": "mean"},
    {"loss": "squared-error"},
    {"weight_decay": 0.02, "weight_decay_h": 0.003},
    {"norm_bound_w": 2.0, "norm_bound_h": 0.4},
    {"loss": "squared-error", "weight_decay": 0.01, "method": "momentum"},
    {"class_sizes": (7, 2, 4)},
    {"class_sizes": (3, 9), "loss": "squared-error", "norm_bound_h": 0.5},
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
    page = chromium.new_page(reduced_motion="reduce")
    page.goto(path.as_uri())
    page.wait_for_selector("[data-testid=film-player][data-digest]")
    yield page
    page.close()


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


@pytest.mark.parametrize("i", range(len(METHODS)))
def test_a_held_out_run_ends_where_the_rules_as_written_end(page, i):
    config, start = held_out(i)
    end = ran(page, config, start)
    beta = config.momentum
    W, H, _ = naive_run(config.method, start.W, start.H, config.per_class, 1000, config.learning_rate, beta)
    for name, wanted in (("W", W), ("H", H)):
        np.testing.assert_allclose(end[name], wanted, rtol=0, atol=1e-10 * np.linalg.norm(wanted))


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
