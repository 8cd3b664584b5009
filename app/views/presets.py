"""The presets of the playground: runs worth seeing, each with one sentence of what to watch. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from ulpm_core import RunConfig
from ulpm_core.model.config_base import Described

Config = TypeVar("Config", bound=Described)


@dataclass(frozen=True)
class Preset(Generic[Config]):
    """A run or training worth seeing: its name, one sentence of what to watch, its config, and perhaps another to
    compare it with, or further keys of the link that belong to it.
    """

    name: str
    watch: str
    config: Config
    pinned: Config | None = None
    choices: Mapping[str, str] | None = None


PRESETS: Final = (
    Preset(
        "Tetrahedron",
        "Watch scattered dots sweep into four clusters, and the clusters settle on the corners of a tetrahedron.",
        RunConfig(),
    ),
    Preset(
        "Triangle",
        "Watch three classes in a plane: the dots of a class draw together, 120° from the other two.",
        RunConfig(classes=3, dimension=2, seed=3),
    ),
    Preset(
        "Ten classes",
        "Watch the cosine matrix, blank where angles are ideal: a screen cannot show nine dimensions, the matrix can."
        " Steps leave it coloured; fast-forward, to t = e^10,000, empties it.",
        RunConfig(classes=10, dimension=9, per_class=20, learning_rate=0.2, seed=3, fast_forward=10_000.0),
    ),
    Preset(
        "Too few dimensions",
        "Watch six classes in a plane: clusters still tighten, but no simplex fits, so they share the circle. The rings"
        " are the best that is known, a hexagon.",
        RunConfig(classes=6, dimension=2, per_class=20, seed=1),
    ),
    Preset(
        "Too large a rate",
        "Watch the steps overshoot: for four of them the classes draw apart, then each step raises the loss.",
        RunConfig(learning_rate=0.38),
    ),
    Preset(
        "Small or large start",
        "Watch two starts on one clock: the small one (B) folds into points; the large one (A) is left with wide"
        " clouds, 14° off the tetrahedron.",
        RunConfig(initial_scale=0.03),
        RunConfig(initial_scale=1.0),
    ),
    Preset(
        "The limit",
        "Watch the theorem itself: in log time gradient flow passes a billion steps three fifths of the way"
        " through the film, and reaches t = e^1,000.",
        RunConfig(method="gradient-flow"),
    ),
    Preset(
        "Steps of fixed length",
        "Watch the whole theorem: where plain gradient descent crawls, steps of fixed length walk on until dots,"
        " arrows and ideal frame are one.",
        RunConfig(method="normalised-gradient-descent", learning_rate=0.03),
    ),
    Preset(
        "With and without decay",
        "Watch one start twice: without weight decay (A) W and H grow for ever; with it (B) everything comes to rest,"
        " at a tetrahedron to the last digit.",
        RunConfig(weight_decay=0.1),
        RunConfig(),
    ),
    Preset(
        "Small classes merge",
        "Watch classes 3 and 4, a fifth of the size of the others: at a decay of 1.9 (A) they stay two, at 2.1 (B) they"
        " become one. The threshold is √4 = 2.",
        RunConfig(class_sizes=(20, 20, 4, 4), weight_decay=2.1, learning_rate=0.05),
        RunConfig(class_sizes=(20, 20, 4, 4), weight_decay=1.9, learning_rate=0.05),
    ),
    Preset(
        "Squared error",
        "Watch two losses, each with a little decay: cross-entropy (A) wins by 5.4, squared error (B) stops at 1, where"
        " it wants its margins. Less their mean, both are the tetrahedron.",
        RunConfig(dimension=4, loss="squared-error", weight_decay=0.1),
        RunConfig(dimension=4, weight_decay=0.1),
    ),
    Preset(
        "Label smoothing",
        "Watch the dots stop short: each margin settles at 3.6, where the smoothed loss is least, and nothing is left"
        " that would draw a class together. In eight dimensions wide clouds stay.",
        RunConfig(dimension=8, loss="label-smoothing"),
    ),
    Preset(
        "Adam",
        "Watch two optimisers on one start: after as many steps Adam (B) has the smaller loss, and gradient descent (A)"
        " the better tetrahedron.",
        RunConfig(method="adam", learning_rate=0.01),
        RunConfig(),
    ),
)
