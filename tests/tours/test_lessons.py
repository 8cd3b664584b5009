"""The shipped lessons: what their words claim of a run, and their pages for teachers."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest

from app import asset
from app.tours.answers import evaluate
from app.tours.document import Tour, read_tour
from app.tours.expression import read_expression
from app.tours.films import SceneFilm
from app.tours.made import make_film, source_of
from app.tours.questions import Choice, Drawing, NumberAsked, Placing
from app.tours.record import Record
from app.tours.scenes import Scene
from app.tours.shipped import BEYOND, DECK, FIRST, LESSONS, SHIPPED, path_of

ROW = re.compile(r"\| (.*\S) \| (\d+) \|")

CLAIMS = (
    ("what-a-last-layer-does", "A network ends in arrows", "nc2_norms_w at zero-training-error", 0.0, 0.2),
    ("what-a-last-layer-does", "What a guess costs", "loss at start / (classes * per_class)", 1.38, 1.39),
    ("what-a-last-layer-does", "Who pushes whom", "loss at step=6 / loss at start", 0.9, 1.0),
    ("what-a-last-layer-does", "How sure is sure enough", "loss at zero-training-error", math.log(2.0), math.inf),
    ("what-a-last-layer-does", "Turning up the volume", "norm_w at end / norm_w at log-2", 1.2, 3.0),
    ("why-a-simplex", "Nothing in common", "largest_angle at end - smallest_angle at end", 0.0, 0.5),
    ("why-a-simplex", "Too little room", "smallest_angle at end", 88.0, 90.0),
    ("why-a-simplex", "Too little room", "largest_angle at end", 178.0, 180.0),
    ("why-a-simplex", "Too little room", "gamma at end", 0.7, 0.75),
    ("why-a-simplex", "Some classes are small", "minority_cosine at end - majority_cosine at end", 0.2, 1.0),
    ("why-a-simplex", "Some classes are small", "minority_cosine at end", -1.0, 0.5),
    (
        "why-it-takes-for-ever",
        "The same again, and again",
        "(q_min at end - q_min at step=1000) / (q_min at step=1000 - q_min at step=100)",
        0.8,
        1.2,
    ),
    (
        "why-it-takes-for-ever",
        "A clock that does not stall",
        "nc2_angles at log_time=100 * log_time at log_time=100 / (nc2_angles at end * log_time at end)",
        0.85,
        1.15,
    ),
    (
        "why-it-takes-for-ever",
        "Twice as much log time",
        "nc2_angles at log_time=100 / nc2_angles at log_time=200 * log_time at log_time=100 / log_time at log_time=200",
        0.9,
        1.1,
    ),
    ("why-it-takes-for-ever", "Where a billion steps lie", "log_time at billion-steps", 18.4, 20.4),
    ("why-it-takes-for-ever", "A way out: pull back", "loss at end", 0.1, 1.0),
    ("why-it-takes-for-ever", "A way out: pull back", "nc2_angles at end", 0.0, 1e-6),
    ("why-it-takes-for-ever", "Another way out: longer steps", "log_time at end", 100.0, math.inf),
    ("saddles-that-hold-you", "Where nothing pushes", "loss at end / loss at start", 1.0, 1.0),
    ("saddles-that-hold-you", "A small push", "loss at left / loss at start", 0.99, 1.0),
    ("saddles-that-hold-you", "Two classes in one", "loss at start / (classes * per_class)", math.log(2.0), 0.73),
    ("saddles-that-hold-you", "Two classes in one", "smallest_angle at end", 90.0, 110.0),
    ("saddles-that-hold-you", "A saddle without errors", "largest_angle at end", 140.0, 165.0),
    ("saddles-that-hold-you", "Held in log time, too", "largest_angle at billion-steps", 130.0, 165.0),
    ("saddles-that-hold-you", "Held in log time, too", "largest_angle at end", 109.0, 110.0),
    ("real-networks", "A network this time", "nc1_trace_ratio at hand-over", 0.01, 0.5),
    ("real-networks", "SGD goes on", "nc1_trace_ratio at end / nc1_trace_ratio at zero-training-error", 0.5, 1.0),
    ("real-networks", "The other clock", "nc1_trace_ratio at end / nc1_trace_ratio at hand-over", 0.0, 0.5),
    ("real-networks", "The other clock", "nc2_angles at end / nc2_angles at hand-over", 0.0, 0.5),
    ("real-networks", "The other clock", "nc3 at end / nc3 at hand-over", 0.0, 0.5),
    ("real-networks", "The other clock", "(1 - test_accuracy at end) / (1 - test_accuracy at hand-over)", 0.9, 2.0),
    ("real-networks", "One that does not", "nc2_angles at end / nc2_angles at hand-over", 0.9, 1.2),
    ("five-minutes", "Nothing left to learn?", "loss at zero-training-error / loss at end", 1000.0, math.inf),
    ("five-minutes", "What collapses", "nc1_trace_ratio at zero-training-error / nc1_trace_ratio at end", 5.0, 50.0),
    ("five-minutes", "What collapses", "nc3 at end / nc3 at zero-training-error", 0.0, 0.2),
    ("five-minutes", "To which angles", "angle_gap at end", 0.0, 2.0),
    ("five-minutes", "Why it is slow", "angle_gap at step=100 / angle_gap at end", 2.0, 3.0),
    ("five-minutes", "Why it is slow", "loss at step=100 / loss at end", 50.0, 1000.0),
    ("five-minutes", "Where it fails: too little room", "nc1_trace_ratio at end", 0.0, 1e-4),
    ("five-minutes", "Where it fails: too little room", "largest_angle at end - smallest_angle at end", 110.0, 130.0),
    ("five-minutes", "Where it fails: too little room", "smallest_angle at end", 58.0, 60.0),
    ("five-minutes", "Where it fails: small classes", "minority_cosine at end - majority_cosine at end", 0.2, 1.0),
    ("ten-minutes", "It is slow", "angle_gap at step=100 / angle_gap at end", 2.0, 3.0),
    ("ten-minutes", "What happens to rare classes?", "minority_cosine at end", 1.0 - 1e-9, 1.0 + 1e-9),
    ("does-collapse-need-decay", "Without any", "angle_gap at end / angle_gap at zero-training-error", 0.0, 0.3),
    ("does-collapse-need-decay", "Without any", "angle_gap at end", 0.3, 3.0),
    ("does-collapse-need-decay", "With a little", "nc2_angles at end", 0.0, 1e-12),
    ("does-collapse-need-decay", "With a little", "nc2_angles at zero-training-error", 0.01, 1.0),
    (
        "does-collapse-need-decay",
        "Where it comes to rest",
        "q_min at end",
        math.log(4 * math.sqrt(30) / 0.1 - 3) - 1e-6,
        math.log(4 * math.sqrt(30) / 0.1 - 3) + 1e-6,
    ),
    (
        "does-collapse-need-decay",
        "Without any, in log time",
        "angle_gap at billion-steps / angle_gap at end",
        10.0,
        1e3,
    ),
    ("does-collapse-need-decay", "The same decay, in another place", "nc2_angles at end", 0.0, 1e-9),
)
"""Which answer is right, and what its reason says in words, as an expression and the range that it has to lie in."""

PAIRS = (
    ("why-it-takes-for-ever", "What refuses to go away", "angle_gap at end", ">"),
    ("saddles-that-hold-you", "A small push", "step at left", "<"),
    ("saddles-that-hold-you", "Caught by chance?", "gamma at end", "<"),
    ("real-networks", "With weight decay", "nc3 at end", "<"),
    ("ten-minutes", "What happens to rare classes?", "minority_cosine at end", ">"),
    ("does-collapse-need-decay", "With a little", "angle_gap at end", "<"),
    ("does-collapse-need-decay", "The same decay, in another place", "angle_gap at end", "<"),
)
"""Of two films side by side, how the first compares with the other, A."""


def lesson(name: str) -> Tour:
    path = path_of(name)
    return read_tour(path.read_bytes(), path.name, path.parent)


def scene_of(name: str, title: str) -> Scene:
    (found,) = (scene for scene in lesson(name).scenes if scene.title == title)
    return found


@lru_cache
def measured(name: str, title: str, pinned: bool = False) -> Record:
    film = scene_of(name, title).film
    assert film is not None
    return make_film(source_of(other(film) if pinned else film)).record


def other(film: SceneFilm) -> SceneFilm:
    """Returns the film that stands beside this one as A."""
    assert film.state is not None and film.state.pinned is not None
    return replace(film, state=replace(film.state, config=film.state.pinned, pinned=None))


def value(text: str, record: Record) -> float:
    return evaluate("claim", read_expression("claim", text), record)


def page_of(name: str) -> Path:
    return asset("lessons") / "teachers" / f"{name}.md"


@pytest.mark.parametrize(("name", "title", "text", "least", "most"), CLAIMS)
def test_what_a_lesson_says_is_so(name, title, text, least, most):
    assert least <= value(text, measured(name, title)) <= most


@pytest.mark.parametrize(("name", "title", "text", "sign"), PAIRS)
def test_what_a_lesson_says_of_two_films_is_so(name, title, text, sign):
    first, second = value(text, measured(name, title)), value(text, measured(name, title, pinned=True))
    assert first > 1.3 * second if sign == ">" else first < second / 1.2


def test_the_folder_holds_a_first_tour_one_class_and_one_deck():
    assert {path.stem for path in asset("lessons").glob("*.md")} == {*SHIPPED}
    assert 45 <= sum(lesson(name).minutes for name in LESSONS) <= 90


def test_every_kind_of_question_is_asked():
    asked = [question for name in LESSONS for scene in lesson(name).scenes for question in scene.questions]
    assert {type(question) for question in asked} == {Choice, NumberAsked, Drawing, Placing}
    assert {question.several for question in asked if isinstance(question, Choice)} == {False, True}


@pytest.mark.parametrize("name", [FIRST, *LESSONS, *BEYOND])
def test_a_film_is_foretold_before_it_plays(name):
    """The last scene of a lesson may leave its film to whoever turns the knobs."""
    tour = lesson(name)
    for scene in tour.scenes:
        if scene.film is not None and (scene is not tour.scenes[-1] or not scene.film.knobs):
            assert scene.questions, scene.title
            assert str(scene.film.until) != "end", scene.title


@pytest.mark.parametrize("scene", lesson(DECK).scenes, ids=lambda scene: scene.anchor)
def test_a_speaker_has_notes_for_every_scene(scene):
    assert scene.notes


@pytest.mark.parametrize("name", [*LESSONS, *BEYOND])
def test_a_teacher_has_a_page_for_every_lesson(name):
    tour, page = lesson(name), page_of(name).read_text(encoding="utf-8")
    assert page.startswith(f"# {tour.title}: for the teacher\n") and "**Aims.**" in page
    timing = ROW.findall(page)
    assert [title for title, _ in timing] == [scene.title for scene in tour.scenes]
    assert sum(int(minutes) for _, minutes in timing) == tour.minutes
    sections = re.findall("^## (.*)", page, re.MULTILINE)
    assert {scene.title for scene in tour.scenes if scene.questions} <= set(sections)
    assert set(sections) <= {scene.title for scene in tour.scenes}
