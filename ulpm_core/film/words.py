"""Writes sentences about a run from its own numbers, and the caption that keeps the view of it honest."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ulpm_core.analysis.analysis import Analysis, Ending
from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.film.uneven import uneven
from ulpm_core.model.number_words import number, power_of_e
from ulpm_core.model.shapes import Labels, Shaped

ROUNDING = 1e-12
"""Below this the mean cosine is ideal up to the rounding of its own sums."""


FASTER = 1e-3
"""(1 − γ) log t below which a flow has left the law 1/log t behind: symmetric starts, whose noise dies out, do."""
IN_SIGHT = 0.05
"""Largest 1 − γ at which the limit counts as in sight."""


PROVED = 1e-9
"""Largest certificate that counts as the proof of an optimum."""
BEYOND = 1.0 + 1e-9
LAST = 10
"""Snapshots at the end of a run that show whether its value has settled."""
RISES = 1e-6
"""Share of its value above which a rise is no rounding."""


IDEAL_FRAMES = {
    2: "the line of the ideal pair, and the two that spread widest beside it",
    3: "the plane of the ideal triangle, and the one that spreads widest beside it",
    4: "those of the ideal tetrahedron",
}
"""The three dimensions of more that a stage shows, in words, by K."""


def dimensions(d: int) -> str:
    """Says how many dimensions there are."""
    return "1 dimension" if d == 1 else f"{d} dimensions"


def title(classes: int, dimension: int, sizes: Sequence[int] = ()) -> str:
    """Returns the title of a run; `sizes` are class sizes that differ.

    >>> title(3, 2), title(3, 2, (6, 4, 2))
    ('3 classes in 2 dimensions', '3 classes of 2 to 6 samples in 2 dimensions')
    """
    of = f" of {min(sizes):,} to {max(sizes):,} samples" if sizes else ""
    return f"{classes} classes{of} in {dimensions(dimension)}"


def note(sizes: Sequence[int], shown: Shaped[Labels, "M"]) -> str:
    """Says what the stage leaves out: of `sizes` samples of each class it shows so many (K,).

    >>> note((6, 6), np.array([3, 3])), note((6, 4), np.array([3, 2])), note((6, 4), np.array([6, 4]))
    ('Showing 3 of 6 samples per class.', 'Showing 5 of 10 samples.', '')
    """
    if shown.sum() == sum(sizes):
        return ""
    if len(set(sizes)) > 1:
        return f"Showing {shown.sum():,} of {sum(sizes):,} samples."
    return f"Showing {shown[0]} of {sizes[0]} samples per class."


def caption(classes: int, dimension: int, axes: int, hidden: float, sizes: Sequence[int] = ()) -> str:
    """Says which part of the picture on the stage is exact, and which part it cannot show; `sizes` are class sizes that
    differ.
    """
    K, d, flat = classes, dimension, min(axes, 3)
    part = f" The stage shows {flat} of {d} dimensions." if d > 3 else ""
    if d < K - 1:
        room = f"{K} classes would need {dimensions(K - 1)} and there {'is' if d == 1 else 'are'} {d}"
        return f"No simplex fits: {room}, so there is no ideal frame.{part}"
    if sizes:
        return f"Class sizes differ, so the best geometry is no simplex, and no ideal frame is drawn.{part}"
    if K > 4:
        return (
            f"A shadow: the ideal spans {K - 1} dimensions and a screen shows {flat}. Equal angles look unequal here;"
            " the cosine matrix is exact."
        )
    if d <= 3:
        return "Exact: every dimension is on screen, so angles and lengths are true."
    outside = "nothing visible lies outside"
    if hidden >= 1e-4:
        outside = f"{hidden:.1%} of the spread lies outside, and NC1 counts it"
    return f"{flat} of {d} dimensions: {IDEAL_FRAMES[K]}; {outside}."


def when(run: Trajectory, snapshot: int) -> str:
    """Names the moment of a snapshot as people read it: a step, or the time of a flow."""
    if run.config.method != "gradient-flow" and (run.hand_over is None or snapshot <= run.hand_over.frame):
        return f"step {run.step[snapshot]:,}"
    return f"t = {power_of_e(float(run.log_time[snapshot]))}"


def sentences(run: Trajectory, analysis: Analysis) -> list[str]:
    """Two or three sentences from the run's own numbers."""
    if run.outcome is Outcome.DIVERGED:
        return [run.stop_reason, "The film shows the steps up to there. Choose a smaller learning rate to go on."]
    ended_early = run.outcome in (Outcome.STALLED, Outcome.CANCELLED)
    said = [run.stop_reason] * ended_early + [_separation(run, analysis)]
    if not np.isfinite(run.nc2_angles[-1]):
        angles = "The class means have no length here, so angles are not defined: the origin is a critical point."
    elif run.config.classes == 2:
        angles = "Two class means, seen from their midpoint, always point opposite ways: K = 2 has no angle to close."
    else:
        return [*said, _angles(run, analysis.ending), _pace(run)]
    return [*said, angles] if run.config.is_ulpm else [*said, angles, _towards_its_ideal(run)]


