"""`Record`: the numbers of a film at its moments, as the questions and the words of a tour read them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, Self

import numpy as np

from app.tours.moments import MOST_DIGITS, Moment
from ulpm_core.film.film import Film
from ulpm_core.model.number_words import written
from ulpm_core.model.refusal import ConfigError, refuse, span
from ulpm_core.model.shapes import Array

ROUNDED: Final = 6e-4
"""A log time in a link has four figures: a frame so little beyond it is the one that is meant."""
DEGREES: Final = 180.0 / math.pi


@dataclass(frozen=True, eq=False, repr=False)
class Record:
    """A film's header, and what is measured at each of its frames: the curves that it draws, and the others of its run
    where those are known. `cosines` (F, K, K) are those between class means, `means` (F, K, 2) or (F, K, 3) what the
    stage shows of them.
    """

    header: Mapping[str, Any]
    values: Mapping[str, Array]
    cosines: Array
    means: Array

    @classmethod
    def of(cls, film: Film, metrics: Mapping[str, Array] | None = None) -> Self:
        """Returns the record of a film, and of more metrics that were measured at its frames."""
        drawn = {curve["name"]: film.arrays[curve["name"]] for curve in film.header["curves"]}
        return cls(film.header, {**(metrics or {}), **drawn}, film.arrays["cosines"], film.arrays["means"])

    @property
    def frames(self) -> int:
        return int(self.header["frames"])

    def moments(self) -> list[str]:
        """Returns the moments that this film has, in words."""
        counted = "epoch" if "epoch" in self._clock else str(self._clock["by"])
        last = self._clock[counted][-1]
        return [*(event["id"] for event in self.header["events"]), f"{counted}={last:.6g}", "start", "end"]

    def frame(self, key: str, moment: Moment) -> int:
        """Returns the last frame that is not beyond a moment, as the player finds it: `frameAt` in its look.js. Raises
        :class:`ConfigError` where this film has no such moment.
        """
        if moment.name in ("start", "end"):
            return 0 if moment.name == "start" else self.frames - 1
        if moment.name:
            for event in self.header["events"]:
                if event["id"] == moment.name:
                    return int(event["frame"])
            raise refuse(key, moment, "is no moment of this film", ", ".join(self.moments()), "end")
        return self._counted(key, moment)

    def moment(self, frame: int) -> str:
        """Returns a moment, as short as can be, whose :meth:`frame` is this one."""
        if frame in (0, self.frames - 1):
            return "start" if frame == 0 else "end"
        counted = "epoch" if "epoch" in self._clock else str(self._clock["by"])
        here, then = self._clock[counted][frame : frame + 2]
        between = (here + then) / 2.0
        between /= 1.0 + _slack(counted, 1.0) * math.copysign(1.0, between)  # and its slack ends between the frames
        for value, digits in product((here, between), range(MOST_DIGITS)):
            text = f"{value:.{digits}f}"
            if self._reached(counted, float(text)) == frame:
                break
        return f"{counted}={text}"

    def _counted(self, key: str, moment: Moment) -> int:
        clock, value = moment.clock, moment.value
        by_steps = self._clock["by"] == "step" and "epoch" not in self._clock
        track = self._track(clock) if clock in self._clock and (clock != "step" or by_steps) else np.array([])
        if np.isnan(track).all():
            raise refuse(key, moment, f"counts {clock}, and this film does not", ", ".join(self.moments()), "end")
        slack = _slack(clock, value)
        least, last = np.nanmin(track), track[-1]
        if value + slack < least:
            raise refuse(key, moment, "lies before the film begins", "start")
        if value - slack > last:
            where = f"{written(last, ',.10g')} {clock}s" if clock != "log_time" else f"log t = {written(last, '.6g')}"
            works = f"{clock}={span(math.ceil(least), last)}"
            raise refuse(key, moment, f"lies beyond the run's {where}", works, f"{clock}={last:.10g}")
        return self._reached(clock, value)

    def _reached(self, clock: str, value: float) -> int:
        """Returns the last frame that is not beyond a value on a clock; -1 where all are."""
        return int(np.flatnonzero(self._track(clock) <= value + _slack(clock, value)).max(initial=-1))

    def _track(self, clock: str) -> Array:
        return np.array([math.nan if one is None else one for one in self._clock[clock]])

    @property
    def _clock(self) -> Mapping[str, Any]:
        clock: Mapping[str, Any] = self.header["clock"]
        return clock

    def constant(self, name: str) -> float:
        """Returns what has no time: see :data:`app.tours.quantities.CONSTANTS`."""
        if name == "ideal_angle":
            return DEGREES * math.acos(-1.0 / (self.header["classes"] - 1))
        return float(self.header[name])

    def value(self, key: str, name: str, frame: int) -> float:
        """Returns a quantity at a frame. Raises :class:`ConfigError` where this film does not measure it, or it is not
        defined there.
        """
        if name in ANGLES:
            found = ANGLES[name](self._angles(frame), self.constant("ideal_angle"))
        elif name in self._clock:
            held = self._clock[name][frame]
            found = math.nan if held is None else float(held)
        elif name in self.values:
            found = float(self.values[name][frame])
        else:
            raise refuse(key, name, "is not measured in this film", f"one of {', '.join(self.values)}", "loss")
        if not math.isfinite(found):
            raise self._undefined(key, name, frame)
        return found

    def _undefined(self, key: str, name: str, frame: int) -> ConfigError:
        known = [other for other, values in self.values.items() if np.isfinite(values[frame])]
        why = f"is not defined at frame {frame:,} of {self.frames:,}"
        return refuse(key, name, why, "another moment or quantity", known[0])

    def _angles(self, frame: int) -> Array:
        """Returns the angles between class means, in degrees, one for each pair."""
        cosines = np.clip(self.cosines[frame].astype(np.float64), -1.0, 1.0)
        return np.degrees(np.arccos(cosines[np.triu_indices(len(cosines), 1)]))


def _slack(clock: str, value: float) -> float:
    return ROUNDED * abs(value) if clock == "log_time" else 0.0


ANGLES: Final[Mapping[str, Callable[[Array, float], float]]] = {
    "mean_angle": lambda angles, ideal: float(angles.mean()),
    "smallest_angle": lambda angles, ideal: float(angles.min()),
    "largest_angle": lambda angles, ideal: float(angles.max()),
    "angle_gap": lambda angles, ideal: float(np.abs(angles - ideal).mean()),
}
"""How each of :data:`app.tours.quantities.ANGLES` is read from the angles of all pairs, and that of the ideal."""
