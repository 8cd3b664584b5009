"""Mounts the film player on a page. The player is JavaScript modules, joined into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from app.component.component import component
from app.component.served import Served
from app.player.modules import joined
from app.player.offline import PLOTLY, STYLE

ROOT: Final = (
    '<div class="fp" data-testid="film-player"><div class="fp-waiting"><p>The film is on its way.</p>'
    '<p class="fp-late">It takes unusually long: reload the page. If that does not help, something keeps the '
    "page's script from running.</p></div></div>"
)


SCRIPT: Final = Served("player.js", lambda: joined("player/door.js"))


class Side(NamedTuple):
    """One of the films on stage: its address, and what it is called beside others."""

    address: str
    name: str = ""


def mount(
    films: Sequence[Side],
    *,
    talk: bool = False,
    panels: str = "run",
    look: Mapping[str, Any] | None = None,
    link: str = "",
) -> None:
    """Shows the films at up to four addresses of ours side by side on one clock, the present one last; the player lives
    through every later call.

    `panels` names the set of curves beside the stage (see `ulpm_core.film.curves.PANELS`). `look` is how the first film
    is looked at (see `app.page.look.Look.to_player`); from then on the player writes its own look into the address bar,
    and again whenever `link`, the rest of the address, has changed.
    """
    addresses = {"films": [side._asdict() for side in films], "plotly": PLOTLY.address}
    choices = {"talk": talk, "panels": panels, "look": look or {}, "link": link}
    component("collapse_lab_film_player", ROOT, SCRIPT, STYLE)(data=addresses | choices, key="film-player")