def _separation(run: Trajectory, analysis: Analysis) -> str:
    error = analysis.seen.error
    wrong = round(float(error[-1]) * run.config.label_count)
    now = when(run, len(run) - 1)
    if wrong:
        verb = "is" if wrong == 1 else "are"
        return f"At {now} {wrong:,} of {run.config.label_count:,} samples {verb} still misclassified."
    mistakes = np.flatnonzero(error > 0)
    if len(mistakes) == 0:
        who = "the push alone puts every sample" if run.config.saddle and not analysis.apart else "every sample is"
        return f"Training error is zero from the start: {who} on its own side."
    first, before = int(mistakes[-1]) + 1, int(mistakes[-1])
    if run.config.method == "gradient-flow" or run.step[first] == run.step[before] + 1:
        moment = f"at {when(run, first)}"
    else:
        moment = f"between steps {run.step[before]:,} and {run.step[first]:,}"
    return f"Training error reached zero {moment}; everything after is the geometry settling."


def _angles(run: Trajectory, ending: Ending) -> str:
    if run.config.class_sizes:
        return uneven(run, ending.best)
    K, gap = run.config.classes, float(run.nc2_angles[-1])
    ideal = math.degrees(math.acos(-1 / (K - 1)))
    if not run.config.simplex_fits:
        low, high = (f"{angle:.0f}°" for angle in ending.nearest)
        apart = low if low == high else f"{low} to {high}"
        return (
            f"In {dimensions(run.config.dimension)} no {K} directions can all be {ideal:.1f}° apart: NC2 measures from"
            f" an ideal that cannot be, and cosines stay {number(gap)} from −1/{K - 1} on average. The classes share"
            f" what room there is: from each to its nearest it is {apart}."
        )
    if gap < ROUNDING:
        return f"The angles between class means are the ideal {ideal:.1f}° to the last digits that float64 holds."
    return (
        f"At {when(run, len(run) - 1)} the angles between class means are still {number(ending.gap)}° from the ideal"
        f" {ideal:.1f}° on average (cosines {number(gap)} from −1/{K - 1})."
    )


def _pace(run: Trajectory) -> str:
    """Returns the sentence about the clock: what closes like 1/log t, and what does not (docs/theory.md 5.8)."""
    config, end = run.config, power_of_e(float(run.log_time[-1]))
    name = "Gradient flow" if config.method == "gradient-flow" else config.step_rule.words
    if not config.is_ulpm:
        return _towards_its_ideal(run)
    if not config.step_rule.crawls and run.hand_over is None:
        return f"{name} keeps moving where plain gradient descent crawls: this run reached t = {end}."
    if run.hand_over is not None:
        apart = "" if math.isnan(run.hand_over.error) else f", where both ends lay {number(run.hand_over.error)} apart"
        return (
            f"{name} took {run.hand_over.step:,} steps; from there gradient flow carried the run on to t = {end}. Run"
            f" side by side from step {run.hand_over.from_step:,} to the hand-over{apart} (relative to ‖W, H‖)."
        )
    does = "closes that gap" if run.config.simplex_is_ideal else "settles"
    law = f"{name} {does} only like 1/log t"
    if run.config.method == "gradient-flow":
        lacks = 1.0 - float(run.gamma[-1])
        if not run.config.simplex_is_ideal:
            return f"{law}, as gradient descent does; log time takes it there."
        if lacks * float(run.log_time[-1]) < FASTER:
            return f"{name} closed that gap far faster here than the 1/log t of random starts: 1 − γ = {number(lacks)}."
        sight = "the limit comes into sight" if lacks < IN_SIGHT else "the limit is still far off here"
        return f"{law}, as gradient descent does; in log time {sight}: 1 − γ = {number(lacks)}."
    if not run.config.simplex_is_ideal or run.nc2_angles[-1] < ROUNDING:
        return law + "."
    return f"{law} in the end: once that law rules, halving the gap means squaring the time."


def _towards_its_ideal(run: Trajectory) -> str:
    """Says how far a run of another objective is from the best value, as far as that is known, and what kept it."""
    return _beside_the_best(run) + _leaping(run) + _held_from_the_start(run)


def _beside_the_best(run: Trajectory) -> str:
    """Says how far a run is from the best value of another objective, as far as that is known."""
    what = "The loss" if run.minimised.regulariser is None else "The value, loss and decay together,"
    if note := run.minimised.note:
        return f"{what} is {number(float(run.value[-1]))}. {note}"
    if math.isnan(run.ideal_value):
        gap = run.minimised.certificates(run.W[-1:], run.H[-1:], run.value[-1:])[0]
        proof = ", but the run's own multipliers prove that this is it" if gap <= PROVED else ""
        return f"{what} is {number(float(run.value[-1]))}; the best one is not known in closed form here{proof}."
    return f"{what} is {number(float(run.value[-1]))}, and {number(run.ideal_value)} is the best there is."


def _leaping(run: Trajectory) -> str:
    """Says where the value of plain gradient descent rises again in the last snapshots: within bounds, a learning rate
    that is too large has no other end.
    """
    rise = float(np.diff(run.value[-LAST:]).max(initial=0.0))
    if not run.config.step_rule.crawls or rise <= RISES * max(float(run.value[-1]), PROVED):
        return ""
    return " It goes up and down to the end: a smaller learning rate would settle it."


def _held_from_the_start(run: Trajectory) -> str:
    """Says where a run begins on its bounds, as it does from any start beyond them."""
    held = run.minimised.constraint
    if held is None:
        return ""
    further = BEYOND * run.W[0], BEYOND * run.H[0]
    brought = held.project(*further, run.labels)
    on = any(there is not here for there, here in zip(brought, further, strict=True))
    return " It begins on its bounds: a start beyond them is brought there." if on else ""
