"""A saddle is added by its file and one row: the example of docs/architecture.md, in a scratch copy of the packages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scratch import add_to, copied, example, printed

ROW = "from ulpm_core.model.saddles.merged_triples import MERGED_TRIPLES\n"
ASKED = """
import json
import numpy as np
from app.page.runs import RUNS
from app.views.landscape import picture
from ulpm_core import ConfigError, Outcome, RunConfig, Trajectory
from ulpm_core.analysis.escape import escape
from ulpm_core.film.escape import sentence
from ulpm_core.model.initialisation import initial_state, saddle_state

start_knob = RUNS.knobs["initialisation"]
config = RunConfig(initialisation="merged-triples", classes=6, dimension=5, per_class=2, push_along=0)
start, saddle = initial_state(config), saddle_state(config)
pair = {"W": np.stack([start.W, 1.1 * start.W]), "H": np.stack([start.H, 1.1 * start.H])}
run = Trajectory(config, **pair, labels=config.labels, step=np.arange(2), log_time=np.array([-np.inf, 1.0]),
                 log_loss=np.array([2.0, 1.9]), outcome=Outcome.DONE, stop_reason="")
try:
    config.with_changes(classes=7)
except ConfigError as refusal:
    refused = str(refusal)
print(json.dumps({
    "link": config.to_link()["initialisation"], "menu": start_knob.words["merged-triples"],
    "choices": start_knob.parameter.choices[-1], "picture": picture("merged-triples")[:23],
    "film": sentence(run, escape(run, saddle)), "refused": refused,
}))
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    """Both packages with one saddle more."""
    house = copied(tmp_path_factory.mktemp("house"), "app", "ulpm_core")
    saddles = house / "ulpm_core/model/saddles"
    (saddles / "merged_triples.py").write_text(example("Adding a saddle"), encoding="utf-8")
    add_to(
        saddles / "gallery.py",
        before_import=("from ulpm_core.model.saddles.origin", ROW),
        after_row=("        SIMPLEX,\n", "        MERGED_TRIPLES,\n"),
    )
    return house


def asked(house: Path, *arguments: str) -> str:
    return printed(house, *arguments, seconds=120, COLUMNS="500")


def test_the_command_line_measures_it_beside_its_closed_forms(house):
    said = json.loads(asked(house, "-m", "ulpm_core", "landscape", "--saddle", "merged-triples", "--dimension", "5"))
    assert (said["saddle"], said["classes"], said["verdict"]) == ("merged-triples", 6, "strict saddle")
    for name in ("loss", "lambda", "gradient_operator_norm", "least_tangent_eigenvalue", "multiplicity"):
        assert said[name] == pytest.approx(said[name + "_exact"], rel=1e-12), name
    assert said["multiplicity"] == 4 * (5 - 1)
    assert "merged-triples" in asked(house, "-m", "ulpm_core", "landscape", "--help")


def test_menus_links_pictures_and_films_know_its_words(house):
    said = json.loads(asked(house, "-c", ASKED))
    assert said["link"] == said["choices"] == "merged-triples"
    assert said["menu"] == "Merged triples"
    assert said["picture"] == '<img class="lab-saddle"'
    assert "the merged triples" in said["film"]
    assert "classes = 7 does not make the saddle merged-triples: use multiples of 3 from 6 to 999" in said["refused"]
