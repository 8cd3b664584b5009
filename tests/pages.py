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


def press(page: AppTest, key: str) -> AppTest:
    """The page after a click on the button of that key."""
    (button,) = (button for button in page.button if button.key == key)
    return sound(button.click().run())


def link_of(page: AppTest) -> dict[str, str]:
    return {name: value if isinstance(value, str) else value[0] for name, value in page.query_params.items()}


def texts(page: AppTest, mark: str) -> list[str]:
    """The paragraphs of one style class."""
    return [element.proto.body for element in page.get("html") if f'class="{mark}"' in element.proto.body]


def refusals(page: AppTest) -> list[str]:
    return [said for body in texts(page, "lab-refusal") for said in body.split("<p ")[1:]]
