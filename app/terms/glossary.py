"""`TERMS`: every word and symbol that the lab explains where it stands, for someone with one course in deep learning.

What a curve measures stands with the curve (`ulpm_core/analysis/curves.py`), what a knob does with its parameter.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from app.terms.mathml import mathml
from ulpm_core.analysis.curves import CURVES


class Term(NamedTuple):
    """A term: its name, what it means, perhaps a formula in TeX, and the regular expression of how it is spelt in
    sentences that explain themselves; empty where it stands only in places of its own. Browsers read it too, where
    \\w is another set of letters and stands in brackets.
    """

    name: str
    words: str
    formula: str = ""
    spelt: str = ""


def _alone(letter: str) -> str:
    """Returns the expression of a letter that is no part of a word, nor of another symbol."""
    return rf"(?<![\w’'^]){letter}(?![\w(’'^])"


LEGEND: Final = {
    "dot": "dot: one training image as the last layer sees it",
    "mean": "big mark: the mean of a class",
    "arrow": "arrow: what the last layer looks for in a class",
    "ghost": "ring: a corner of the ideal shape",
}
"""The terms of what is drawn on the stage, by their names."""
TERMS: Final = {
    "dot": Term(
        "A dot is a feature h",
        "The numbers that all layers but the last make of one training image. A network moves them by changing its"
        " weights; in this model they move freely. All dots of a class have one colour and shape.",
        r"h_{k,i} \in \mathbb{R}^d",
    ),
    "mean": Term(
        "A big mark is a class mean",
        "The mean of all dots of a class. The thin line behind it is the way it came.",
        r"\frac{1}{n} \sum_{i=1}^{n} h_{k,i}",
    ),
    "arrow": Term(
        "An arrow is a classifier w",
        "One row of the last layer. The score of a class is large where the dot lies far along the arrow of that"
        " class; the class with the largest score is the answer.",
        r"z_k = w_k^\top h",
    ),
    "ghost": Term(
        "A ring is a corner of the ideal frame",
        "The shape in which all classes are equally far apart, as far as can be: for three classes a triangle, for four"
        " a tetrahedron. Where class sizes differ it is the best shape for them; where no one shape is best, none is"
        " drawn. It is turned and scaled onto the run, since no direction of space is better than another.",
        r"\cos φ = -\frac{1}{K-1}",
    ),
    "cosines": Term(
        "The matrix of cosines",
        "One field for each pair of classes: the cosine of the angle between their means, or their arrows, seen from"
        " the middle of all. 1: the same direction; 0: a right angle; −1: opposite. A field is blank where the angle"
        " is that of the ideal shape, so collapse empties the matrix.",
        r"\cos φ_{jk} \to -\frac{1}{K-1}",
    ),
    "log_log_time": Term(
        "log log t",
        "The logarithm of log t. On this axis a quantity that falls like 1/log t is a straight line, where the quantity"
        " itself is drawn on a logarithmic axis.",
        r"y = \frac{C}{\log t} \Rightarrow \log y = \log C - \log\log t",
        r"log log t(?![\w])",
    ),
    "log_time": Term(
        "log t, log time",
        "The natural logarithm of the time t: one more of it is 2.7 times the time. What the theorem describes is seen"
        " on this clock; a billion steps at rate 0.1 are only 18.4 of it.",
        r"\log t, \quad t = e^{\log t}",
        r"log t(?![\w])",
    ),
    "time": Term(
        "t, time",
        "For gradient descent: the number of steps times the learning rate. In the limit of small steps, the gradient"
        " flow, it is simply the time.",
        r"t = \text{steps} \cdot \text{learning rate}",
        _alone("t"),
    ),
    "nc1": Term(
        "NC1: classes become points",
        "The first part of neural collapse. The spread of the dots inside their classes vanishes beside that between"
        " the classes.",
        r"\frac{\text{Tr}\, \Sigma_W}{\text{Tr}\, \Sigma_B} \to 0",
        "NC1",
    ),
    "nc2": Term(
        "NC2: the points form a simplex",
        "The second part. The class means become equally long, and all angles between them equal.",
        r"\cos φ \to -\frac{1}{K-1}",
        "NC2",
    ),
    "nc3": Term(
        "NC3: classifiers become class means",
        "The third part. The arrow of each class turns to the mean of its dots.",
        r"\frac{W}{\lVert W\rVert} - \frac{M}{\lVert M\rVert} \to 0",
        "NC3",
    ),
    "nc4": Term(
        "NC4: the nearest mean decides",
        "The fourth part. The last layer gives each image to the class whose mean is nearest.",
        "",
        "NC4",
    ),
    "simplex": Term(
        "Simplex",
        "The shape of K points of which all pairs are equally far apart: a triangle of three, a tetrahedron of four. It"
        " needs K − 1 dimensions.",
        r"\cos φ = -\frac{1}{K-1}",
        r"simplex(?:es)?(?![\w])",
    ),
    "gamma": Term(
        "γ, the margin against its bound",
        "The smallest margin, divided by the largest that W and H of this length could have. At most 1, and 1 only at"
        " the collapsed simplex.",
        r"\gamma = \frac{2 (K-1) \sqrt{n}\; q_{\min}}{\lVert W\rVert^2 + \lVert H\rVert^2} \le 1",
        "γ",
    ),
    "margin": Term(
        "Margin",
        "By how much the score of the right class exceeds the largest of the others. Positive: the answer is right. The"
        " smallest of all images is called q_min.",
        r"q_{\min} = \min_{k,i} \left( w_k^\top h_{k,i} - \max_{j \ne k} w_j^\top h_{k,i} \right)",
        r"margins?(?![\w])|q_min",
    ),
    "kkt": Term(
        "KKT point",
        "A candidate for an optimum under constraints: what pulls is balanced by the constraints that hold (Karush,"
        " Kuhn, Tucker). Here the constraints say that every margin is at least 1.",
        r"\min \frac{1}{2} \left( \lVert W\rVert^2 + \lVert H\rVert^2 \right), \quad q_{\min} \ge 1",
        r"KKT(?: points?)?(?![\w])",
    ),
    "strict_saddle": Term(
        "Strict saddle",
        "A place where the gradient is 0, and from which some direction curves down. A random push finds that direction"
        " sooner or later.",
        "",
        r"strict saddles?(?![\w])",
    ),
    "spread_within": Term(
        "Σ_W, spread within classes",
        "The mean over all dots of the squared distance from the mean of their class, direction by direction. Its trace"
        " Tr adds up all directions.",
        r"\Sigma_W = \frac{1}{N} \sum_{k,i} (h_{k,i} - \bar h_k)(h_{k,i} - \bar h_k)^\top",
        "Σ_W",
    ),
    "spread_between": Term(
        "Σ_B, spread between classes",
        "The same of the class means around the mean of all.",
        r"\Sigma_B = \frac{1}{K} \sum_k (\bar h_k - \bar h)(\bar h_k - \bar h)^\top",
        "Σ_B",
    ),
    "sum_w": Term(
        "Σ w_k, the sum of all arrows",
        "What all classifiers have in common. It adds the same to every score, so it changes no answer, and the flow"
        " never changes it.",
        r"\sum_k w_k",
        "Σ w_k",
    ),
    "theta": Term("θ, all that is trained", "W and H together, as one long vector.", r"\theta = (W, H)", "θ"),
    "multiplier": Term(
        "λ",
        "Of the theorem: how strongly one margin pulls, read off the gradient of the loss. Of a saddle: the pull along"
        " the ray on which W and H only grow. Of weight decay: how strongly both are pulled back towards 0.",
        "",
        "λ",
    ),
    "epsilon": Term("ε, the push", "How far a run starts off its saddle, as a share of the saddle's length.", "", "ε"),
    "gradient_of_scores": Term(
        "G",
        "How the loss changes with each score: for each image, softmax less the right answer.",
        r"G = \frac{\partial L}{\partial Z}",
        _alone("G"),
    ),
    "floor": Term("L_floor", "The least loss that W and H of this length can have.", "", "L_floor"),
    "scores": Term(
        "Z, the scores", "One for each class and image; softmax makes probabilities of them.", "Z = W H", _alone("Z")
    ),
    "classifiers": Term(
        "W, the classifiers", "The last layer: one row w for each class.", r"W \in \mathbb{R}^{K \times d}", _alone("W")
    ),
    "features": Term(
        "H, the features",
        "What the last layer is given: one column h for each image.",
        r"H \in \mathbb{R}^{d \times N}",
        _alone("H"),
    ),
    "classes": Term("K, classes", "How many classes there are.", "", _alone("K")),
    "dimension": Term("d, dimensions", "How many numbers describe an image before the last layer.", "", _alone("d")),
    "loss": Term(
        "L, the loss",
        "What training makes small: usually cross-entropy, the sum over all images of how surprising the right answer"
        " is to the last layer.",
        r"L = -\sum_i \log p_i, \quad p_i = \frac{e^{z_{y_i}}}{\sum_j e^{z_j}}",
        _alone("L"),
    ),
}
"""Every term by its name; in sentences the first of them that fits is meant."""


def legend() -> str:
    """Returns what is drawn on the stage as HTML, as the player says it."""
    entries = (f'<span class="fp-entry"><i class="fp-{shape}"></i>{words}</span>' for shape, words in LEGEND.items())
    return "".join(entries)


def table() -> dict[str, Any]:
    """Returns all that the player and the page explain, which JSON can hold: terms, legend, and what curves measure."""
    return {
        "legend": LEGEND,
        "terms": {
            name: {"name": term.name, "words": term.words, "formula": _typeset(term.formula), "spelt": term.spelt}
            for name, term in TERMS.items()
        },
        "curves": {
            curve.name: {"definition": curve.definition, "words": curve.words, "formula": _typeset(curve.formula)}
            for curve in CURVES.values()
            if curve.words
        },
    }


def _typeset(tex: str) -> str:
    return mathml(tex, display=True) if tex else ""


def with_table(module: str) -> str:
    """Returns the text of the player's `glossary.js` with the table in the place of none."""
    text = json.dumps(table(), ensure_ascii=False, separators=(",", ":"))
    return module.replace("({})", f"({text})")
