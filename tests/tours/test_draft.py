"""Tours while they are written: cut into scenes, put together again, and taken from what a screen shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app import asset
from app.page.look import Look
from app.page.networks import NETWORKS
from app.page.runs import RUNS
from app.page.saddles import LANDSCAPE
from app.page.spec import Spec
from app.page.state import PageState, State
from app.screens.theory import THEORY
from app.tours.document import read_tour
from app.tours.draft import NEW, Draft, scene_of

SHIPPED = sorted(asset("lessons").glob("*.md"))
RUN = PageState(RUNS.config(classes=5, seed=7), pinned=RUNS.config(seed=3), look=Look(view="polygon"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_tour_that_is_cut_and_put_together_is_the_same_tour(path):
    draft = Draft.read(path.read_bytes())
    again, before = read_tour(draft.document().encode(), "draft"), read_tour(path.read_bytes(), "tour")
    assert (again.title, again.minutes, again.audience) == (before.title, before.minutes, before.audience)
    assert [_said(scene) for scene in again.scenes] == [_said(scene) for scene in before.scenes]
    assert len(draft.scenes) == len(before.scenes)
    assert Draft.read(draft.document().encode()) == draft


def _said(scene):
    return scene.title, repr(scene.blocks).count("Text("), scene.film and scene.film.state, len(scene.questions)


def test_scenes_are_moved_changed_and_left_out_and_no_other_changes():
    draft = Draft(scenes=("# A", "# B", "# C"))
    assert draft.moved(0, 2).scenes == ("# B", "# C", "# A")
    assert draft.moved(0, -1).scenes == draft.moved(2, 1).scenes == draft.scenes
    assert draft.without(1).scenes == ("# A", "# C")
    assert draft.changed(1, "# X").with_scene("# D").scenes == ("# A", "# X", "# C", "# D")


def test_each_mistake_is_told_at_its_scene():
    wrong = "# B\nWords.\n\n```film\nclasses=banana\nuntil: never\n```\n"
    _, whole, scenes = Draft(minutes="many", scenes=(NEW, wrong, NEW)).checked()
    assert [sentence.split(" = ")[0] for sentence in whole] == ["minutes"]
    assert list(scenes) == [1]
    assert [sentence.split(" = ")[0] for sentence in scenes[1]] == ["Line 5: classes", "Line 6: until"]
    assert Draft(title="---", scenes=(NEW, "# B\n<table>\n|-|-|\n")).checked()[2].keys() == {1}
    assert Draft().checked()[1][0].startswith("scenes")


@pytest.mark.parametrize(
    ("spec", "lab", "look", "until"),
    [
        (RUNS, RUN, Look(at="step:40", view="polygon", camera=(0.5, 1.25, 0.75)), "step=40"),
        (RUNS, replace(RUN, controls=("seed", "classes"), question="Why?", talk=True), Look(at="log-2"), "log-2"),
        (RUNS, PageState(RUNS.config()), Look(), "end"),
        (LANDSCAPE, PageState(LANDSCAPE.fit(LANDSCAPE.config())), Look(at="log_time:2.5"), "log_time=2.5"),
        (NETWORKS, PageState(NETWORKS.config()), Look(at="0.5"), "epoch=3"),
        (NETWORKS, PageState(NETWORKS.config()), Look(at="1"), "end"),
        (THEORY, PageState(RUNS.config(), choices={"curves": "theorem"}), Look(), "end"),
    ],
    ids=["pinned", "lesson", "usual", "saddle", "network", "network's end", "theory"],
)
def test_a_scene_of_what_a_screen_shows_opens_the_same_state(spec: Spec, lab: State, look: Look, until: str):
    text = scene_of(spec, lab, look, {"epoch": [0, 1, 3, 4.5, 6]})
    film = read_tour(Draft(scenes=(text,)).document().encode(), "draft").scenes[0].film
    assert film.state.config == spec.shows(lab.config)
    assert (film.state.pinned, film.state.look) == (lab.pinned, replace(look, at=None))
    assert (str(film.until), film.knobs) == (until, lab.controls or ())
