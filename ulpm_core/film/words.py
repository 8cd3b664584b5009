"""Writes sentences about a run from its own numbers, and the caption that keeps the view of it honest."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ulpm_core.analysis.analysis import Analysis
from ulpm_core.analysis.curves import CURVES
from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.film.cited import cited
from ulpm_core.film.said import said
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
"""A start as much further out that lies on its bounds is beyond them."""
VISIBLE = 1e-4
"""Share of the spread outside the stage from which it is told."""
LAST = 10
"""Snapshots at the end of a run that show whether its value has settled."""
RISES = 1e-6
"""Share of its value above which a rise is no rounding."""


def dimensions(d: int) -> str:
    """Says how many dimensions there are."""
    return said("dimension" if d == 1 else "dimensions", d=d)


def title(classes: int, dimension: int, sizes: Sequence[int] = ()) -> str:
    """Returns the title of a run; `sizes` are class sizes that differ.

    >>> title(3, 2), title(3, 2, (6, 4, 2))
    ('3 classes in 2 dimensions', '3 classes of 2 to 6 samples in 2 dimensions')
    """
    of = said("title-sizes", least=f"{min(sizes):,}", most=f"{max(sizes):,}") if sizes else ""
    return said("title", classes=classes, of=of, dimensions=dimensions(dimension))


def note(sizes: Sequence[int], shown: Shaped[Labels, "M"]) -> str:
    """Says what the stage leaves out: of `sizes` samples of each class it shows so many (K,).

    >>> note((6, 6), np.array([3, 3])), note((6, 4), np.array([3, 2])), note((6, 4), np.array([6, 4]))
    ('Showing 3 of 6 samples per class.', 'Showing 5 of 10 samples.', '')
    """
    if shown.sum() == sum(sizes):
        return ""
    if len(set(sizes)) > 1:
        return said("note", shown=f"{shown.sum():,}", all=f"{sum(sizes):,}")
    return said("note-even", shown=shown[0], all=sizes[0])


def caption(
    classes: int,
    dimension: int,
    axes: int,
    hidden: float,
    sizes: Sequence[int] = (),
    aims: bool = False,
    unframed: str = "",
) -> str:
    """Says which part of the picture on the stage is exact, and which part it cannot show; `sizes` are class sizes that
    differ, `aims` says that a frame is drawn where it is no simplex, and `unframed` names why none is though there is
    room.
    """
    K, d, flat = classes, dimension, min(axes, 3)
    part = said("part", flat=flat, d=d) if d > 3 else ""
    if d < K - 1:
        verb = said("no-simplex-is" if d == 1 else "no-simplex-are")
        frame = said("best-sizes" if sizes else "best-known") if aims else said("no-frame")
        return said("no-simplex", classes=K, needed=dimensions(K - 1), verb=verb, d=d, frame=frame, part=part)
    if unframed:
        return said(unframed, part=part)
    if sizes:
        return said("uneven-best", part=part)
    if K > 4:
        return said("shadow", spans=K - 1, flat=flat)
    if d <= 3:
        return said("exact")
    outside = said("outside", share=f"{hidden:.1%}") if hidden >= VISIBLE else said("nothing-outside")
    return said("shown", flat=flat, d=d, which=said(f"shown-{K}"), outside=outside)


def when(run: Trajectory, snapshot: int) -> str:
    """Names the moment of a snapshot as people read it: a step, or the time of a flow."""
    if run.config.method != "gradient-flow" and (run.hand_over is None or snapshot <= run.hand_over.frame):
        return said("step", step=f"{run.step[snapshot]:,}")
    return said("time", t=power_of_e(float(run.log_time[snapshot])))


def sentences(run: Trajectory, analysis: Analysis) -> list[str]:
    """Two or three sentences from the run's own numbers, in which values of curves are marked
    (:mod:`ulpm_core.film.cited`).
    """
    if run.outcome is Outcome.DIVERGED:
        return [run.stop_reason, said("diverged")]
    ended_early = run.outcome in (Outcome.STALLED, Outcome.CANCELLED)
    first = [run.stop_reason] * ended_early + [_separation(run, analysis)]
    if not np.isfinite(run.nc2_angles[-1]):
        angles = said("origin")
    elif run.config.classes == 2:
        angles = said("two-classes")
    else:
        return [*first, _angles(run, analysis), _pace(run, analysis)]
    return [*first, angles] if run.config.is_ulpm else [*first, angles, _towards_its_ideal(run, analysis)]


def _separation(run: Trajectory, analysis: Analysis) -> str:
    error = analysis.seen.error
    wrong, all_of_them = round(float(error[-1]) * run.config.label_count), f"{run.config.label_count:,}"
    if wrong:
        name = "wrong-one" if wrong == 1 else "wrong"
        return said(name, now=when(run, len(run) - 1), wrong=f"{wrong:,}", all=all_of_them)
    mistakes = np.flatnonzero(error > 0)
    if len(mistakes) == 0:
        return said("pushed-right" if run.config.saddle and not analysis.apart else "right-from-start")
    first, before = int(mistakes[-1]) + 1, int(mistakes[-1])
    if run.config.method == "gradient-flow" or run.step[first] == run.step[before] + 1:
        return said("right-at", when=when(run, first))
    return said("right-between", before=f"{run.step[before]:,}", first=f"{run.step[first]:,}")


def _angles(run: Trajectory, analysis: Analysis) -> str:
    ending = analysis.ending
    if run.config.class_sizes:
        return uneven(run, ending.best)
    K, gap = run.config.classes, float(run.nc2_angles[-1])
    said_gap = _ends_at(run, "nc2_angles", gap)
    ideal, others = f"{math.degrees(math.acos(-1 / (K - 1))):.1f}", K - 1
    if not run.config.simplex_fits:
        low, high = (f"{angle:.0f}" for angle in ending.nearest)
        apart = said("degrees", angle=low) if low == high else said("degrees-span", low=low, high=high)
        room = dimensions(run.config.dimension)
        return said("no-room", dimensions=room, classes=K, ideal=ideal, gap=said_gap, others=others, apart=apart)
    if gap < ROUNDING:
        return said("ideal-angles", ideal=ideal)
    now, off = when(run, len(run) - 1), number(ending.gap)
    whose = said("of-a-simplex" if analysis.unframed else "of-the-ideal")
    return said("angles", now=now, off=off, whose=whose, ideal=ideal, gap=said_gap, others=others)


def _ends_at(run: Trajectory, curve: str, value: float) -> str:
    """Returns the value of a curve at the end of a run, marked as that."""
    return cited(curve, len(run) - 1, number(value))


def _pace(run: Trajectory, analysis: Analysis) -> str:
    """Returns the sentence about the clock: what closes like 1/log t, and what does not (docs/theory.md 5.8)."""
    config, end = run.config, power_of_e(float(run.log_time[-1]))
    rule = said("flow") if config.method == "gradient-flow" else config.step_rule.words
    if not config.is_ulpm:
        return _towards_its_ideal(run, analysis)
    if not config.step_rule.crawls and run.hand_over is None:
        return _own_margin(run, said("keeps-moving", rule=rule, end=end))
    if (over := run.hand_over) is not None:
        told = {"rule": rule, "steps": f"{over.step:,}", "end": end, "since": f"{over.from_step:,}"}
        if math.isnan(over.error):
            return said("handed-over", **told)
        return said("handed-over-apart", **told, apart=number(over.error))
    law = said("closes" if config.simplex_is_ideal else "settles", rule=rule)
    if config.method == "gradient-flow":
        lacks = 1.0 - float(run.gamma[-1])
        if not config.simplex_is_ideal:
            return said("law-flow", law=law)
        said_lacks = _ends_at(run, "gamma_gap", lacks)
        if lacks * float(run.log_time[-1]) < FASTER:
            return said("faster", rule=rule, lacks=said_lacks)
        return said("in-sight" if lacks < IN_SIGHT else "far-off", law=law, lacks=said_lacks)
    ended = not config.simplex_is_ideal or run.nc2_angles[-1] < ROUNDING
    return said("law" if ended else "law-squares", law=law)


def _own_margin(run: Trajectory, words: str) -> str:
    """Adds which margin the run's rule seeks where it is another one than that of gradient descent, once it has one."""
    geometry = run.config.step_rule.geometry
    for curve in CURVES.values():
        if curve.beside == geometry and (share := float(curve.of(run)[-1])) > 0.0:
            return said(f"own-{geometry}", said=words, share=cited(curve.name, len(run) - 1, f"{share:.0%}"))
    return words


