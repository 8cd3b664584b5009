"""`Look`: how a film is looked at, as far as a link says: view, camera, moment, speed, and what a speaker chose for a
talk. The player keeps it current.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ulpm_core.analysis.curves import CURVES
from ulpm_core.model.refusal import among, refuse, span

LOOK_KEYS: Final = ("view", "camera", "at", "speed", "theme", "captions", "curve", "film")
VIEWS: Final = ("first", "tour", "polygon")
"""The views of the player (`app/player/views.js`) that a link may name; one that a film lacks is passed over."""
THEMES: Final = ("light", "dark")
CAPTIONS: Final = ("0", "1")
DRAWN: Final = tuple(curve.name for curve in CURVES.values() if curve.panels)
"""The curves that stand in a panel; one that a film lacks is passed over."""
FILMS: Final = ("A", "B", "C", "D")
"""The letters of films side by side; that of one which is not there is passed over."""
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
    In talk mode, `theme` is light or dark whatever the machine has, `captions` says whether there is a sentence of what
    happens, "1" or "0", and `curve` is the one beside the stage. `film` is the letter of the one of several films whose
    figures are read.

    >>> Look(view="polygon", speed=2.0).to_link()
    {'view': 'polygon', 'speed': '2'}
    >>> Look(camera=(0.4, 1.2, 1.6), at="step:1200").to_player()
    {'camera': [0.4, 1.2, 1.6], 'at': {'step': 1200.0}}
    """

    view: str | None = None
    camera: tuple[float, float, float] | None = None
    at: str | None = None
    speed: float | None = None
    theme: str | None = None
    captions: str | None = None
    curve: str | None = None
    film: str | None = None

    def to_link(self) -> dict[str, str]:
        """Returns the keys of a link that say this look."""
        camera = self.camera and ",".join(f"{x:g}" for x in self.camera)
        return _said(view=self.view, camera=camera, at=self.at, speed=self.speed and f"{self.speed:g}", **self._words())

    def to_player(self) -> dict[str, Any]:
        """Returns this look as the player reads it, which applies it to the first film it shows."""
        at, camera = self.at and _moment(self.at), self.camera and list(self.camera)
        return _said(view=self.view, camera=camera, at=at, speed=self.speed, **self._words())

    def _words(self) -> dict[str, str | None]:
        return {"theme": self.theme, "captions": self.captions, "curve": self.curve, "film": self.film}


def _said(**parts: Any) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part is not None}


def read_look(link: Mapping[str, str], refusals: list[str]) -> Look:
    """Returns the look that a link asks for. Each part that is wrong is left to the player, and adds a sentence to
    `refusals`.

    >>> read_look({"view": "polygon", "at": "0.5"}, [])
    Look(view='polygon', camera=None, at='0.5', speed=None, theme=None, captions=None, curve=None, film=None)
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


CHOICES: Final = {"view": VIEWS, "theme": THEMES, "captions": CAPTIONS, "curve": DRAWN, "film": FILMS}


def _one_of(name: str, why: str, example: str) -> tuple[Any, ...]:
    known = CHOICES[name]
    return lambda text: text if text in known else None, why, among(known), example


PARTS: Final[dict[str, tuple[Any, ...]]] = {
    "view": _one_of("view", "is no view", "polygon"),
    "camera": (_eye, "is no place to look from", PLACES, "0.55,0.42,0.26"),
    "at": (lambda text: text if _moment(text) else None, "is no moment of a film", MOMENTS, "0.5"),
    "speed": (PACES.get, "is no speed of the player", among([f"{x:g}" for x in SPEEDS]), "2"),
    "theme": _one_of("theme", "is no theme", "dark"),
    "captions": _one_of("captions", "is neither on nor off", "0"),
    "curve": _one_of("curve", "is no curve of a panel", "nc1_trace_ratio"),
    "film": _one_of("film", "is no letter of a film", "A"),
}
"""The reader of each part of a look, which returns None for what is none, and the end of its refusal: why, the values
allowed, and one that works.
"""
