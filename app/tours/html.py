"""The words of a tour as HTML. Every tag is written here; what a document says is escaped, whatever it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape

from app.tours.markup import (
    Block,
    Code,
    Emphasis,
    Fence,
    Figure,
    Formula,
    Heading,
    Inline,
    Link,
    Listing,
    Paragraph,
    Picture,
    Strong,
    Text,
)

Read = Callable[[Figure], str]
"""Says a number that is read from the film in words."""


def html_of(blocks: Iterable[Block], read: Read) -> str:
    """Returns blocks as HTML.

    >>> html_of([Paragraph((Text("<b>"), Emphasis((Text("a & b"),))))], str)
    '<p>&lt;b&gt;<em>a &amp; b</em></p>'
    """
    return "".join(_block(block, read) for block in blocks)


def words_html(parts: Iterable[Inline], read: Read) -> str:
    """Returns the words of a line as HTML."""
    return "".join(_words(part, read) for part in parts)


def _block(block: Block, read: Read) -> str:
    match block:
        case Paragraph(children):
            return f"<p>{words_html(children, read)}</p>" if children else ""
        case Heading(level, children):
            return f"<h{level}>{words_html(children, read)}</h{level}>"
        case Listing(numbered, items):
            tag = "ol" if numbered else "ul"
            return f"<{tag}>{''.join(f'<li>{_item(item, read)}</li>' for item in items)}</{tag}>"
        case Fence(_, lines):
            return f"<pre><code>{escape(chr(10).join(lines))}</code></pre>"
        case Picture(words, data):
            return f'<img src="{escape(data)}" alt="{escape(words)}">'


def _item(blocks: tuple[Block, ...], read: Read) -> str:
    """Returns an item of a list: its first words without a paragraph around them."""
    first = blocks[0]
    head = words_html(first.children, read) if isinstance(first, Paragraph) else _block(first, read)
    return head + html_of(blocks[1:], read)


def _words(part: Inline, read: Read) -> str:
    match part:
        case Text(text):
            return escape(text)
        case Code(text):
            return f"<code>{escape(text)}</code>"
        case Strong(children):
            return f"<strong>{words_html(children, read)}</strong>"
        case Emphasis(children):
            return f"<em>{words_html(children, read)}</em>"
        case Link(target, children):
            away = "" if target.startswith("#") else ' target="_blank" rel="noopener noreferrer"'
            return f'<a href="{escape(target)}"{away}>{words_html(children, read)}</a>'
        case Formula(_, mathml):
            return mathml
        case Figure():
            return escape(read(part))


def plain_text(parts: Iterable[Inline]) -> str:
    """Returns words without their marks, for titles.

    >>> plain_text([Text("Three "), Strong((Text("clusters"),))])
    'Three clusters'
    """
    said = []
    for part in parts:
        match part:
            case Text(text) | Code(text) | Formula(text):
                said.append(text)
            case Strong(children) | Emphasis(children) | Link(_, children):
                said.append(plain_text(children))
    return "".join(said)
