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
NEAREST, FARTHEST = 0.05, 10.0
"""The nearest and the farthest that the eye may be from the middle of the stage, whose side is 1."""
NUMBER: Final = r"[+-]?(?:\d{1,12}(?:\.\d{0,6})?|\.\d{1,6})"
CAMERA: Final = re.compile(rf"({NUMBER}),({NUMBER}),({NUMBER})", re.ASCII)
MOMENT: Final = re.compile(rf"(step|log_time):({NUMBER})", re.ASCII)
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
        link = {"view": self.view, "at": self.at}
        link["camera"] = ",".join(f"{x:g}" for x in self.camera) if self.camera else None
        link["speed"] = f"{self.speed:g}" if self.speed else None
        return {name: text for name in LOOK_KEYS if (text := link[name]) is not None}

    def to_player(self) -> dict[str, Any]:
        """Returns this look as the player reads it, which applies it to the first film it shows."""
        said: dict[str, Any] = {"view": self.view, "speed": self.speed}
        said["camera"] = list(self.camera) if self.camera else None
        said["at"] = _moment(self.at) if self.at else None
        return {name: said[name] for name in LOOK_KEYS if said[name] is not None}


def _moment(at: str) -> dict[str, float | str]:
    if found := MOMENT.fullmatch(at):
        return {found[1]: float(found[2])}
    return {"event": at} if EVENT.fullmatch(at) else {"share": float(at)}


def read_look(link: Mapping[str, str], refusals: list[str]) -> Look:
    """Returns the look that a link asks for. Each part that is wrong is left to the player, and adds a sentence to
    `refusals`.

    >>> read_look({"view": "polygon", "at": "0.5"}, [])
    Look(view='polygon', camera=None, at='0.5', speed=None)
    """
    view, camera, at, speed = (link.get(name) for name in LOOK_KEYS)
    if view is not None and view not in VIEWS:
        refusals.append(str(refuse("view", view, "is no view", among(VIEWS), "polygon")))
        view = None
    eye = None if camera is None else _eye(camera)
    if camera is not None and eye is None:
        room = f"three numbers, {span(NEAREST, FARTHEST)} from the middle"
        refusals.append(str(refuse("camera", camera, "is no place to look from", room, "0.55,0.42,0.26")))
    if at is not None and not _is_moment(at):
        moments = "the name of an event, step:1200, log_time:35.5 or a share from 0 to 1"
        refusals.append(str(refuse("at", at, "is no moment of a film", moments, 0.5)))
        at = None
    pace = next((x for x in SPEEDS if speed in (f"{x:g}", f"{x:.2f}", f"{x:.1f}")), None)
    if speed is not None and pace is None:
        known = among([f"{x:g}" for x in SPEEDS])
        refusals.append(str(refuse("speed", speed, "is no speed of the player", known, 2)))
    return Look(view, eye, at, pace)


def _eye(text: str) -> tuple[float, float, float] | None:
    found = CAMERA.fullmatch(text)
    if found is None:
        return None
    x, y, z = (round(float(number), 3) + 0.0 for number in found.groups())
    return (x, y, z) if NEAREST <= math.hypot(x, y, z) <= FARTHEST else None


def _is_moment(text: str) -> bool:
    if len(text) > LONGEST_EVENT:
        return False
    if MOMENT.fullmatch(text) or EVENT.fullmatch(text):
        return True
    return re.fullmatch(NUMBER, text, re.ASCII) is not None and 0.0 <= float(text) <= 1.0
