"""No sentence is typed in the browser's modules: each is a template of Python's, which both fill in."""

from __future__ import annotations

import re

import pytest

from app.engine.refusals import GROUPS, refusals
from tests.javascript import ROOT

FOLDERS = ("app/player/engine", "app/standalone")
FOR_DEVELOPERS = {("app/player/engine/worker.js", "the table comes first")}
"""What no visitor reads, since only a mistake in the code says it."""
COMMENT_OR_TEXT = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"((?:\\.|[^"\\\n])*)"|'((?:\\.|[^'\\\n])*)'|`((?:\\.|[^`\\])*)`""", re.DOTALL
)
FILLED_IN = re.compile(r"\$\{[^}]*\}")
WORD = re.compile(r"""[("']*[A-Za-z]+[)"'.,:;?!]*""")
FEWEST = 3
"""A text of so many words is a sentence, or part of one."""


def sentences(code: str) -> list[str]:
    """The texts of a module that people might read; not its comments, and not what is filled in."""
    texts = ["".join(found.groups(default="")) for found in COMMENT_OR_TEXT.finditer(code)]
    return [text for text in texts if sum(map(is_word, FILLED_IN.sub("", text).split())) >= FEWEST]


def is_word(part: str) -> bool:
    return WORD.fullmatch(part) is not None


def test_no_module_of_the_browser_holds_a_sentence() -> None:
    modules = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.js")]
    assert len(modules) > 80
    found = {
        (path.relative_to(ROOT).as_posix(), text)
        for path in modules
        for text in sentences(path.read_text(encoding="utf-8"))
    }
    assert found == FOR_DEVELOPERS


@pytest.mark.parametrize(
    "code",
    [
        'throw refuse(row, "is not a number");',
        "const why = `makes ${entries} numbers with classes = ${classes}`; // why",
        "say('holds a size')",
        'const address = "https://x"; say("it is here");',
    ],
)
def test_a_sentence_would_be_found(code: str) -> None:
    assert len(sentences(code)) == 1


def test_what_nobody_reads_is_no_sentence() -> None:
    code = '/* "a comment of words" */ make("div", "fp-scene fp-wide", `a${b} c`); // "and one more here"'
    assert sentences(code) == []


def test_every_phrase_of_a_refusal_has_a_name_of_its_own() -> None:
    assert len(refusals()) == sum(map(len, GROUPS))
