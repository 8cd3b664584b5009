"""`Look`: from where and when a film is looked at, as far as a link says: view, camera, moment, speed. The player keeps
it current.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ulpm_core.model.refusal import among, refuse, span

LOOK_KEYS: Final = ("view", "camera", "at", "speed")
VIEWS: Final = ("first", "tour", "polygon")
"""The views of the player (`app/player/views.js`) that a link may name; one that a film lacks is passed over."""
SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
PACES: Final = {text: x for x in SPEEDS for text in (f"{x:.1f}", f"{x:.2f}", f"{x:g}")}
"""The speeds as a link may write them."""
NEAREST, FARTHEST = 0.05, 10.0
"""The nearest and the farthest that the eye may be from the middle of the stage, whose side is 1."""
PLACES: Final = f"three numbers, {span(NEAREST, FARTHEST)} from the middle"
MOMENTS: Final = "the name of an event, step:1200, log_time:35.5 or a share from 0 to 1"
NUMBER: Final = r"[+-]?(?:\d{1,12}(?:\.\d{0,6})?|\.\d{1,6})"
CAMERA: Final = re.compile(rf"({NUMBER}),({NUMBER}),({NUMBER})", re.ASCII)
MOMENT: Final = re.compile(rf"(step|log_time):({NUMBER})", re.ASCII)
SHARE: Final = re.compile(NUMBER, re.ASCII)
EVENT: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)
LONGEST_EVENT: Final = 40


@dataclass(frozen=True)
class Look:
    """The look that a link chose; what is None is left to the player.

    `at` is the moment to begin at: the name of an event, `step:1200`, `log_time:35.5`, or a share of the film's frames.

    >>> Look(view="polygon", speed=2.0).to_link()
    {'view': 'polygon', 'speed': '2'}
    >>> Look(camera=(0.4, 1.2, 1.6), at="step:1200").to_player()
    {'camera': [0.4, 1.2, 1.6], 'at': {'step': 1200.0}}
    """

    view: str | None = None
    camera: tuple[float, float, float] | None = None
    at: str | None = None
    speed: float | None = None

    def to_link(self) -> dict[str, str]:
        """Returns the keys of a link that say this look."""
        camera = self.camera and ",".join(f"{x:g}" for x in self.camera)
        return _said(view=self.view, camera=camera, at=self.at, speed=self.speed and f"{self.speed:g}")

    def to_player(self) -> dict[str, Any]:
        """Returns this look as the player reads it, which applies it to the first film it shows."""
        at, camera = self.at and _moment(self.at), self.camera and list(self.camera)
        return _said(view=self.view, camera=camera, at=at, speed=self.speed)


def _said(**parts: Any) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part is not None}


def read_look(link: Mapping[str, str], refusals: list[str]) -> Look:
    """Returns the look that a link asks for. Each part that is wrong is left to the player, and adds a sentence to
    `refusals`.

    >>> read_look({"view": "polygon", "at": "0.5"}, [])
    Look(view='polygon', camera=None, at='0.5', speed=None)
    """
    look = {}
    for name, (read, *why) in PARTS.items():
        if name in link:
            look[name] = read(link[name])
            if look[name] is None:
                refusals.append(str(refuse(name, link[name], *why)))
    return Look(**look)


def _eye(text: str) -> tuple[float, float, float] | None:
    found = CAMERA.fullmatch(text)
    if found is None:
        return None
    x, y, z = (round(float(number), 3) + 0.0 for number in found.groups())
    return (x, y, z) if NEAREST <= math.hypot(x, y, z) <= FARTHEST else None


def _moment(text: str) -> dict[str, float | str] | None:
    """Returns the moment as the player reads it, None for what is none."""
    if len(text) > LONGEST_EVENT:
        return None
    if found := MOMENT.fullmatch(text):
        return {found[1]: float(found[2])}
    if EVENT.fullmatch(text):
        return {"event": text}
    share = float(text) if SHARE.fullmatch(text) else math.nan
    return {"share": share} if 0.0 <= share <= 1.0 else None


PARTS: Final[dict[str, tuple[Any, ...]]] = {
    "view": (lambda text: text if text in VIEWS else None, "is no view", among(VIEWS), "polygon"),
    "camera": (_eye, "is no place to look from", PLACES, "0.55,0.42,0.26"),
    "at": (lambda text: text if _moment(text) else None, "is no moment of a film", MOMENTS, "0.5"),
    "speed": (PACES.get, "is no speed of the player", among([f"{x:g}" for x in SPEEDS]), "2"),
}
"""The reader of each part of a look, which returns None for what is none, and the end of its refusal: why, the values
allowed, and one that works.
"""
