"""The look of a film in a link: views that cannot be are refused with ones that can."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.page.link import read_link
from app.page.look import LOOK_KEYS, read_look
from app.page.runs import RUNS
from app.page.state import PageState
from ulpm_core import RunConfig


@given(st.text(max_size=30))
@example("step:" + "9" * 30)
@example("0.5,0.5,0.00001")
def test_no_look_is_taken_that_is_not_linked_back(text):
    for name in LOOK_KEYS:
        refusals: list[str] = []
        look = read_look({name: text}, refusals)
        assert refusals or look.to_link()
        assert read_look(look.to_link(), []) == look
        assert json.dumps(look.to_player(), allow_nan=False)


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("view", "cube", "view = cube is no view: use one of first, tour, polygon"),
        ("camera", "1,2", "camera = 1,2 is no place to look from: use three numbers, 0.05 to 10 from the middle"),
        ("camera", "0,0,0", "camera = 0,0,0 is no place"),
        ("at", "1.5", "at = 1.5 is no moment of a film: use the name of an event, step:1200, log_time:35.5 or a share"),
        ("speed", "3", "speed = 3 is no speed of the player: use one of 0.25, 0.5, 1, 2, 4, 8, for example 2."),
        ("theme", "blue", "theme = blue is no theme: use one of light, dark, for example dark."),
        ("film", "E", "film = E is no letter of a film: use one of A, B, C, D, for example A."),
        ("captions", "yes", "captions = yes is neither on nor off: use one of 0, 1, for example 0."),
        ("curve", "nc5", "curve = nc5 is no curve of a panel: use one of loss, value, "),
    ],
)
def test_a_look_that_cannot_be_is_refused_with_one_that_can(key, text, said):
    lab, (refusal,) = read_link(RUNS, {key: text, "seed": "7"})
    assert lab == PageState(RunConfig(seed=7))
    assert refusal.startswith(said)
