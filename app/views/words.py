"""Words about runs: waits, settings, file names. Plain text from plain numbers."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ulpm_core import RunConfig
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.number_words import number, power_of_e
from ulpm_core.model.shapes import Array

FLAT: Final = 1e-9
"""Share of the largest curvature below which a curvature is rounding."""


def curvature_words(which: int, values: Array | None) -> str:
    """Says what a value of `push_along` means where these are the distinct curvatures, ascending; `values` is None as
    long as they are not known.

    >>> [curvature_words(j, np.array([-0.406, 0.0, 1.25])) for j in range(5)]
    ['Random', '1: curves down, −0.406', '2: flat', '3: curves up, 1.25', '4: as the highest']
    >>> curvature_words(1, None)
    '1: being measured'
    """
    if which == 0:
        return "Random"
    if values is None:
        return f"{which}: being measured"
    if which > len(values):
        return f"{which}: as the highest"
    value, largest = float(values[which - 1]), float(np.abs(values).max())
    if abs(value) <= FLAT * largest:
        return f"{which}: flat"
    return f"{which}: curves {'down' if value < 0.0 else 'up'}, {number(value)}"


def which_curvature(said: object) -> int:
    """Returns `push_along` as a number, also where Streamlit hands back the words of an option that another saddle does
    not have.

    >>> [which_curvature(said) for said in (2, "Random", "10: curves up, 1.2", "")]
    [2, 0, 10, 0]
    """
    lead = str(said).partition(":")[0]
    return int(lead) if lead.isascii() and lead.isdigit() else 0


def about(seconds: float) -> str:
    """Says a wait as people do.

    >>> about(0.2), about(14.3), about(80.0), about(130.0)
    ('1 second', '15 seconds', '1 minute', '2 minutes')
    """
    count, unit = (int(seconds) + 1, "second") if seconds < 59 else (max(1, round(seconds / 60)), "minute")
    return f"{count} {unit}{'s' * (count > 1)}"


def ordinal(count: int) -> str:
    """Writes a place in line.

    >>> [ordinal(count) for count in (1, 2, 3, 4, 11, 22, 113)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd', '113th']
    """
    teens = 10 < count % 100 < 14
    return f"{count}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(count % 10, 'th')}"


def wait(progress: str, seconds: float, place: int = 0) -> str:
    """Says how far a run is, or its place in line for a free worker, and how long it takes to its end.

    >>> wait("step 500,000 of 1,000,000", 12.3)
    'Step 500,000 of 1,000,000, about 13 seconds left'
    >>> wait("", 90.0, 1), wait("", 200.0, 2)
    ('Next in line, about 2 minutes left', '2nd in line, about 3 minutes left')
    """
    if not progress:
        where = "Starting" if place == 0 else "Next in line" if place == 1 else f"{ordinal(place)} in line"
        return f"{where}, about {about(seconds)} left"
    said = progress.replace("step", "Step", 1) if progress.startswith("step") else f"At {progress}"
    return f"{said}, about {about(seconds)} left"


COUNTS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
"""Numbers from 1 on that are written out as words."""


SETTING: Final = {
    "all": "{classes} classes in {where}: {room}. {how}.",
    "dimension": "one dimension",
    "dimensions": "{d} dimensions",
    "sizes": "of {sizes} and {last} samples, so no simplex is best",
    "no-room": "no simplex fits, so their angles cannot all be equal",
    "just-room": "just the room that their simplex needs",
    "more-room": "more room than their simplex needs",
    "flow": "Gradient flow, to t = {t}",
    "steps": "{steps} steps{kind} at rate {rate}{objective}{forward}",
    "forward": ", then gradient flow to t = {t}",
    "loss": " of {loss}",
    "decay": ", weight decay {w}",
    "decays": ", weight decay {w} of W and {h} of H",
    "w": "‖w‖² at most {bound}",
    "h": "‖h‖² at most {bound}",
    "both": "{w} and {h}",
    "held": ", {bounds} on average",
    "lengths": ", ‖w‖ = 1 and ‖h‖ = {radius}",
}
"""The parts of what is said of a run that is no preset, as templates."""


def setting(config: RunConfig) -> str:
    """Says what a run shows that is no preset: how much room its classes have, how it moves, how long.

    >>> setting(RunConfig(classes=6, dimension=2))
    'Six classes in two dimensions: no simplex fits, so their angles cannot all be equal. 10,000 steps at rate 0.1.'
    >>> setting(RunConfig(dimension=8, method="gradient-flow"))
    'Four classes in eight dimensions: more room than their simplex needs. Gradient flow, to t = e^1,000.'
    >>> setting(RunConfig(class_sizes=(6, 4, 2)))
    'Three classes in three dimensions: of 6, 4 and 2 samples, so no simplex is best. 10,000 steps at rate 0.1.'
    >>> setting(RunConfig(loss="squared-error", norm_bound_h=2.0)).partition(". ")[2]
    '10,000 steps at rate 0.1 of squared error, ‖h‖² at most 2 on average.'
    >>> setting(RunConfig(weight_decay=0.1, weight_decay_h=0.0)).partition(". ")[2]
    '10,000 steps at rate 0.1, weight decay 0.1 of W and 0 of H.'
    """
    K, d = config.classes, config.dimension
    say = SETTING.__getitem__
    where = say("dimension") if d == 1 else say("dimensions").format(d=_count(d))
    if config.class_sizes:
        *most, last = map(str, config.class_sizes)
        room = say("sizes").format(sizes=", ".join(most), last=last)
    else:
        room = say("no-room" if d < K - 1 else "just-room" if d == K - 1 else "more-room")
    if config.method == "gradient-flow":
        how = say("flow").format(t=power_of_e(config.log_time))
    else:
        steps, kind, rate = f"{config.steps:,}", config.step_rule.kind, f"{config.learning_rate:g}"
        forward = say("forward").format(t=power_of_e(config.fast_forward)) if config.fast_forward else ""
        how = say("steps").format(steps=steps, kind=kind, rate=rate, objective=_objective(config), forward=forward)
    return say("all").format(classes=_count(K).capitalize(), where=where, room=room, how=how)


def _objective(config: RunConfig) -> str:
    """Says what else than cross-entropy alone steps make small, and what holds them; nothing of the model's own."""
    say = SETTING.__getitem__
    said = "" if config.loss == RunConfig.loss else say("loss").format(loss=LOSSES[config.loss].label.lower())
    w, h = (f"{decay:g}" for decay in config.decays)
    if any(config.decays):
        said += say("decay" if w == h else "decays").format(w=w, h=h)
    if config.feature_norm < math.inf:
        said += say("lengths").format(radius=f"{config.feature_norm:g}")
    held = {what: say(what).format(bound=f"{b:g}") for what, b in zip("wh", config.bounds, strict=True) if b < math.inf}
    if held:
        said += say("held").format(bounds=say("both").format(**held) if len(held) > 1 else held.popitem()[1])
    return said


def _count(number: int) -> str:
    return COUNTS[number - 1] if number <= len(COUNTS) else f"{number}"


def download_name(config: RunConfig) -> str:
    """Returns a name for the file of a run, which says what it shows.

    >>> download_name(RunConfig()), download_name(RunConfig(initialisation="square"))
    ('collapse-4-classes-3-dimensions-seed-4', 'escape-square-4-classes-3-dimensions-seed-4')
    """
    what = "collapse" if config.saddle is None else f"escape-{config.initialisation}"
    return f"{what}-{config.classes}-classes-{config.dimension}-dimensions-seed-{config.seed}"
