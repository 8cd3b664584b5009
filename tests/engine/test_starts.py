"""starts.js: the starts that Python draws from the same seed, and the frames that they are built on."""

from __future__ import annotations

import numpy as np

from app.engine.table import table
from tests.engine.golden import golden
from tests.javascript import run_node
from ulpm_core import RunConfig, State
from ulpm_core.model.etf import minimum_norm_optimum, simplex_etf, uneven_optimum
from ulpm_core.model.initialisation import brought_within, initial_state

CONFIG, STARTS, ETF = (f"player/engine/{name}.js" for name in ("config", "starts", "etf"))
DRAW = """
for (const fields of given.cases) {
  const { W, H } = drawStart(Config.from(fields, given.parameters));
  say([[...W], [...H]]);
}"""
UNEVEN = (6, 4, 2)


def drawn(tmp_path, cases):
    """For each case what the engine draws, and what Python does: W and H in one row."""
    said = run_node(tmp_path, DRAW, CONFIG, STARTS, parameters=table()["parameters"], cases=cases)
    for fields, blocks in zip(cases, said, strict=True):
        start = initial_state(RunConfig.from_mapping(fields))
        yield fields, np.concatenate(blocks), np.concatenate([start.W.ravel(), start.H.ravel()])


def test_gaussian_starts_are_pythons_bit_for_bit(tmp_path):
    """But for entries from the tail, one of 4,000, which are within an ulp."""
    kinds = [
        {"initialisation": kind, "initial_scale": scale}
        for kind in ("gaussian", "small", "collapsed")
        for scale in (0.3, 1.7)
    ]
    cases = [{**kind, "seed": seed, "classes": K} for kind in kinds for seed in (0, 4, 2**32 - 1) for K in (2, 4, 9)]
    cases += [{**kind, "class_sizes": list(UNEVEN), "seed": 9} for kind in kinds]
    for fields, found, wanted in drawn(tmp_path, cases):
        assert (found == wanted).mean() > 0.99, fields
        np.testing.assert_array_max_ulp(found, wanted, 1)


def test_perturbed_frames_are_pythons(tmp_path):
    """Within an ulp of the frame and the noise, whichever is larger; where sizes differ to 1e-14."""
    kind = {"initialisation": "etf-perturbed"}
    cases = [
        {**kind, "classes": K, "dimension": d, "per_class": n, "seed": 3}
        for K, d, n in [(2, 1, 1), (4, 3, 30), (5, 7, 3), (10, 16, 50)]
    ]
    for fields, found, wanted in drawn(tmp_path, cases):
        noise = initial_state(RunConfig.from_mapping({**fields, "initialisation": "gaussian"}))
        size = np.abs(np.concatenate([noise.W.ravel(), noise.H.ravel()])) + np.abs(wanted)
        assert (np.abs(found - wanted) <= np.spacing(size)).all(), fields
    uneven = [{**kind, "class_sizes": list(sizes), "dimension": 5} for sizes in (UNEVEN, (10, 10, 2, 2), (1, 5000))]
    for fields, found, wanted in drawn(tmp_path, uneven):
        np.testing.assert_allclose(found, wanted, rtol=1e-14, atol=1e-14, err_msg=str(fields))


def test_starts_are_brought_within_bounds(tmp_path):
    bounds = [{"norm_bound_w": 0.01, "norm_bound_h": 0.02}, {"norm_bound_h": 0.05}, {"norm_bound_w": 100}]
    cases = [{**bound, **sizes} for bound in bounds for sizes in ({}, {"class_sizes": list(UNEVEN)})]
    for fields, found, wanted in drawn(tmp_path, cases):
        np.testing.assert_allclose(found, wanted, rtol=1e-13, err_msg=str(fields))


def test_a_given_start_is_not_altered(tmp_path, rng):
    config = {"classes": 2, "dimension": 2, "per_class": 1, "norm_bound_w": 0.01}
    start = State(rng.normal(size=(2, 2)), rng.normal(size=(2, 2)))
    code = """
        const start = { W: Float64Array.from(given.W), H: Float64Array.from(given.H) };
        const { W, H } = broughtWithin(Config.from(given.config, given.parameters), start);
        say([[...start.W], [...W], [...H]]);"""
    given = {"W": start.W.ravel().tolist(), "H": start.H.ravel().tolist()}
    said = run_node(tmp_path, code, CONFIG, STARTS, parameters=table()["parameters"], config=config, **given)
    within = brought_within(RunConfig.from_mapping(config), start)
    assert said[0][0] == given["W"]
    np.testing.assert_allclose(said[0][1], within.W.ravel(), rtol=1e-14)
    assert said[0][2] == given["H"]


def test_the_starts_of_golden_cases_are_drawn(tmp_path):
    cases = [case for case in golden() if case["start"] and not case["given"]]
    for (_, found, _), case in zip(drawn(tmp_path, [case["config"] for case in cases]), cases, strict=True):
        start = case["start"]
        np.testing.assert_allclose(found, start["W"] + start["H"], rtol=1e-13, atol=1e-15, err_msg=case["name"])


def test_frames_are_pythons(tmp_path):
    code = """
        say([...simplexEtf(5, 6)]);
        const best = minimumNormOptimum(4, 3, 7), uneven = unevenOptimum(given.sizes, 3);
        for (const { W, H } of [best, uneven]) say([...W, ...H]);"""
    etf, best, uneven = run_node(tmp_path, code, ETF, sizes=UNEVEN)
    assert etf == simplex_etf(5, 6).ravel().tolist()
    for found, wanted in ((best, minimum_norm_optimum(4, 3, 7)), (uneven, uneven_optimum(UNEVEN, 3))):
        blocks = np.concatenate([wanted.W.ravel(), wanted.H.ravel()])
        np.testing.assert_allclose(found, blocks, rtol=1e-14, atol=1e-14)
