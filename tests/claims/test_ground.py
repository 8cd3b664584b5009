"""The claims of a landscape are true: a dense Hessian of NumPy alone, and the command, give their values."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys

import pytest
from pages import claims_in

from app.views.landscape import figures
from ulpm_core import RunConfig, simulate
from ulpm_core.analysis.landscape import landscape
from ulpm_core.analysis.saddles import exact
from ulpm_core.claims.claim import Claim, full
from ulpm_core.claims.ground import FIGURES, landscape_claims
from ulpm_core.files.run import save_run
from ulpm_core.model.initialisation import saddle_state
from ulpm_core.model.saddles.gallery import SADDLES

CONFIGS = {
    **{
        name: RunConfig(initialisation=name, classes=saddle.own(2), dimension=3, per_class=3, margin=1.5)
        for name, saddle in SADDLES.items()
    },
    "no-room": RunConfig(initialisation="square", dimension=2, per_class=2),
    "mean": RunConfig(initialisation="square", dimension=3, per_class=4, loss_reduction="mean", push=0.3, seed=7),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_the_check_of_every_figure_gives_its_value_to_the_digits_said(name, tmp_path, monkeypatch):
    config = CONFIGS[name]
    claims = landscape_claims(config, landscape(saddle_state(config), config.loss_reduction))
    monkeypatch.chdir(tmp_path)
    on_it = RunConfig.from_mapping({k: v for k, v in claims["loss"].config.items() if k != "kind"})
    save_run(simulate(on_it), "run.npz")
    assert set(claims) == set(FIGURES)
    for figure, claim in claims.items():
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(claim.check, "check", "exec"), {})
        allowed = max(5 * claim.floor, 5 * 10.0**-claim.digits * abs(claim.value))
        assert float(out.getvalue()) == pytest.approx(claim.value, rel=0, abs=allowed), figure
    assert sum(claim.digits >= 8 for claim in claims.values()) >= 3


def test_its_commands_give_the_saddle_and_the_figure_again(tmp_path):
    config = CONFIGS["mean"]
    claim = landscape_claims(config, landscape(saddle_state(config), config.loss_reduction))["least_tangent_eigenvalue"]
    said = ""
    for line in claim.command:
        words = line.replace("python", sys.executable, 1).split()
        said = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert json.loads(said)[claim.name] == pytest.approx(claim.value, rel=1e-11)
    checked = subprocess.run([sys.executable, "-c", claim.check], cwd=tmp_path, capture_output=True, text=True)
    assert float(checked.stdout) == pytest.approx(claim.value, rel=1e-10)
    assert full(exact(config).least_tangent_eigenvalue) in claim.notes[1]
    assert Claim.from_json(claim.to_json()) == claim


def test_every_figure_of_the_screens_table_is_a_claim():
    config = CONFIGS["square"]
    found = landscape(saddle_state(config))
    claims = landscape_claims(config, found)
    shown = claims_in(figures(found, exact(config), claims))
    assert sorted(map(repr, shown)) == sorted(map(repr, claims.values()))
