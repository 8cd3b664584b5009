"""Films of runs with more classes than a stage holds: closed forms, and films with all classes of the same runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from player.films import encoded
from reference import random_rotation
from scipy.spatial.distance import cdist, pdist

from app.paper.matrix import matrix_plate
from app.paper.stage import plate_of_stage, sight_of
from tests.javascript import run_node
from ulpm_core import RunConfig, simulate
from ulpm_core.analysis import projection
from ulpm_core.analysis.crowd import blocks_of
from ulpm_core.film.film import build_film
from ulpm_core.model.etf import simplex_etf

SPECTRUM = ["spectrum_largest", "spectrum_median", "spectrum_smallest"]
SPACE = RunConfig(classes=10, dimension=3, per_class=2, steps=60)
SIZES = RunConfig(class_sizes=(6,) * 5 + (2,) * 5, dimension=9, steps=60, seed=1)
POLYGON = RunConfig(classes=10, dimension=2, per_class=2, steps=60)
LARGE = RunConfig(classes=64, dimension=64, per_class=2, steps=20)
CASES = {"space": (SPACE, 4), "sizes": (SIZES, 4), "polygon": (POLYGON, 6), "large": (LARGE, 63)}


@pytest.fixture(scope="module")
def simplex():
    """The film of 100 classes that stand at a simplex, twice as far out at the end as at the start."""
    run = simulate(RunConfig(classes=100, dimension=101, per_class=2, steps=1))
    E = simplex_etf(100, 101) @ random_rotation(101, np.random.default_rng(0))
    far = np.array([3.0, 6.0])[:, None, None]
    return build_film(replace(run, W=far * E, H=far * np.repeat(E, 2, axis=0).T, metrics={}))


def test_at_a_simplex_all_cosines_are_those_of_all_classes_and_the_spectrum_is_flat(simplex):
    header, arrays = simplex.header, simplex.arrays
    assert header["crowd"]["classes"] == 100 and header["classes"] == 64
    alone = np.diag([size == 1 for size in header["crowd"]["blocks"]])
    assert alone.sum() == 28  # 100 classes in 64 blocks of one or two
    for name in ("cosines", "cosines_w"):
        assert arrays[name][:, alone] == pytest.approx(1.0, abs=1e-6)
        assert arrays[name][:, ~alone] == pytest.approx(-1.0 / 99.0, abs=1e-6)
    for name in SPECTRUM:
        assert arrays[name] == pytest.approx(np.ones(2), abs=1e-9)
    assert arrays["ideal"] == pytest.approx(
        arrays["means"], abs=1e-5
    )  # corners of all classes' simplex, at those on stage
    assert arrays["scale"] == pytest.approx([3.0 * np.sqrt(0.99), 6.0 * np.sqrt(0.99)], rel=1e-6)
    assert arrays["nc2_angles"] == pytest.approx(np.zeros(2), abs=1e-9)


def test_its_figures_for_papers_are_blank_where_they_are_ideal(simplex):
    assert "Blank at −0.0101" in matrix_plate(simplex, -1).caption
    table = plate_of_stage(sight_of(simplex)).table
    assert len({*table["class"]}) == 64


@pytest.fixture(scope="module", params=CASES)
def both(request):
    """The film of a run with all classes on stage, and that of the same run on a smaller stage."""
    config, most = CASES[request.param]
    run = simulate(config)
    with pytest.MonkeyPatch.context() as patch:
        whole = build_film(run)
        patch.setattr(projection, "MAX_CLASSES", most)
        return config, most, whole, build_film(run)


def test_curves_and_moments_are_those_of_a_film_of_all(both):
    _, _, whole, crowd = both
    names = [curve["name"] for curve in crowd.header["curves"]]
    assert [name for name in names if name not in SPECTRUM] == [curve["name"] for curve in whole.header["curves"]]
    assert {*SPECTRUM} <= {*names} and {*SPECTRUM}.isdisjoint(whole.arrays)
    for curve in whole.header["curves"]:
        np.testing.assert_array_equal(crowd.arrays[curve["name"]], whole.arrays[curve["name"]])
    for key in ("clock", "events", "sentences", "title", "caption", "config", "digest", "guides"):
        assert crowd.header[key] == whole.header[key], key


def test_cells_are_means_of_the_cosines_between_all_classes(both):
    config, most, whole, crowd = both
    K = config.classes
    blocks = blocks_of(K, most)
    pairs = [
        [[(j, k) for j in some for k in others if j != k or len(some) == 1] for others in blocks] for some in blocks
    ]
    for name in ("cosines", "cosines_w"):
        every = whole.arrays[name].astype(float)
        wanted = [[np.mean([every[:, j, k] for j, k in cell], axis=0) for cell in row] for row in pairs]
        assert crowd.arrays[name] == pytest.approx(np.moveaxis(wanted, -1, 0), abs=1e-6)
        if "target" in whole.header:
            best = np.reshape(whole.header["target"][name], (K, K))
            cells = [np.mean([best[j, k] for j, k in cell]) for row in pairs for cell in row]
            assert crowd.header["target"][name] == pytest.approx(cells, abs=2e-6)


def test_whoever_is_on_stage_stands_as_in_a_film_of_all(both):
    """Distances are the same where a stage shows every dimension; of more, both show as many as fit."""
    config, most, whole, crowd = both
    classes = [int(name) - 1 for name in crowd.header["names"]]
    assert classes == [block[len(block) // 2] for block in blocks_of(config.classes, most)]
    assert crowd.header["classes"] == most and crowd.header["labels"] == sorted(crowd.header["labels"])
    assert ("ideal" in crowd.arrays) is ("ideal" in whole.arrays)
    if whole.header["axes"] < config.dimension:
        return
    own = np.isin(whole.header["labels"], classes)
    for t in (0, -1):
        dots, means = (crowd.arrays[name][t].astype(float) for name in ("features", "means"))
        H, M = whole.arrays["features"][t][own].astype(float), whole.arrays["means"][t][classes].astype(float)
        assert pdist(dots) == pytest.approx(pdist(H), abs=1e-5)
        assert cdist(dots, means) == pytest.approx(cdist(H, M), abs=1e-5)
        if "ideal" in whole.arrays:
            corners = whole.arrays["ideal"][t][classes].astype(float)
            found = crowd.arrays["ideal"][t].astype(float)
            assert pdist(found) / pdist(found).max() == pytest.approx(pdist(corners) / pdist(corners).max(), abs=1e-5)


READS = """
const film = parseFilm(bytesOf(given.film));
const { every, classes, inBlocks, simplexCosine: cosine, fits } = film;
say({ every, classes, inBlocks, cosine, fits, best: film.idealCosines(false)?.length ?? 0, name: film.nameOf(1) });
"""


def test_the_player_reads_it(tmp_path, simplex, both):
    config, most, _, crowd = both
    seen = run_node(tmp_path, READS, "film.js", film=encoded(simplex)[0])[0]
    assert seen["every"] == 100 and seen["inBlocks"] and seen["fits"] and seen["best"] == 0
    assert seen["cosine"] == -1 / 99 and seen["name"] == "4"  # of the second block, classes 3 and 4
    seen = run_node(tmp_path, READS, "film.js", film=encoded(crowd)[0])[0]
    assert (seen["every"], seen["classes"]) == (config.classes, most)
    assert seen["best"] == (most**2 if "target" in crowd.header else 0)


def test_the_note_says_who_is_on_stage():
    film = build_film(simulate(RunConfig(classes=100, dimension=99, per_class=60, steps=200, snapshots=250)))
    note = film.header["note"]
    assert note.startswith("On stage are 64 of 100 classes, one of each block of 1 or 2;")
    dots = film.header["shown_per_class"]
    assert dots < 60 and note.endswith(f"Showing {dots} of 60 samples per class.")
    assert len(film.to_bytes()) < 8 * 2**20
