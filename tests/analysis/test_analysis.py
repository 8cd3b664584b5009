"""`Analysis`: made once, of a run that grows no snapshot twice, and all that a film lays out."""

from __future__ import annotations

import numpy as np
import pytest

from ulpm_core import RunConfig, simulate
from ulpm_core.analysis import measure
from ulpm_core.analysis.analysis import analyse
from ulpm_core.film.film import build_film

GROWING = {
    "steps": RunConfig(classes=3, dimension=2, per_class=5, steps=4000, snapshots=40),
    "normalised": RunConfig(classes=3, dimension=4, per_class=2, steps=300, method="normalised-gradient-descent"),
    "flow": RunConfig(classes=4, dimension=3, per_class=5, method="gradient-flow", log_time=200.0, snapshots=40),
    "fast-forward": RunConfig(classes=4, dimension=3, per_class=5, steps=300, fast_forward=200.0, snapshots=40),
    "float32": RunConfig(classes=3, dimension=2, per_class=5, steps=300, dtype="float32"),
    "escape": RunConfig(
        classes=4, dimension=3, per_class=3, method="gradient-flow", initialisation="square", log_time=20.0
    ),
    "sizes": RunConfig(classes=3, dimension=3, class_sizes=(6, 4, 2), steps=300),
}


def grown(config):
    """The parts of a run that a page would have looked at, and the whole."""
    parts = []
    whole = simulate(config, progress=lambda progress: parts.append(progress.so_far()), metrics=False)
    return [parts[len(parts) // 4], parts[len(parts) // 2], whole]


@pytest.mark.parametrize("name", GROWING)
def test_a_film_that_grew_is_that_of_one_look_and_no_snapshot_is_measured_twice(name, monkeypatch):
    looks, sizes, summed = grown(GROWING[name]), [], measure.summed
    monkeypatch.setattr(measure, "summed", lambda W, *rest: sizes.append(len(W)) or summed(W, *rest))
    analyses = [analyse(looks[0])]
    for look in looks[1:]:
        analyses.append(analyse(look, analyses[-1].past))
    assert len(looks[-1]) <= sum(sizes) <= len(looks[-1]) + 2  # where a look ended may be no snapshot of the whole run
    for look, analysis in zip(looks, analyses, strict=True):
        at_once = measure.measured(look, look.config.flows)
        assert build_film(look, analysis).to_bytes() == build_film(at_once).to_bytes()


def test_a_longer_run_and_one_of_another_start_are_told_apart():
    config = GROWING["steps"]
    short, other = simulate(config, metrics=False), simulate(config.with_changes(seed=1), metrics=False)
    seen = analyse(short).past.seen
    assert (seen.places(short) == np.arange(len(short))).all()
    assert (seen.places(other) == -1).all()
    longer = simulate(config.with_changes(steps=8000), resume=short, metrics=False)
    held = seen.places(longer)
    assert (held >= 0).sum() > 10 and (short.step[held[held >= 0]] == longer.step[held >= 0]).all()


@pytest.mark.parametrize("name", GROWING)
def test_a_film_is_laid_out_without_any_science(name, monkeypatch):
    """No decomposition, no spectrum, no fit, and nothing is multiplied by the states."""
    run = simulate(GROWING[name], metrics=False)
    analysis, whole = analyse(run), build_film(run).to_bytes()

    def refuse(*_args, **_options):
        raise AssertionError("a film computed")

    for science in ("svd", "eigh", "eigvalsh", "qr", "pinv", "lstsq"):
        monkeypatch.setattr(np.linalg, science, refuse)
    for fit in ("polyfit", "matmul", "dot"):
        monkeypatch.setattr(np, fit, refuse)
    assert build_film(run, analysis).to_bytes() == whole


def test_a_measured_run_is_not_measured_again(monkeypatch):
    run = simulate(GROWING["flow"])
    monkeypatch.setattr(measure, "separation_metrics", lambda *_: pytest.fail("measured again"))
    assert analyse(run).seen.metrics is run.metrics
