"""What the run says: the value of an expression, in words too, and the truth of every question."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.tours.expression import Binary, Expression, Negative, Number, Quantity
from app.tours.moments import Moment
from app.tours.questions import Choice, Drawing, NumberAsked, Question
from app.tours.record import Record
from ulpm_core.model.number_words import number, power_of_e
from ulpm_core.model.plain import plain
from ulpm_core.model.refusal import refuse, unfit

OPERATIONS: Final[Mapping[str, Callable[[float, float], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def evaluate(key: str, expression: Expression, record: Record) -> float:
    """Returns the value of an expression. Raises :class:`ConfigError` that says what is not known, or not finite."""
    match expression:
        case Number(value):
            return value
        case Negative(of):
            return -evaluate(key, of, record)
        case Quantity(name, None):
            return record.constant(name)
        case Quantity(name, moment):
            assert isinstance(moment, Moment)
            return record.value(key, name, record.frame(key, moment))
        case Binary(sign, left, right):
            return _joined(key, sign, evaluate(key, left, record), evaluate(key, right, record))


def _joined(key: str, sign: str, left: float, right: float) -> float:
    if sign == "/" and right == 0.0:
        raise unfit(key, f"{key} divides by 0", "divide by what is not 0 at that moment", "1 - gamma at end")
    found = OPERATIONS[sign](left, right)
    if not math.isfinite(found):
        raise unfit(key, f"{key} is too large for a number", "read a logarithm", "log_time at end")
    return found


def in_words(expression: Expression, record: Record) -> str:
    """Returns a number as the text of a tour shows it: three digits, counts in full, t as a power of e where it is
    large. Raises :class:`ConfigError` as :func:`evaluate` does.
    """
    if isinstance(expression, Quantity) and expression.name == "time" and expression.moment:
        return power_of_e(record.value("number", "log_time", record.frame("number", expression.moment)))
    return number(evaluate("number", expression, record))


@dataclass(frozen=True)
class Truth:
    """The right answer of a question: of a choice the options, of a number its value and how far an answer may be off,
    of a sketch the curve by the film's clock, of placed class means where they end.
    """

    kind: str
    value: Any

    def is_right(self, answer: float) -> bool:
        """Returns whether a number is near enough."""
        value, most = self.value
        return abs(answer - value) <= most


def truth_of(question: Question, record: Record | None) -> Truth:
    """Returns the right answer of a question; a choice needs no film. Raises :class:`ConfigError` where the film does
    not say it.
    """
    if isinstance(question, Choice):
        return Truth("several" if question.several else "choice", list(question.right))
    if record is None:
        raise unfit("question", "question is answered by a film", "give its scene one")
    if isinstance(question, NumberAsked):
        value = evaluate("answer", question.answer, record)
        most = question.tolerance * abs(value) if question.relative else question.tolerance
        if most == 0.0:
            why = "is 0, of which a share is 0 too"
            raise refuse("answer", number(value), why, "a tolerance that is a number", "within 0.01")
        return Truth("number", (value, most))
    if isinstance(question, Drawing):
        if question.curve not in [curve["name"] for curve in record.header["curves"]]:
            held = ", ".join(curve["name"] for curve in record.header["curves"])
            raise refuse("draw", question.curve, "is not drawn in this film", f"one of {held}")
        clock = record.header["clock"]
        return Truth("draw", {"clock": clock[clock["by"]], "values": plain(record.values[question.curve])})
    return Truth("place", plain(record.means[-1]))