def _towards_its_ideal(run: Trajectory, analysis: Analysis) -> str:
    """Says how far a run of another objective is from the best value, as far as that is known, and what kept it."""
    words = _beside_the_best(run)
    words = said("leaping", said=words) if _leaps(run) else words
    if run.config.feature_norm < math.inf:
        return said("at-one-length", said=words, radius=f"{run.config.feature_norm:g}")
    rest = next((mark.snapshot for mark in analysis.marks if mark.name == "at-rest"), None)
    words = words if rest is None else said("at-rest", said=words, t=power_of_e(float(run.log_time[rest])))
    return said("held", said=words) if _begins_held(run) else words


def _beside_the_best(run: Trajectory) -> str:
    """Says how far a run is from the best value of another objective, as far as that is known."""
    alone = run.minimised.regulariser is None
    what = said("the-loss" if alone else "the-value")
    value = _ends_at(run, "loss" if alone else "value", float(run.value[-1]))
    if note := run.minimised.note:
        return said("value-noted", what=what, value=value, note=note)
    if math.isnan(run.ideal_value):
        gap = run.minimised.certificates(run.W[-1:], run.H[-1:], run.value[-1:])[0]
        return said("value-proved" if gap <= PROVED else "value-unknown", what=what, value=value)
    return said("value", what=what, value=value, best=number(run.ideal_value))


def _leaps(run: Trajectory) -> bool:
    """Whether the value of plain gradient descent rises again in the last snapshots: within bounds, a learning rate
    that is too large has no other end.
    """
    rise = float(np.diff(run.value[-LAST:]).max(initial=0.0))
    return run.config.step_rule.crawls and rise > RISES * max(float(run.value[-1]), PROVED)


def _begins_held(run: Trajectory) -> bool:
    """Whether a run begins on its bounds, as it does from any start beyond them."""
    held = run.minimised.constraint
    if held is None:
        return False
    further = BEYOND * run.W[0], BEYOND * run.H[0]
    brought = held.project(*further, run.labels)
    return any(there is not here for there, here in zip(brought, further, strict=True))
