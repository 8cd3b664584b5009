"""What tests of screens share: a page opened by a link, and that it is sound."""

from __future__ import annotations

import html
import json
import re
from typing import Any, Final

from streamlit.testing.v1 import AppTest

from ulpm_core.claims.claim import Claim

LINKED: Final = re.compile(r"</?(?:button|a)\b[^>]*>")


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


def without_terms(body: str) -> str:
    """HTML with its terms and papers as the words that they are."""
    return LINKED.sub("", body)


def claims_in(body: str) -> list[Claim]:
    """The claims that the figures of a table carry, or those of figures alone, in their order."""
    shared = {}
    claims = []
    for found in re.finditer(r'data-(claims?)="(.*?)"', body):
        fields = json.loads(html.unescape(found[2]))
        if found[1] == "claims":
            shared = fields
        else:
            claims.append(Claim.from_json(json.dumps(shared | fields)))
    return claims


def texts(page: AppTest, mark: str) -> list[str]:
    """The paragraphs of one style class, the terms in them as the words that they are."""
    return [without_terms(one.proto.body) for one in page.get("html") if f'class="{mark}"' in one.proto.body]


def refusals(page: AppTest) -> list[str]:
    return [said for body in texts(page, "lab-refusal") for said in body.split("<p ")[1:]]
