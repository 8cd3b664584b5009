"""Formulas: the part of TeX that the lab and its lessons need, as MathML: browsers draw it, screen readers speak it."""

from __future__ import annotations

import re
import unicodedata
from html import escape
from typing import Final

from app.terms.nearest import nearest
from app.terms.symbols import (
    ACCENTS,
    BESIDE,
    FENCES,
    FRACTIONS,
    FUNCTIONS,
    LETTERS,
    OPERATORS,
    SIGNS,
    SPACES,
    STACKED,
    STYLES,
    VARIANTS,
    WORDS,
)
from ulpm_core.model.refusal import ConfigError, refuse, shown

FORMULA: Final = 1_000
"""Characters of a formula: it may come from anybody."""
FORMULA_NESTED: Final = 16
"""The depth to which groups and arguments may stand within each other; each counts."""
TOKEN: Final = re.compile(r"\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\S", re.DOTALL | re.ASCII)
WORDS_GROUP: Final = re.compile(r"\s*\{([^{}\\$]*)\}")
APPLIED: Final = '<mo>\u2061</mo><mspace width="0.167em"/>'
"""The sign, which nobody sees and screen readers speak, that a function is applied to what follows, and TeX's space."""
FIXED: Final = '<mo stretchy="false">'
"""Begins a fence that keeps its size, as in TeX one does without \\left and \\right before it."""
WITH_ARGUMENTS: Final = {
    **dict.fromkeys(FRACTIONS, "{a}{b}"),
    **dict.fromkeys(("sqrt", *ACCENTS, *VARIANTS, *WORDS), "{R}"),
}
"""What stands behind a command that needs something there, in an example."""
KNOWN: Final = (*WITH_ARGUMENTS, *LETTERS, *OPERATORS, *FUNCTIONS, *STYLES, "quad", "qquad")


def mathml(tex: str, display: bool = False) -> str:
    """Returns a formula as MathML. Raises :class:`ConfigError` for TeX that is not known here.

    >>> mathml("1/K")
    '<math alttext="1/K"><mn>1</mn><mo>/</mo><mi>K</mi></math>'
    >>> mathml(r"e^{-t}")
    '<math alttext="e^{-t}"><msup><mi>e</mi><mrow><mo>−</mo><mi>t</mi></mrow></msup></math>'
    """
    if len(tex) > FORMULA:
        raise refuse("formula", tex, f"has {len(tex):,} characters", f"at most {FORMULA:,}", "$1/K$")
    block = ' display="block"' if display else ""
    return f'<math{block} alttext="{escape(tex)}">{"".join(_Formula(tex, display).elements)}</math>'


