"""A number read from a run, as a tour writes it: nc2_angles at log_time=100 / nc2_angles at end. It is parsed here and
never handed to Python.

    sum      = product { ("+" | "-") product }
    product  = factor { ("*" | "/") factor }
    factor   = "-" factor | number | "(" sum ")" | constant | quantity "at" moment
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from app.terms.nearest import nearest
from app.tours.limits import EXPRESSION, NESTED
from app.tours.moments import WRITTEN, Moment, read_moment
from app.tours.quantities import CONSTANTS, QUANTITIES
from ulpm_core.model.refusal import ConfigError, refuse, shown, unfit

EXAMPLE: Final = "nc2_angles at log_time=100 / nc2_angles at end"
TOKEN: Final = re.compile(
    rf"\s*(?:(?P<number>\d{{1,15}}(?:\.\d{{0,15}})?(?:[eE][+-]?\d{{1,3}})?)|at\s+(?P<moment>{WRITTEN})"
    r"|(?P<name>[a-z][a-z0-9_]*)|(?P<sign>[-+*/()]))",
    re.ASCII,
)


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Quantity:
    """A quantity of a film at a moment; a constant of it has none."""

    name: str
    moment: Moment | None


@dataclass(frozen=True)
class Negative:
    of: Expression


@dataclass(frozen=True)
class Binary:
    """Two expressions with +, -, * or / between them."""

    sign: str
    left: Expression
    right: Expression


Expression = Number | Quantity | Negative | Binary


def read_expression(key: str, text: str) -> Expression:
    """Reads an expression. Raises :class:`ConfigError`, as the refusal of `key`, where it is none.

    >>> read_expression("answer", "2 * classes")
    Binary(sign='*', left=Number(value=2.0), right=Quantity(name='classes', moment=None))
    """
    text = text.strip()
    if not text:
        raise unfit(key, f"{key} says no number", "use one read from the run", EXAMPLE)
    if len(text) > EXPRESSION:
        raise refuse(key, text, f"has {len(text):,} characters", f"at most {EXPRESSION}", EXAMPLE)
    return _Parser(key, text).whole


def moments(expression: Expression) -> list[Moment]:
    """Returns the moments that an expression names."""
    if isinstance(expression, Binary):
        return moments(expression.left) + moments(expression.right)
    if isinstance(expression, Negative):
        return moments(expression.of)
    return [expression.moment] if isinstance(expression, Quantity) and expression.moment else []


class _Parser:
    """Goes through an expression's tokens, each a kind and a text, by the grammar above: `whole` is what they say."""

    def __init__(self, key: str, text: str):
        self.key, self.text, self.depth = key, text, 0
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            found = TOKEN.match(text, at)
            if found is None:
                raise self._refusal(f'cannot be read from "{shown(text[at:].strip())}" on')
            self.tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            at = found.end()
        self.tokens.reverse()
        self.whole = self._take_sum()
        if self.tokens:
            raise self._refusal(f'goes on with "{self.tokens[-1][1]}" where it should end')

    def _refusal(self, why: str) -> ConfigError:
        return refuse(self.key, self.text, why, "names of curves, numbers, + - * / and parentheses", EXAMPLE)

    def _next(self) -> tuple[str, str]:
        return self.tokens[-1] if self.tokens else ("end", "")

    def _take_sum(self) -> Expression:
        left = self._take_product()
        while self._next() in (("sign", "+"), ("sign", "-")):
            left = Binary(self.tokens.pop()[1], left, self._take_product())
        return left

    def _take_product(self) -> Expression:
        left = self._take_factor()
        while self._next() in (("sign", "*"), ("sign", "/")):
            left = Binary(self.tokens.pop()[1], left, self._take_factor())
        return left

    def _take_factor(self) -> Expression:
        kind, word = self._next()
        if kind in ("end", "moment") or (kind == "sign" and word not in "-("):
            raise self._refusal(f'lacks a number before "{word}"' if word else "ends where a number should stand")
        self.tokens.pop()
        if kind == "number":
            return Number(float(word))
        if kind == "name":
            return self._take_quantity(word)
        self.depth += 1
        if self.depth > NESTED:
            raise self._refusal(f"nests deeper than {NESTED}")
        inner: Expression = Negative(self._take_factor()) if word == "-" else self._take_sum()
        if word == "(" and (not self.tokens or self.tokens.pop() != ("sign", ")")):
            raise self._refusal("lacks a closing parenthesis")
        self.depth -= 1
        return inner

    def _take_quantity(self, name: str) -> Quantity:
        moment = self.tokens.pop()[1] if self._next()[0] == "moment" else None
        if name in CONSTANTS:
            if moment is not None:
                raise refuse(self.key, self.text, f"reads {name} at a moment, and it has no time", name)
            return Quantity(name, None)
        if name not in QUANTITIES:
            works = f"{nearest(name, (*QUANTITIES, *CONSTANTS), 'nc2_angles')} at end"
            raise refuse(self.key, self.text, f"names {shown(name)}, which no film measures", works)
        if moment is None:
            raise refuse(self.key, self.text, f"does not say at which moment {name} is read", f"{name} at end")
        return Quantity(name, read_moment(self.key, moment))
