"""Every sentence about a run, as a template by its name: `words.py` chooses among them and fills them in, and so does
the film made in a browser (`app/player/engine/film/`). What is filled in is written already: templates hold no formats.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SAID: Final[Mapping[str, str]] = {
    # how much there is
    "dimension": "1 dimension",
    "dimensions": "{d} dimensions",
    "step": "step {step}",
    "time": "t = {t}",
    "and": "{first} and {last}",
    # the title, what the stage leaves out, and the caption
    "title": "{classes} classes{of} in {dimensions}",
    "title-sizes": " of {least} to {most} samples",
    "note": "Showing {shown} of {all} samples.",
    "note-even": "Showing {shown} of {all} samples per class.",
    "part": " The stage shows {flat} of {d} dimensions.",
    "no-simplex": "No simplex fits: {classes} classes would need {needed} and there {verb} {d}, so {frame}.{part}",
    "no-frame": "there is no ideal frame",
    "best-known": "the frame drawn is the best that is known, without proof",
    "best-sizes": "the frame drawn is the best for these sizes",
    "uneven-best": "Class sizes differ, so the best geometry is no simplex: the frame drawn is the best for these"
    " sizes.{part}",
    "no-simplex-is": "is",
    "no-simplex-are": "are",
    "frame-vanished": "At the best nothing is left of the class means, so no ideal frame is drawn.{part}",
    "frames-many": "Many geometries are equally good here, so no ideal frame is drawn.{part}",
    "frame-unknown": "No one geometry is known to be best here, so no ideal frame is drawn.{part}",
    "frame-of-another-norm": "These steps go by another norm, in which no one frame is known to be best, so no ideal"
    " frame is drawn.{part}",
    "shadow": "A shadow: the ideal spans {spans} dimensions and a screen shows {flat}. Equal angles look unequal here;"
    " the cosine matrix counts all dimensions.",
    "exact": "Exact: every dimension is on screen, so angles and lengths are true.",
    "nothing-outside": "nothing visible lies outside",
    "outside": "{share} of the spread lies outside, and NC1 counts it",
    "shown": "{flat} of {d} dimensions: {which}; {outside}.",
    "shown-2": "the line of the ideal pair, and the two that spread widest beside it",
    "shown-3": "the plane of the ideal triangle, and the one that spreads widest beside it",
    "shown-4": "those of the ideal tetrahedron",
    # how a run that ended early is told
    "diverged": "The film shows the steps up to there. Choose a smaller learning rate to go on.",
    # the training error
    "wrong": "At {now} {wrong} of {all} samples are still misclassified.",
    "wrong-one": "At {now} {wrong} of {all} samples is still misclassified.",
    "right-from-start": "Training error is zero from the start: every sample is on its own side.",
    "pushed-right": "Training error is zero from the start: the push alone puts every sample on its own side.",
    "right-at": "Training error reached zero at {when}; everything after is the geometry settling.",
    "right-between": "Training error reached zero between steps {before} and {first}; everything after is the geometry"
    " settling.",
    # the angles
    "origin": "The class means have no length here, so angles are not defined: the origin is a critical point.",
    "two-classes": "Two class means, seen from their midpoint, always point opposite ways: K = 2 has no angle to"
    " close.",
    "degrees": "{angle}°",
    "degrees-span": "{low}° to {high}°",
    "no-room": "In {dimensions} no {classes} directions can all be {ideal}° apart: NC2 measures from an ideal that"
    " cannot be, and cosines stay {gap} from −1/{others} on average. The classes share what room there is: from each to"
    " its nearest it is {apart}.",
    "of-the-ideal": "the ideal",
    "of-a-simplex": "the simplex's",
    "ideal-angles": "The angles between class means are the ideal {ideal}° to the last digits that float64 holds.",
    "angles": "At {now} the angles between class means are still {off}° from {whose} {ideal}° on average (cosines"
    " {gap} from −1/{others}).",
    # the cosines of classes whose sizes differ
    "minority_cosine": "of the smallest classes",
    "majority_cosine": "of the largest classes",
    "cross_cosine": "of a smallest and a largest class",
    "cosine": "{cosine} between those {whose}",
    "cosine-best": "{cosine} (best {best}) between those {whose}",
    "cosines-undefined": "Class sizes differ, and some classifiers have no length here, so their cosines are not"
    " defined.",
    "cosines": "Class sizes differ, so angles do not even out: cosines of classifiers stand at {cosines}.",
    "cosines-unknown": "{cosines} In so few dimensions the best ones are not known.",
    "merge": "merge",
    "vanish": "vanish",
    "fate-decay": "At the best the smallest classes {fate} once √(λ_W λ_H) is {at} or more; here it is {here}.",
    "fate-ratio": "At the best the small classes {fate} once the others are {at} times as large; here they are {here}"
    " times.",
    # the pace
    "flow": "Gradient flow",
    "keeps-moving": "{rule} keeps moving where plain gradient descent crawls: this run reached t = {end}.",
    "own-entries": "{said} It seeks the widest margin for the largest entry of W and H, not for their norms, and need"
    " not end at the ideal frame: {share} of a bound of that margin.",
    "own-spectral": "{said} It seeks the widest margin for the operator norms of W and H, which the ideal frame has but"
    " not it alone: {share} of that margin's bound.",
    "handed-over": "{rule} took {steps} steps; from there gradient flow carried the run on to t = {end}. Run side by"
    " side from step {since} to the hand-over (relative to ‖W, H‖).",
    "handed-over-apart": "{rule} took {steps} steps; from there gradient flow carried the run on to t = {end}. Run side"
    " by side from step {since} to the hand-over, where both ends lay {apart} apart (relative to ‖W, H‖).",
    "closes": "{rule} closes that gap only like 1/log t",
    "settles": "{rule} settles only like 1/log t",
    "law-flow": "{law}, as gradient descent does; log time takes it there.",
    "faster": "{rule} closed that gap far faster here than the 1/log t of random starts: 1 − γ = {lacks}.",
    "in-sight": "{law}, as gradient descent does; in log time the limit comes into sight: 1 − γ = {lacks}.",
    "far-off": "{law}, as gradient descent does; in log time the limit is still far off here: 1 − γ = {lacks}.",
    "law": "{law}.",
    "law-squares": "{law} in the end: once that law rules, halving the gap means squaring the time.",
    # another objective, and its best value
    "the-loss": "The loss",
    "the-value": "The value, loss and decay together,",
    "value-noted": "{what} is {value}. {note}",
    "value-unknown": "{what} is {value}; the best one is not known in closed form here.",
    "value-proved": "{what} is {value}; the best one is not known in closed form here, but the run's own multipliers"
    " prove that this is it.",
    "value": "{what} is {value}, and {best} is the best there is.",
    "at-rest": "{said} From t = {t} on the flow is at rest.",
    "leaping": "{said} It goes up and down to the end: a smaller learning rate would settle it.",
    "held": "{said} It begins on its bounds: a start beyond them is brought there.",
    "at-one-length": "{said} All vectors are brought to their lengths after each step: ‖w‖ = 1, ‖h‖ = {radius}.",
    # a film that was computed in a browser
    "certificates": "The KKT residual, the duality gap and the bound of the objective are in the full lab.",
    "proof": "Whether the run's own multipliers prove its value the best is said in the full lab.",
}


def said(name: str, **values: object) -> str:
    """The sentence of that name, with what it says filled in.

    >>> said("time", t="e^690")
    't = e^690'
    """
    return SAID[name].format(**values)
