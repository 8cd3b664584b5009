"""What tests of screens share: a page opened by a link, and that it is sound."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest


def open_page(page: AppTest, **link: str) -> AppTest:
    """The page as a link opens it, run once."""
    for name, value in link.items():
        page.query_params[name] = value
    return sound(page.run())


def sound(page: AppTest) -> AppTest:
    """The page, once nothing has gone wrong on it."""
    assert not page.exception
    assert not page.error
    return page


def mounted(page: AppTest, name: str) -> list[Any]:
    """What stands on the page of one of our components: film_player, figure or copyable."""
    return [e.proto for e in page.get("bidi_component") if e.proto.component_name == f"collapse_lab_{name}"]
