"""Every mistake that an author can make is told with its line, its key and something that works."""

from __future__ import annotations

import pytest
from tours.documents import SOUND, changed, mistakes_of

from app.tours.document import read_tour
from app.tours.limits import MISTAKES, SCENES
from app.tours.mistakes import TourError

LINK = "classes=3&dimension=2&per_class=4&steps=60&seed=3"
CHOICE = "- at 90°\n* at 120°\n"
NUMBER = "= nc1_trace_ratio at start / nc1_trace_ratio at end within 10%"

CASES = [
    # the head
    ("---\ntitle: A lesson", "title: A lesson", 1, "head", "title: "),
    ("title: A lesson\n", "", 1, "title", "title: "),
    ("minutes: 12\n", "", 1, "minutes", "minutes: 12"),
    ("minutes: 12", "minutes: many", 3, "minutes", "12"),
    ("minutes: 12", "minutes: 0", 3, "minutes", "1 to 600"),
    ("minutes: 12", "minuts: 12", 3, "minuts", "minutes: 12"),
    ("for: everybody", "for: everybody\ntitle: Twice", 5, "title", "once"),
    ("title: A lesson", f"title: {'x' * 200}", 2, "title", "1 to 120"),
    ("for: everybody", "everybody", 4, "head", "title"),
    # scenes
    ("# Three clusters", "# " + "x" * 200, 6, "heading", "1 to 120"),
    ("Words with", "[Words](#nowhere) with", 7, "link", "#three-clusters"),
    ("Words with", "[Words](javascript:alert) with", 7, "link", "https://"),
    ("Words with", "[Words](../secret) with", 7, "link", "https://"),
    ("Words with", "[Words](https://a.org/x_(y)) with", 7, "link", "%28"),
    ("Words with", "[Words](javascript:alert(1)) with", 7, "link", "https://"),
    ("{nc2_angles at end}", "{nc2_angles at end", 7, "number", "}"),
    ("Words with", "Words ![of a picture](a.png) with", 7, "image", "paragraph"),
    ("Words with", "![A picture](a.png)\n\nWords with", 7, "image", "folder"),
    ("Words with", "![A picture](a.svg)\n\nWords with", 7, "image", "png or jpeg"),
    ("Words with", "![](a.png)\n\nWords with", 7, "image", "![What it shows]"),
    ("Words with", "a | b\n--|--\nWords with", 8, "table", "list"),
    ("Words with", "> Words with", 7, "quotation", "paragraph"),
    ("Words with", "***\nWords with", 7, "line", "# Its title"),
    ("Words with", "Words $\\foo$ with", 7, "formula", "$\\"),
    ("Words with", "Words $\\frac{1$ with", 7, "formula", "brace"),
    ("Words with", "Words $\\log t = $ with", 7, "formula", "$\\log t$"),
    ("Words with", "Words $x^1^2$ with", 7, "formula", "x_1^2"),
    ("{nc2_angles at end}", "{nc2_angels at end}", 7, "number", "nc2_angles at end"),
    ("{nc2_angles at end}", "{nc2_angles}", 7, "number", "nc2_angles at end"),
    ("{nc2_angles at end}", "{nc2_angles at ent}", 7, "number", "end"),
    ("{nc2_angles at end}", "{}", 7, "number", "at end"),
    ("{nc2_angles at end}", "{classes at end}", 7, "number", "classes"),
    ("```film", "```flim", 9, "block", "film"),
    ("```film", "```film fast", 9, "film", "film alone"),
    # films
    (f"{LINK}\n", "", 9, "film", "seed=7"),
    (LINK, "hello there", 10, "film", "playground"),
    (LINK, "https://lab.example.org/theory?classes=3", 10, "film", "playground"),
    (LINK, f"{LINK}&clases=3", 10, "clases", "classes"),
    (LINK, f"{LINK}&loss=none", 10, "loss", "cross-entropy"),
    (LINK, f"{LINK}&talk=1", 10, "talk", "without"),
    (LINK, f"{LINK}&question=Why", 10, "question", "question block"),
    (LINK, f"{LINK}&seed=4", 10, "seed", "once"),
    (LINK, f"{LINK}&at=foo", 10, "at", "end"),
    (LINK, "classes=1e9", 10, "classes", "2 to 20"),
    (LINK, f"landscape?{LINK}", 10, "initialisation", "square"),
    (LINK, f"{LINK}\n{LINK}\n{LINK}", 12, "film", "two for films"),
    (LINK, f"{LINK}&pin=default\nseed=4", 11, "film", "not both"),
    (LINK, f"{LINK}\nnetworks?seed=4", 11, "film", "two links of playground"),
    (LINK, f"{LINK}&controls=seed", 14, "knobs", "one of the two"),
    (LINK, f"{LINK}&camera=0.4,1.2,1.6", 15, "camera", "one of the two"),
    (LINK, "features=a.npz&digest=0123456789abcdef", 10, "features", "folder"),
    ("until: step=20", "until: foo", 11, "until", "for example end"),
    ("until: step=20", "until: zero-training", 11, "until", "for example zero-training-error"),
    ("until: step=20", "until:", 11, "until", "end"),
    ("until: step=20", "until: step", 11, "until", "step=100"),
    ("until: step=20", "until: step=-1", 11, "until", "end"),
    ("until: step=20", "untill: step=20", 11, "untill", "until: "),
    ("until: step=20", "until: step=20\nuntil: end", 12, "until", "once"),
    ("then: end", "then: never", 12, "then", "end"),
    ("show: loss, nc1_trace_ratio", "show: loss, nc4", 13, "show", "nc1_trace_ratio"),
    ("show: loss, nc1_trace_ratio", "show: loss, loss", 13, "show", "once"),
    ("knobs: learning_rate", "knobs: learn", 14, "knobs", "learning_rate"),
    ("knobs: learning_rate", "knobs: log_time", 14, "knobs", "seed"),
    ("camera: 0.4,1.2,1.6", "camera: here", 15, "camera", "0.55,0.42,0.26"),
    # questions
    ("```question\n", "```question nmber\n", 18, "question", "number"),
    ("```question\n", "```question choice one\n", 18, "question", "question choice alone"),
    ("Where will they end?\n", "", 18, "question", "Where"),
    ("Because of this.\n", "", 18, "question", "Because"),
    (CHOICE, "", 18, "question", "* at 120"),
    ("- at 90°\n", "", 18, "answers", "2 to 12"),
    (CHOICE, CHOICE.replace("*", "-"), 18, "question", "* at 120"),
    (CHOICE, CHOICE.replace("-", "*"), 18, "answers", "question several"),
    (CHOICE, "- at 120°\n* at 120°\n", 18, "answer", "own words"),
    (CHOICE, "- at 90°\nno mark\n* at 120°\n", 21, "answer", "- or *"),
    ("```question number", "```question number draw", 25, "question", "question number alone"),
    (NUMBER, "about ten", 25, "question", "within 10%"),
    (NUMBER, NUMBER.replace(" within 10%", ""), 27, "answer", "within 10%"),
    (NUMBER, NUMBER.replace("10%", "0%"), 27, "within", "10%"),
    (NUMBER, NUMBER.replace("10%", "200%"), 27, "within", "10%"),
    (NUMBER, "= __import__('os') within 10%", 27, "answer", "nc2_angles at"),
    (NUMBER, "= (1 + 2 within 10%", 27, "answer", "parenthesis"),
    (NUMBER, "= 1 + within 10%", 27, "answer", "ends where"),
    (NUMBER, "= 1 2 within 10%", 27, "answer", "goes on"),
    (NUMBER, f"= {'(' * 20}1{')' * 20} within 10%", 27, "answer", "deeper than 8"),
    (NUMBER, f"= {'1 + ' * 80}1 within 10%", 27, "answer", "at most 200"),
    ("```question number", "```question draw nc4", 25, "draw", "nc3"),
    ("It falls.\n```\n", "It falls.\n", 25, "block", "```"),
]


