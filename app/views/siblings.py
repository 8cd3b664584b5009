"""The siblings of the model: what each minimises or how it moves, as parameters of a run and in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple


class Sibling(NamedTuple):
    """One rule of the family: its name, the parameters of a run that make it, given those of the page, the sentence on
    it, also for sizes that differ where it is another one, and the three words of the table: the best shape, also for
    sizes that differ, its scale, and how it is reached.
    `parameters` are those of the page that play a part. The best shape has its place in K + `room` dimensions; an
    `endless` rule has no best scale. `brief` is the sentence beside the knob of what is minimised.
    """

    label: str
    changes: Callable[[Mapping[str, str]], dict[str, Any]]
    words: str
    shape: str
    uneven: str
    scale: str
    reached: str
    parameters: tuple[str, ...] = ()
    room: int = -1
    endless: bool = False
    brief: str = ""
    uneven_words: str = ""


def _bounds(page: Mapping[str, str]) -> dict[str, Any]:
    bound = float(page["bound"])
    return {"norm_bound_w": bound, "norm_bound_h": bound}


SIBLINGS: Final = {
    "ulpm": Sibling(
        "ULPM",
        lambda page: {},
        "Cross-entropy and nothing else, the paper's model: no state is best, and the direction turns to the simplex"
        " without ever arriving.",
        "simplex, as a direction",
        "another direction, in which no two classes merge",
        "none: margins grow like log t",
        "slower than any power of t",
        endless=True,
        uneven_words="Cross-entropy and nothing else, the paper's model: no state is best, and the direction turns to"
        " one in which small classes stand closer together, without ever arriving.",
        brief="Cross-entropy alone, as in the paper: the best lies at infinity, on a ray.",
    ),
    "weight-decay": Sibling(
        "Weight decay",
        lambda page: {"weight_decay": float(page["decay"])},
        "λ/2 times ‖W‖² and ‖H‖² stand beside cross-entropy: the simplex is best exactly, at a finite scale, and is"
        " reached exponentially fast.",
        "simplex, exactly",
        "blocks; small classes merge past a threshold",
        "log(1/τ − K + 1), τ = λ√n/N",
        "exponentially",
        ("decay",),
        uneven_words="λ/2 times ‖W‖² and ‖H‖² stand beside cross-entropy: the best has a finite scale, small classes"
        " stand closer together there, and past a threshold they are one.",
        brief="A price on the lengths of W and H: the best has a finite scale; for equal classes it is the same frame.",
    ),
    "norm-bound": Sibling(
        "Norm balls",
        _bounds,
        "Cross-entropy within bounds on the mean of ‖w‖² and of ‖h‖², the layer-peeled model: the simplex is best"
        " exactly, on the boundary.",
        "simplex, exactly",
        "blocks; small classes merge past a threshold",
        "√(E_W E_H) K/(K − 1)",
        "on the boundary, at a finite scale",
        ("bound",),
        uneven_words="Cross-entropy within bounds on the mean of ‖w‖² and of ‖h‖², the layer-peeled model: the best"
        " lies on the boundary, and past a threshold small classes are one there.",
        brief="Bounds that W and H are brought back to after each step: the best lies on them.",
    ),
    "squared-error": Sibling(
        "Squared error",
        lambda page: {"loss": "squared-error", "weight_decay": float(page["decay"])},
        "Squared error with weight decay: class means stand at right angles, which is a simplex once their mean is"
        " taken away.",
        "right angles; a simplex once centred",
        "right angles; small classes vanish past a threshold",
        "logits (1 − λ/√n) Y",
        "exponentially",
        ("decay",),
        room=0,
        uneven_words="Squared error with weight decay: with room enough classes stand at right angles; the smaller a"
        " class, the shorter its classifier, and past a threshold nothing is left of it.",
        brief="Logits are to be 1 for the true class and 0 for others: the best directions are orthogonal.",
    ),
    "label-smoothing": Sibling(
        "Label smoothing",
        lambda page: {"loss": "label-smoothing", "smoothing": float(page["smoothing"])},
        "The target gives a share to the other classes: the best margin is finite, without a decay; lengths of W and H"
        " alone stay free.",
        "simplex of logits",
        "simplex of logits, whatever the sizes",
        "log(1 + K(1 − a)/a)",
        "at a finite margin",
        ("smoothing",),
        brief="Every class gets a share of the target: beyond a finite margin more is worse.",
    ),
    "feature-norm": Sibling(
        "Normalised features",
        lambda page: {"feature_norm": float(page["radius"])},
        "Each step ends with every w at length 1 and every h at one length: directions alone move, and the simplex is"
        " best exactly.",
        "simplex, exactly",
        "not known in closed form",
        "length × K/(K − 1)",
        "on the spheres, at a finite scale",
        ("radius",),
        uneven_words="Each step ends with every w at length 1 and every h at one length: directions alone move, and the"
        " best ones are not known in closed form.",
        brief="Every w has length 1 and every h one length: only directions are left to learn.",
    ),
    "momentum": Sibling(
        "Momentum",
        lambda page: {"method": "momentum"},
        "The paper's model by steps with momentum: the same way, at ten times the pace.",
        "simplex, as a direction",
        "another direction, in which no two classes merge",
        "none: margins grow like log t",
        "as ULPM, at a larger step",
        endless=True,
    ),
    "normalised": Sibling(
        "Normalised steps",
        lambda page: {"method": "normalised-gradient-descent"},
        "The paper's model by steps of one length: they do not shrink with the loss, so log t grows with the square of"
        " their number.",
        "simplex, as a direction",
        "another direction, in which no two classes merge",
        "none: margins grow like log t",
        "a power of the number of steps",
        endless=True,
    ),
    "adam": Sibling(
        "Adam",
        lambda page: {"method": "adam", "learning_rate": float(page["rate"])},
        "The paper's model by Adam, at a rate of its own: it seeks the widest margin for the largest entry of W and H,"
        " not for their norms.",
        "a direction, widest margin by entries",
        "a direction, widest margin by entries",
        "none: margins grow for ever",
        "by steps of about one length in every entry",
        ("rate",),
        endless=True,
    ),
    "sign-descent": Sibling(
        "Sign descent",
        lambda page: {"method": "sign-descent", "learning_rate": float(page["rate"])},
        "The paper's model by steps along the gradient's signs, which is Adam without its memories: it seeks the widest"
        " margin for the largest entry.",
        "a direction, widest margin by entries",
        "a direction, widest margin by entries",
        "none: margins grow for ever",
        "log t grows with the square of the steps",
        ("rate",),
        endless=True,
    ),
    "spectral-descent": Sibling(
        "Spectral descent",
        lambda page: {"method": "spectral-descent", "learning_rate": float(page["rate"])},
        "The paper's model by steps whose singular values are all equal, what Muon approximates: it seeks the widest"
        " margin for operator norms, which the simplex has, but not alone.",
        "a direction, widest margin by operator norms",
        "a direction, widest margin by operator norms",
        "none: margins grow for ever",
        "log t grows with the square of the steps",
        ("rate",),
        endless=True,
    ),
}
"""The rules of the screen, by their names in a link."""
