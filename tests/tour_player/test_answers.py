"""What counts as an answer, and what is read of what a browser kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.javascript import run_node

WRITTEN = {
    "3": 3.0,
    " 2.5 ": 2.5,
    "2,5": 2.5,
    "1,234": 1234.0,
    "1,234.5": 1234.5,
    "−0.04": -0.04,
    "1e-3": 0.001,
    "120°": 120.0,
    "30 %": 30.0,
    ".5": 0.5,
    "": None,
    "many": None,
    "1e999": None,
    "1,2,3": None,
    "0x10": None,
    "1 or 2": None,
    "NaN": None,
    "Infinity": None,
}


def test_a_number_is_read_as_people_write_it(tmp_path):
    (read,) = run_node(tmp_path, "say(given.texts.map(numberOf));", "tour_player/estimating.js", texts=[*WRITTEN])
    assert dict(zip(WRITTEN, read, strict=True)) == WRITTEN


def test_an_answer_of_another_question_is_none(tmp_path):
    code = """
      const question = { options: ["a", "b", "c"] };
      const asked = [0, 2, 3, -1, 0.5, "0", null, [], [0, 2], [0, 3], [[0, 1]], { length: 1 }];
      say([CHOICE, SEVERAL, NUMBER].map(({ takes }) => asked.filter((answer) => takes(answer, question))));
    """
    (taken,) = run_node(tmp_path, code, "tour_player/choosing.js", "tour_player/estimating.js")
    assert taken == [[0, 2], [[], [0, 2]], [0, 2, 3, -1, 0.5]]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["scene", "answers", "0.0", "told"]), inner)
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("kept")


@settings(max_examples=5, deadline=None)
@given(st.lists(JSON, min_size=60, max_size=60))
def test_whatever_was_kept_is_progress_or_nothing(folder, kept):
    (read,) = run_node(folder, "say(given.kept.map(progressOf));", "tour_player/progress.js", kept=kept)
    for found, of in zip(read, kept, strict=True):
        if found is not None:
            assert found["scene"] == of["scene"]
            assert all(
                set(one) == {"answer", "told"} and isinstance(one["told"], bool) for one in found["answers"].values()
            )


def test_progress_comes_back_as_it_was(tmp_path):
    kept = {"scene": 2, "answers": {"0.0": {"answer": [0, 2], "told": True}, "1.0": {"answer": None, "told": True}}}
    code = "say([progressOf(given.kept), progressOf({ ...given.kept, answers: { x: 1, '1.1': 2 } })]);"
    (read,) = run_node(tmp_path, code, "tour_player/progress.js", kept=kept)
    assert read == [kept, {"scene": 2, "answers": {}}]
