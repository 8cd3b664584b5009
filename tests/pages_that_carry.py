"""Reads pages that carry their parts inside, as a browser finds them."""

from __future__ import annotations

import base64
import gzip
from html.parser import HTMLParser


class Elements(HTMLParser):
    """What a browser would find: elements with their attributes, and the text inside each script."""

    def __init__(self, page: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self.titles: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "title"):
            getattr(self, f"{tag}s").append("")

    def handle_data(self, data):
        tag = self.elements[-1][0] if self.elements else ""
        if tag in ("script", "title"):
            getattr(self, f"{tag}s")[-1] += data

    def handle_endtag(self, tag):
        self.elements.append((f"/{tag}", {}))


def carried(page: Elements) -> dict[str, bytes]:
    """What a page carries, by its names, unpacked."""
    attributes = [attrs for tag, attrs in page.elements if tag == "script"]
    parts = {attrs["id"]: text for attrs, text in zip(attributes, page.scripts, strict=True) if "id" in attrs}
    return {name: gzip.decompress(base64.b64decode(text)) for name, text in parts.items()}


def policy_of_page(page: Elements) -> dict[str, str]:
    """The rules of a page's Content-Security-Policy by their names."""
    policy = next(attrs["content"] for _, attrs in page.elements if "http-equiv" in attrs)
    return dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