@pytest.mark.parametrize(("before", "after", "line", "key", "works"), CASES)
def test_each_mistake_is_told_where_it_is(before, after, line, key, works):
    found = mistakes_of(changed(before, after))
    assert [(one.line, one.key) for one in found if one.key == key] == [(line, key)]
    (sentence,) = [one.sentence for one in found if one.key == key]
    assert works in sentence
    assert ": " in sentence and sentence.endswith(".") and "\n" not in sentence


def test_a_sound_document_has_none():
    assert mistakes_of(SOUND) == []


def test_all_mistakes_are_told_at_once_by_line():
    text = changed("minutes: 12", "minutes: many").replace("until: step=20", "until: foo").replace("10%", "0%")
    with pytest.raises(TourError) as error:
        read_tour(text.encode(), "lesson.md")
    assert [line.split(": ")[0] for line in str(error.value).split("\n")] == [
        "lesson.md:3",
        "lesson.md:11",
        "lesson.md:27",
    ]


def test_a_title_may_be_quoted_and_scenes_may_have_none():
    text = "---\ntitle: 'One: two'\nminutes: 1\n---\nWords.\n```film\nplayground\n```\n```film\nplayground\n```\n"
    tour = read_tour(text.encode(), "two.md")
    assert [tour.title, *(scene.title for scene in tour.scenes)] == ["One: two"] * 3
    assert [scene.anchor for scene in tour.scenes] == ["one-two", "one-two-2"]


def test_a_film_and_a_plane_are_needed_where_they_are_used():
    bare = "---\ntitle: T\nminutes: 1\n---\n# One\n{loss at end}\n```question place\nWhere?\nBecause.\n```\n"
    assert [(one.line, one.key) for one in mistakes_of(bare)] == [(6, "number"), (7, "question")]
    solid = bare + "```film\nclasses=4&dimension=3\n```\n"
    assert [(one.line, one.key) for one in mistakes_of(solid)] == [(7, "dimension")]
    assert mistakes_of(solid.replace("dimension=3", "dimension=2")) == []
    waits = "---\ntitle: T\nminutes: 1\n---\n# One\n```film\nplayground\nthen: end\n```\n"
    assert [(one.line, one.key) for one in mistakes_of(waits)] == [(8, "then")]


def test_very_many_mistakes_are_counted_and_very_many_scenes_refused():
    head = "---\ntitle: T\nminutes: 1\n---\n"
    with pytest.raises(TourError) as error:
        read_tour((head + "# S\n{x}\n{y}\n" * 100).encode(), "many.md")
    assert len(error.value.mistakes) == MISTAKES
    assert str(error.value).endswith("more mistakes are not listed.")
    (one,) = mistakes_of(head + "# S\n" * 9_000)
    assert (one.line, one.key) == (5 + SCENES, "scenes")
