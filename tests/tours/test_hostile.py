"""Documents from anybody: whatever they hold, they are read or refused, and nothing of theirs becomes a tag."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tours.documents import SOUND, mistakes_of

from app.terms.mathml import mathml
from app.tours.document import read_with_mistakes
from app.tours.html import html_of, words_html
from app.tours.limits import DOCUMENT_BYTES
from ulpm_core import ConfigError

HEAD = "---\ntitle: T\nminutes: 1\n---\n# S\n"
TAGS = {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "ul", "li", "pre", "code", "img", "strong", "em", "a", "math", "mi",
    "mn", "mo", "mrow", "msup", "msub", "msubsup", "mfrac", "msqrt", "mtext", "mspace", "mover", "munder", "munderover",
}  # fmt: skip
ATTRIBUTES = {"href", "target", "rel", "src", "alt", "alttext", "display", "width", "accent", "stretchy"}
PIECES = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "](", "[", "![", ")", "**", "*",
    "_", "`", "``", "```", "~~~", "$", "$$", "\\", "{", "}", "{nc1 at end}", "# ", "## ", "- ", "1. ", "    ", "\n",
    "\n\n", "\t", "\r", "\x00", "\u202e", "film", "question", "question number", "question several", "notes", "until: ",
    "step=", "= ", "within 10%", "classes=3", "&", "?", "https://a.b/\"onclick=\"x", "#s", "\\frac", "\\text{", "^",
    "'", "\"", "&lt;", "---", "é", "∞", "x" * 300,
]  # fmt: skip

TEX = [*"{}^_\\'&<>$%#x1 ", "\\frac", "\\text", "\\hat", "\\left", "\\sqrt", "\\foo"]


class Reader(HTMLParser):
    """Collects what a browser would take for tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: dict[str, str | None] = {}
        self.open = 0

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(attrs)


def checked(html: str) -> None:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.tags <= TAGS
    assert set(reader.attributes) <= ATTRIBUTES
    href = reader.attributes.get("href") or "#"
    assert href.startswith(("#", "http://", "https://"))


def every_part(text: str) -> None:
    tour, _ = read_with_mistakes(text.encode("utf-8", "surrogatepass"))
    for scene in tour.scenes:
        checked(html_of((*scene.blocks, *scene.notes), lambda figure: "<1>"))
        for question in scene.questions:
            checked(words_html(question.prompt + question.reason, lambda figure: "<1>"))


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=40))
def test_nothing_a_document_says_becomes_a_tag_or_a_crash(pieces):
    every_part(HEAD + "".join(pieces))
    every_part("".join(pieces))


@settings(deadline=None)
@given(
    st.text(max_size=200) | st.lists(st.sampled_from([*"{}^_\\'&<>$%#x1 ", "\\frac", "\\text", "\\hat"]), max_size=60)
)
def test_no_formula_does(tex):
    try:
        html = mathml("".join(tex))
    except ConfigError:
        return
    checked(html)
    for tag in ("mrow", "msup", "mfrac", "math"):
        assert html.count(f"<{tag}>") + html.count(f"<{tag} ") == html.count(f"</{tag}>")


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, len(SOUND.encode())))
def test_damaged_bytes_are_read_or_refused(noise, at):
    whole = SOUND.encode()
    tour, mistakes = read_with_mistakes(whole[:at] + noise + whole[at:])
    assert mistakes.found or tour.title


@pytest.mark.parametrize(
    ("document", "key"),
    [
        (b"x" * (10 * 2**20), "document"),
        (SOUND.encode("utf-16"), "document"),
        (SOUND.replace("everybody", "café").encode("latin-1"), "document"),
        (SOUND.encode().replace(b"everybody", b"every\0body"), "line"),
        (SOUND.replace("everybody", "every\u202ebody").encode(), "line"),
        (SOUND.replace("Words", "x" * 20_000).encode(), "line"),
        ((HEAD + "word\n" * 5_000).encode(), "paragraph"),
        (b"", "head"),
        ((HEAD + "\n" * 20_000).encode(), "document"),
    ],
)
def test_what_is_no_document_is_refused_once(document, key):
    assert {one.key for one in mistakes_of(document)} >= {key}
    assert all(len(one.sentence) < 2_000 for one in mistakes_of(document))


@pytest.mark.parametrize(
    "piece",
    [
        "*a ", "**a _b ", "[", "[a](", "![a](b", "`", "```", "``a", "$", "$a ", "{", "{a", "# # ", "- - - ", "\\",
        "  - a\n    - b\n", "```\n", "~~~x`", "<", "&", "1. ", "\t", "=", "{nc1 at end}", "a\n\n", "# S\n", "~" * 99,
    ],
)  # fmt: skip
def test_a_document_full_of_one_piece_ends(piece):
    """Each takes a second at most; what grew with the square of its length would take minutes."""
    body = piece * (DOCUMENT_BYTES // len(piece.encode()))
    for text in (body, "\n".join(body[i : i + 9_000] for i in range(0, len(body), 9_000))):
        read_with_mistakes((HEAD + text)[: DOCUMENT_BYTES - 99].encode())


def test_depth_is_bounded():
    deep = HEAD + "".join(f"{'  ' * i}- item\n" for i in range(400)) + "\n\n" + "*a _b **c " * 300
    every_part(deep)
    assert {one.key for one in mistakes_of(deep)} == {"list"}
    assert {one.key for one in mistakes_of(HEAD + "$" + "{" * 400 + "}" * 400 + "$")} == {"formula"}
    assert {one.key for one in mistakes_of(HEAD + "$" + "\\hat" * 200 + " x$")} == {"formula"}


def test_a_script_in_a_title_stays_words():
    tour, mistakes = read_with_mistakes(HEAD.replace("# S", "# <script>alert(1)</script>").encode())
    assert not mistakes.found
    assert tour.scenes[0].title == "<script>alert(1)</script>"
    assert tour.scenes[0].anchor == "script-alert-1-script"