class _Formula:
    """Goes through the tokens of a formula: `elements` are its parts as MathML."""

    def __init__(self, tex: str, display: bool):
        self.tex, self.display, self.at, self.depth = tex, display, 0, 0
        self.elements = self._take_row("")

    def _refusal(self, why: str, works: str = "1/K") -> ConfigError:
        return refuse("formula", self.tex, why, "letters, numbers and commands such as \\frac{a}{b}", f"${works}$")

    def _next(self) -> str:
        found = TOKEN.search(self.tex, self.at)
        return found[0] if found else ""

    def _take(self) -> str:
        found = TOKEN.search(self.tex, self.at)
        if found is None:
            raise self._refusal("ends too early")
        self.at = found.end()
        return found[0]

    def _take_row(self, closing: str) -> list[str]:
        """Returns the elements up to the closing brace, or to the end of the formula."""
        self.depth += 1
        if self.depth > FORMULA_NESTED:
            raise self._refusal(f"nests deeper than {FORMULA_NESTED}")
        row: list[str] = []
        while (token := self._next()) != closing:
            if not token:
                raise self._refusal("lacks a closing brace", "x^{2}")
            row.append(self._take_scripted())
            if token[1:] in FUNCTIONS and self._next() and self._next() not in BESIDE:
                row.append(APPLIED)
        if closing:
            self._take()
        self.depth -= 1
        return [part for part in row if part]

    def _take_scripted(self) -> str:
        """Returns the next element with its indices and powers."""
        base = "<mrow></mrow>" if self._next() in ("^", "_") else self._take_atom()
        scripts: dict[str, str] = {}
        while (sign := self._next()) in ("^", "_", "'"):
            self._take()
            if sign == "'":
                scripts["^"] = scripts.get("^", "") + "<mo>′</mo>"
                continue
            if sign in scripts:
                raise self._refusal(f"has two {sign} at one place", "x_1^2")
            scripts[sign] = self._take_atom()
        low, high = scripts.get("_"), scripts.get("^")
        if not (low or high):
            return base
        base = base or "<mrow></mrow>"
        high = f"<mrow>{high}</mrow>" if high and high.count("′") > 1 else high
        stacked = self.display and base in STACKED
        both, below, above = ("munderover", "munder", "mover") if stacked else ("msubsup", "msub", "msup")
        tag = both if low and high else below if low else above
        return f"<{tag}>{base}{low or ''}{high or ''}</{tag}>"

    def _take_atom(self) -> str:
        token = self._take()
        if token == "{":
            return f"<mrow>{''.join(self._take_row('}'))}</mrow>"
        if token.startswith("\\"):
            return self._take_command(token[1:])
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token in "}^_&#%$~":
            raise self._refusal(f"has {token} where it has no meaning", "x^{2}")
        if token.isalpha():
            return f"<mi>{escape(token)}</mi>"
        return _sign("−" if token == "-" else token)

    def _take_command(self, name: str) -> str:
        if name in SPACES:
            return f'<mspace width="{SPACES[name]}"/>'
        if name in STYLES:
            return ""
        if name in LETTERS:
            return f"<mi>{LETTERS[name]}</mi>"
        if sign := OPERATORS.get(name) or SIGNS.get(name):
            return _sign(sign)
        if name in FUNCTIONS:
            return f"<mi>{name}</mi>"
        if name in FRACTIONS:
            return f"<mfrac>{self._take_argument()}{self._take_argument()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self._take_argument()}</msqrt>"
        if name in ("left", "right"):
            return "" if self._next() == "." and self._take() else self._take_argument().replace(FIXED, "<mo>")
        if name in WORDS:
            return f"<mtext>{escape(self._take_words(name))}</mtext>"
        if name in ACCENTS:
            return f'<mover accent="true">{self._take_argument()}<mo>{ACCENTS[name]}</mo></mover>'
        if name in VARIANTS:
            return f"<mi>{self._take_face(name)}</mi>"
        near = nearest(name, KNOWN)
        example = f"\\{near}{WITH_ARGUMENTS.get(near, '')}"
        raise self._refusal(f"has \\{shown(name)}, which is not known here", example)

    def _take_argument(self) -> str:
        self.depth += 1  # \hat\hat\hat... nests without a brace
        if self.depth > FORMULA_NESTED:
            raise self._refusal(f"nests deeper than {FORMULA_NESTED}")
        argument = self._take_atom()
        self.depth -= 1
        return argument

    def _take_words(self, name: str) -> str:
        found = WORDS_GROUP.match(self.tex, self.at)
        if found is None:
            raise self._refusal(f"has no {{words}} behind its \\{name}", f"\\{name}{{words}}")
        self.at = found.end()
        return found[1]

    def _take_face(self, name: str) -> str:
        """Returns capitals in another face: ℝ for \\mathbb{R}."""
        letters, face = self._take_words(name), VARIANTS[name]
        if not letters.isascii() or not letters.isupper() or not letters.isalpha():
            raise self._refusal(f"has something else than capitals behind its \\{name}", f"\\{name}{{R}}")
        return "".join(_in_face(letter, face) for letter in letters)


def _sign(sign: str) -> str:
    """Returns a sign, of which fences keep their size.

    >>> _sign("<"), _sign("(")
    ('<mo>&lt;</mo>', '<mo stretchy="false">(</mo>')
    """
    return f"{FIXED if sign in FENCES else '<mo>'}{escape(sign)}</mo>"


def _in_face(letter: str, face: str) -> str:
    """Returns a capital in a face; a few were in Unicode before the others, under shorter names.

    >>> _in_face("R", "DOUBLE-STRUCK"), _in_face("K", "BOLD")
    ('ℝ', '𝐊')
    """
    try:
        return unicodedata.lookup(f"{face} CAPITAL {letter}")
    except KeyError:
        return unicodedata.lookup(f"MATHEMATICAL {face} CAPITAL {letter}")
