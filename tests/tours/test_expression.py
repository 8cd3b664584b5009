"""Numbers read from a run: what is parsed means what it says, and nothing but the grammar is ever parsed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tours.answers import evaluate, in_words
from app.tours.expression import Binary, Expression, Negative, Number, Quantity, moments, read_expression
from app.tours.moments import Moment, read_moment
from app.tours.record import Record
from ulpm_core import ConfigError

STEPS = [0, 1, 2, 5, 10]
LOSS = np.array([8.0, 4.0, 2.0, 1.0, 0.5])
EVENT = {"id": "zero-training-error", "frame": 2}


def record(**clock: object) -> Record:
    """A film of five frames of three classes in a plane, at 120 degrees but for the first frame."""
    angles = np.radians([[0, 90, 180], *[[0, 120, 240]] * 4])
    means = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    header = {
        "frames": 5,
        "classes": 3,
        "dimension": 2,
        "per_class": 4,
        "events": [EVENT],
        "curves": [{"name": "loss"}],
        "clock": {
            "by": "step",
            "step": STEPS,
            "log_time": [None, 0.0, 0.7, 1.6, 2.3],
            "time": [0, 1, 2, 5, 10],
            **clock,
        },
    }
    return Record(header, {"loss": LOSS, "nc3": LOSS / 8.0}, means @ means.swapaxes(1, 2), means)


def value(text: str, of: Record | None = None) -> float:
    return evaluate("answer", read_expression("answer", text), of or record())


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("8 / 4 / 2", 1.0),
        ("8 - 4 - 2", 2.0),
        ("-2 * -3", 6.0),
        ("1e3", 1000.0),
        ("classes * dimension - per_class", 2.0),
        ("loss at start / loss at end", 16.0),
        ("loss at zero-training-error - loss at end", 1.5),
        ("loss at step=2", 2.0),
        ("loss at step = 4", 2.0),  # the last frame that is not beyond it
        ("loss at log_time=1.6", 1.0),
        ("step at zero-training-error", 2.0),
        ("time at end", 10.0),
        ("ideal_angle", 120.0),
        ("smallest_angle at start", 90.0),
        ("largest_angle at start", 180.0),
        ("mean_angle at start", 120.0),
        ("angle_gap at start", 40.0),
        ("angle_gap at end", 0.0),
    ],
)
def test_an_expression_means_what_it_says(text, number):
    assert value(text) == pytest.approx(number, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("loss at step=11", "lies beyond the run's 10 steps: use step=0 to 10"),
        ("loss at log_time=50", "lies beyond the run's log t = 2.3"),
        ("loss at log_time=-5", "before the film begins: use start"),
        ("loss at epoch=1", "counts epoch, and this film does not"),
        ("loss at left", "is no moment of this film: use zero-training-error, step=10, start, end"),
        ("nc4 at end", "nc4 is not measured in this film: use one of loss, nc3"),
        ("log_time at start", "is not defined at frame 0 of 5"),
        ("1 / (loss at end - 0.5)", "divides by 0"),
        ("1e300 * 1e300", "too large"),
    ],
)
def test_what_a_film_does_not_say_is_refused_in_words(text, works):
    with pytest.raises(ConfigError) as refusal:
        value(text)
    assert works in str(refusal.value)


def test_moments_are_counted_by_the_clock_of_the_film():
    flow, network = record(by="log_time"), record(epoch=[0.0, 0.5, 1.0, 2.0, 3.0])
    assert value("loss at epoch=2.5", network) == 1.0
    for of in (flow, network):
        with pytest.raises(ConfigError, match="counts step"):
            value("loss at step=2", of)
    assert network.moments() == ["zero-training-error", "epoch=3", "start", "end"]


def test_numbers_are_written_as_people_read_them():
    of = record()
    said = {
        text: in_words(read_expression("number", text), of) for text in ("loss at end / 1000", "1234.4", "time at end")
    }
    assert said == {"loss at end / 1000": "5.0 × 10⁻⁴", "1234.4": "1,234", "time at end": "9.97"}


QUANTITIES = st.sampled_from(
    [Quantity("classes", None), Quantity("loss", Moment("end")), Quantity("nc3", Moment("start"))]
)
NUMBERS = st.integers(0, 999).map(lambda n: Number(n / 4))
EXPRESSIONS = st.recursive(
    NUMBERS | QUANTITIES,
    lambda inner: st.builds(Negative, inner) | st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
    max_leaves=6,
)


def written(expression: Expression) -> str:
    match expression:
        case Number(number):
            return f"{number:g}"
        case Quantity(name, moment):
            return name if moment is None else f"{name} at {moment}"
        case Negative(of):
            return f"-({written(of)})"
        case Binary(sign, left, right):
            return f"({written(left)}) {sign} ({written(right)})"


def slow(expression: Expression) -> float:
    """The same by Python itself, of text that is ours."""
    known = {"classes": 3.0, "loss at end": 0.5, "nc3 at start": 1.0}
    text = written(expression)
    for name, number in known.items():
        text = text.replace(name, str(number))
    try:
        return float(eval(text))
    except ZeroDivisionError:
        return math.nan


@given(EXPRESSIONS)
def test_parsing_agrees_with_python(expression):
    text, expected = written(expression), slow(expression)
    try:
        found = value(text)
    except ConfigError as refusal:
        assert math.isnan(expected) or "deeper" in str(refusal) or "characters" in str(refusal)
    else:
        assert found == pytest.approx(expected)


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            [
                "loss",
                "nc3",
                "at",
                "end",
                "step=",
                "log_time=5",
                "+",
                "-",
                "*",
                "/",
                "(",
                ")",
                "1",
                "1e9",
                ".",
                "_",
                "[",
                "'",
                "٥",
            ]
        )
    ).map(" ".join)
)
def test_any_text_is_an_expression_or_a_refusal(text):
    try:
        expression = read_expression("answer", text)
    except ConfigError as refusal:
        assert refusal.field == "answer"
        return
    assert isinstance(expression, Expression)
    assert all(isinstance(moment, Moment) for moment in moments(expression))


@given(st.text(max_size=40))
def test_any_text_is_a_moment_or_a_refusal(text):
    try:
        moment = read_moment("until", text)
    except ConfigError as refusal:
        assert refusal.field == "until"
    else:
        assert read_moment("until", str(moment)) == moment
