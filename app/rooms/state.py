"""Where a room is: the scene, how far its film plays, who sets the pace, and which answers are revealed."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from app.rooms.refused import CONFLICT, WRONG, Refused
from app.rooms.tour import LARGEST, Outline, whole_number

PACES: Final = ("teacher", "free")
PLAY: Final = "play"
EVENT: Final = re.compile(r"[a-z][a-z0-9_-]{0,59}(=[0-9.e+-]{1,30})?", re.ASCII)
"""A moment of a film, as a tour names it: play, end, zero-training-error, log_time=50."""
KEYS: Final = ("scene", "frame", "pace", "revealed", "starts", "ended")
UNSAID: Final = ("starts", "rehearsal", "ended")
"""The parts of a state that are told only where they are true."""


@dataclass(frozen=True)
class State:
    """What everybody in a room sees. A question is revealed by its place: its scene, and its number there. `starts`
    says that everyone's own start is shown, and `rehearsal` that the class is simulated.
    """

    scene: int = 0
    frame: str | float = PLAY
    pace: str = "teacher"
    revealed: tuple[tuple[int, int], ...] = ()
    starts: bool = False
    rehearsal: bool = False
    ended: bool = False

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> State:
        """Reads what :meth:`to_json` wrote.

        >>> State.from_json(State(2, revealed=((0, 1),)).to_json()) == State(2, revealed=((0, 1),))
        True
        """
        made = json.loads(text)
        return cls(**{**made, "revealed": tuple((scene, question) for scene, question in made["revealed"])})

    def told(self) -> dict[str, Any]:
        """Returns what students are told.

        >>> State(rehearsal=True).told()
        {'scene': 0, 'frame': 'play', 'pace': 'teacher', 'revealed': (), 'rehearsal': True}
        """
        return {name: value for name, value in asdict(self).items() if name not in UNSAID or value}

    def changed_from(self, before: State) -> dict[str, Any]:
        """Returns what students are told after a move, which is what has changed.

        >>> State(3, 120).changed_from(State(2, 120))
        {'scene': 3}
        """
        then, now = asdict(before), asdict(self)
        return {name: value for name, value in now.items() if value != then[name]}


def moved(state: State, move: object, tour: Outline) -> State:
    """Returns the state after a teacher's move: any of the keys of a state. Raises :class:`Refused` for what is none.

    Whoever goes to another scene without a word on its frame has it played, and leaves the starts of the one before.
    """
    if state.ended:
        raise Refused(CONFLICT, "This room has ended.")
    if not isinstance(move, dict) or not move or not set(move) <= set(KEYS):
        raise Refused(WRONG, f"A move is one or more of {', '.join(KEYS)}.")
    made: dict[str, Any] = {}
    if "scene" in move:
        made["scene"] = whole_number(move["scene"], len(tour.scenes), "scene")
        if made["scene"] != state.scene:
            made |= {"frame": PLAY, "starts": False}
    if "frame" in move:
        made["frame"] = _frame(move["frame"])
    if "pace" in move:
        if move["pace"] not in PACES:
            raise Refused(WRONG, "pace is unknown: use teacher or free.")
        made["pace"] = move["pace"]
    if "revealed" in move:
        made["revealed"] = _revealed(move["revealed"], tour)
    if "starts" in move:
        if not isinstance(move["starts"], bool):
            raise Refused(WRONG, "starts is no switch: use true or false.")
        made["starts"] = move["starts"]
    if "ended" in move:
        if move["ended"] is not True:
            raise Refused(WRONG, "ended can only be true: a room that has ended is not opened again.")
        made["ended"] = True
    return replace(state, **made)


def _frame(frame: object) -> str | float:
    number = isinstance(frame, (int, float)) and not isinstance(frame, bool)
    if (number and 0 <= frame <= LARGEST) or (isinstance(frame, str) and EVENT.fullmatch(frame)):  # type: ignore[operator]
        return frame  # type: ignore[return-value]
    raise Refused(WRONG, 'frame is no moment of a film: use "play", a number, or the name of an event.')


def _revealed(places: object, tour: Outline) -> tuple[tuple[int, int], ...]:
    if not isinstance(places, list) or any(not isinstance(one, list) or len(one) != 2 for one in places):
        raise Refused(WRONG, "revealed is no list of questions: use pairs of scene and question, such as [[3, 0]].")
    for scene, question in places:
        tour.question(scene, question)
    return tuple(sorted({(scene, question) for scene, question in places}))
