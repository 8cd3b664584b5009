"""Curves, marks and sentences of an escape, for the film of a run that starts beside a saddle."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from ulpm_core.analysis import panels
from ulpm_core.analysis.curve import Curve
from ulpm_core.analysis.escape import ESCAPED, FAR, FLAT, Escape
from ulpm_core.analysis.marks import ALONG
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.film.cited import cited
from ulpm_core.model.number_words import number, power_of_e

JUST_AS_GOOD: Final = 0.999
"""A margin over its bound beyond which a run has come to a simplex: to which one, its push decides."""
ROUNDING: Final = 1e-11
"""Curvatures over ||G|| and differences of log L that are below this are rounding: log L may be 1,000."""


def curves(found: Escape) -> list[Curve]:
    """The curves that only an escape has; of states too large for their spectra without the curvature."""
    own = [
        Curve(
            "saddle_distance",
            "ε",
            "Tangent of the angle between (W, H) and the saddle; from the origin, the norm. The saddle counts as left"
            f" at ε = {ESCAPED:g}.",
            values=lambda _: found.distance,
            floor=1e-14,
            panels=(panels.DISTANCE,),
        ),
        Curve(
            "above_floor",
            "log L − log L_floor",
            "How far log L lies above its least value at this ‖W, H‖, N log(1 + (K−1) exp(−‖W, H‖² / (2(K−1)√n))),"
            " which only the simplex attains.",
            values=lambda _: np.where(found.above_floor > ROUNDING, found.above_floor, 0.0),
            panels=(panels.ABOVE_FLOOR,),
        ),
    ]
    if len(found.looks):
        share = np.where(np.abs(found.share) > ROUNDING, found.share, 0.0)
        lowest = np.interp(np.arange(len(found.distance)), found.looks, share)
        own.append(
            Curve(
                "lowest_curvature",
                "lowest / ‖G‖",
                "Least eigenvalue of the second derivative on the sphere ‖W, H‖ = const, over ‖G‖, the largest singular"
                " value of dL/dZ. Below 0 some direction leads down. Found at"
                f" {len(found.looks)} moments, straight lines between.",
                values=lambda _: lowest,
                scale="signed",
                panels=(panels.CURVATURE,),
            )
        )
    return own


def sentence(run: Trajectory, found: Escape) -> str:
    """Says when the saddle was left beside when it should have been, from the run's own numbers; distances from it are
    marked (:mod:`ulpm_core.film.cited`).
    """
    assert run.config.saddle is not None
    name, begun, last = run.config.saddle.noun, float(found.distance[0]), float(found.distance[-1])
    far = "a right angle or more" if math.isinf(last) else f"ε = {cited('saddle_distance', len(run) - 1, number(last))}"
    away = f"at t = {power_of_e(float(run.log_time[-1]))} it is {far} away"
    late = f"later than t = {power_of_e(FAR)}" if found.predicted > FAR else f"at t = {power_of_e(found.predicted)}"
    least = run.config.push * ALONG
    other = "its push lies along a way down that is not the steepest, so no time is foretold"
    if run.config.initialisation == "simplex" and last > ALONG and run.gamma[-1] > JUST_AS_GOOD:
        return (
            f"At t = {power_of_e(float(run.log_time[-1]))} the run stands at another simplex, just as good, {far} from"
            " the one it began beside: which one a run comes to, its push decides."
        )
    if begun >= ESCAPED:
        start = cited("saddle_distance", 0, number(begun))
        return f"The run starts ε = {start} from {name}, too far off for the law of small pushes; {away}."
    if not math.isnan(found.observed):
        left = f"The run leaves {name} at t = {power_of_e(found.observed)}, where ε = {ESCAPED:g}"
        if found.falling.down <= least:
            return f"{left}. It started with no part along a way down: rounding grew until it left."
        if found.falling.steepest <= least:
            return f"{left}; {other}."
        return (
            f"{left}; gradient flow's law of small pushes, from the part of the start that grows,"
            f" ε = {number(found.falling.steepest)}, foretells it {late}."
        )
    if found.falling.curvature >= -FLAT:
        return f"No direction leads down from {name}, and the run does not leave it: {away}."
    if found.falling.down <= least:
        return f"No part of this start lies along a way down, and the run stays at {name}: {away}."
    if found.falling.steepest <= least:
        return f"The run has not left {name}: {away}; {other}."
    if found.predicted <= run.log_time[-1]:
        law = f"The law of small pushes foretold ε = {ESCAPED:g} {late}: it fails here."
        return f"The run has not left {name}: {away}. {law}"
    return f"The run has not left {name}: {away}, and the law of small pushes foretells ε = {ESCAPED:g} {late}."


def header(found: Escape) -> dict[str, Any]:
    """The figures, for the page: log t foretold and observed, None for never; the part that grows."""
    return {
        "predicted": found.predicted,
        "observed": found.observed,
        "growing": found.falling.steepest,
        "escaped": ESCAPED,
    }
