"""Pictures, curvatures, figures and words of the landscape screen, as plain data."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

import numpy as np

from app.terms.explained import explained
from app.views.plots import VERMILION, Part, line, title, word
from app.views.tables import cell, figure_or, table
from app.views.words import FLAT, curvature_words
from ulpm_core import RunConfig
from ulpm_core.analysis.landscape import Landscape
from ulpm_core.analysis.saddles import Exact
from ulpm_core.analysis.verdict import Verdict
from ulpm_core.claims.claim import Claim
from ulpm_core.model.number_words import number, written
from ulpm_core.model.saddles.gallery import SADDLES
from ulpm_core.model.shapes import Array

OKABE_ITO: Final = ("#0072B2", VERMILION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
GREY: Final = "#868e9c"
"""Seen on either ground."""
STAND: Final = (
    "A saddle is a place where the loss neither rises nor falls to first order, yet some direction leads down. The film"
    " starts beside it: watch ε, its distance, and where the shape opens up.",
    "Do not conclude that training stops here: almost every push has a part along a way down, and that part grows.",
)
GROUND: Final = (
    "Each mark is one curvature of the loss along the sphere ‖W, H‖ = const, as tall as it is frequent. A mark left"
    " of 0 is a way down.",
    "Do not take a mark at 0 for a way out: turning the whole figure changes nothing.",
)
GROUND_AT_ORIGIN: Final = (
    "Each mark is one curvature of the loss, as tall as it is frequent, in all directions: W = 0, H = 0 lies on no"
    " sphere. A mark left of 0 is a way down.",
    GROUND[1],
)
SLICE: Final = (
    "The loss over two directions at the saddle's norm: the saddle in the middle, the simplex as the floor, the run's"
    " way brought to this norm. Drag to turn.",
    "Do not read the run's loss off the surface where its way is dashed: there it has left this plane.",
)
AT_THE_ORIGIN: Final = (
    "The loss over two directions off the origin, with the run's own way. Drag to turn.",
    SLICE[1],
)
TETRAHEDRON: Final = (
    "The way from the square to the tetrahedron in closed form: the loss falls at once, and the margin grows from 3/4"
    " of the best to all of it.",
    "Do not expect speed: the loss falls like ε², but gradient flow lets ε grow only as a power of ‖W, H‖.",
)
MANY: Final = (
    "Each line is one random start: γ, its margin over the best there is, against log t. Compare room to spare, d = 2K,"
    " with just enough, d = K − 1, where saddles may catch some.",
    "Do not conclude that a start is stuck for ever: of four classes the square is left too, at log t that grows like"
    " 1/ε².",
)
LARGEST_OF_G: Final = "Largest singular value of G = dL/dZ. Were it at most λ, nothing of this norm would lie lower."


def step(words: tuple[str, str]) -> str:
    """Returns the two sentences of a step: what to see, and what not to conclude."""
    see, beware = words
    return f'<p class="lab-sentence">{explained(see)} <span class="lab-beware">{explained(beware)}</span></p>'


def picture(name: str) -> str:
    """Draws a saddle's classifiers small, from its own construction; classes on one point are rings."""
    saddle = SADDLES[name]
    W, _ = saddle.place(saddle.own(3), 1, 1.0)
    at = _flat(W / (np.linalg.norm(W, axis=1).max() or 1.0))
    lines, dots = [], []
    for k, (x, y) in enumerate(at):
        below = np.isclose(at[k], at[k + 1 :]).all(axis=1).sum()
        colour, radius = OKABE_ITO[k % len(OKABE_ITO)], 5.5 + 3.5 * below
        lines.append(f'<line x1="0" y1="0" x2="{x:.1f}" y2="{y:.1f}" stroke="{GREY}" stroke-opacity="0.55"/>')
        dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>')
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-50 -44 100 88">{"".join(lines + dots)}</svg>'
    inside = base64.b64encode(drawn.encode()).decode()
    return f'<img class="lab-saddle" alt="" src="data:image/svg+xml;base64,{inside}">'


def chosen(name: str) -> str:
    """Returns the style of the chosen saddle's button. To make it a button of another kind would make it another
    element, which loses the focus.
    """
    look = "background: light-dark(#0b62a8, #6cb6ff); color: light-dark(#fff, #11151c); border: 2px solid transparent;"
    return f"<style>.stApp .st-key-{name} button {{ {look} }}</style>"


def _flat(W: Array) -> Array:
    """Returns rows (K, r), r at most 3, as points of a picture: seen from a little above and beside."""
    turn = np.array([[0.88, -0.42, 0.0], [0.2, 0.42, 0.86]]) if W.shape[1] == 3 else np.eye(2, W.shape[1])
    return 36.0 * W @ turn.T * [1.0, -1.0]


def curvatures(found: Landscape) -> Part:
    """Draws the distinct curvatures over ||G||_op as marks as tall as they are frequent. Both axes are bent: asinh and
    log.
    """
    values = found.eigenvalues / (found.gradient_operator_norm or 1.0)
    edge = max(float(np.abs(values).max(initial=0.0)), 1.0)
    down, up = values < -FLAT * edge, values > FLAT * edge
    data: list[Part] = []
    for name, chosen, colour, symbol in (
        ("curves down", down, VERMILION, "triangle-down"),
        ("flat", ~(down | up), "@muted", "square"),
        ("curves up", up, "@accent", "circle"),
    ):
        counts = found.multiplicities[chosen]
        x, tall = _bent(values[chosen]), np.log1p(counts).round(4).tolist()
        stems = {"x": [at for v in x for at in (v, v, None)], "y": [at for v in tall for at in (0.0, v, None)]}
        said = [f"{number(v)} ‖G‖, {c:,} times" for v, c in zip(values[chosen], counts, strict=True)]
        shape = {"symbol": symbol, "size": 10, "color": colour}
        marks = {"x": x, "y": tall, "text": said, "name": name, "hovertemplate": "%{text}<extra></extra>"}
        data.append({"type": "scatter", "mode": "lines", "line": line(colour, 2), "hoverinfo": "skip", **stems})
        data.append({"type": "scatter", "mode": "markers", "marker": shape, **marks})
    ticks = [v for v in (-1000.0, -100.0, -10.0, -1.0, 0.0, 1.0, 10.0, 100.0, 1000.0) if abs(v) <= edge * 1.01]
    often = [c for c in (1, 10, 100, 1000, 10_000, 100_000) if c <= 2 * found.multiplicities.max()]
    sides = ((down, "curves down", -6, "right"), (up, "curves up", 6, "left"))
    layout = {
        "xaxis": _axis("curvature / ‖G‖", _bent(np.array(ticks)), ticks),
        "yaxis": _axis("how often", np.log1p(often).tolist(), often),
        "margin": {"l": 58, "r": 8, "t": 28, "b": 44},
        "annotations": [
            word(name, 0, 1.0, "@muted", yref="y domain", yanchor="bottom", xshift=shift, xanchor=anchor)
            for some, name, shift, anchor in sides
            if some.any()
        ],
    }
    return {"data": data, "layout": layout}


def _axis(name: str, at: list[float], said: Sequence[float]) -> Part:
    words = [written(v, ",g") for v in said]
    faint = {"gridcolor": "@faint", "zerolinecolor": "@faint"}
    return {"title": title(name), "tickvals": at, "ticktext": words, **faint}


def spoken(found: Landscape) -> str:
    """Says the curvatures for a screen reader."""
    pairs = zip(found.eigenvalues.tolist(), found.multiplicities.tolist(), strict=True)
    where = " along the sphere" if found.norm else ""
    return f"Curvatures{where}: " + ", ".join(f"{number(v)} {count:,} times" for v, count in pairs) + "."


def axis(name: str, values: Array) -> str:
    """Names an axis of a slice by what its direction is (see `ulpm_core.analysis.slices.ways`).

    >>> axis("curvature 1", np.array([-0.406, 0.0])), axis("simplex", np.zeros(1))
    ('curves down, −0.406', 'to the simplex')
    """
    if name == "simplex":
        return "to the simplex"
    which = int(name.removeprefix("curvature "))
    return curvature_words(min(which, len(values)), values).partition(": ")[2]


def _bent(values: Array) -> list[float]:
    return [float(v) for v in np.arcsinh(3.0 * values).round(4)]


def figures(found: Landscape, known: Exact, claims: Mapping[str, Claim]) -> str:
    """Returns the table of what was computed, each with its claim, beside its closed form and what it means."""
    times = f", {found.multiplicity:,} times." if found.multiplicity and found.multiplicity > 1 else "."
    free = "No curvature is lower."
    if found.negative_curvature is not None:
        free = f"Curvature along (u αᵀ, −α vᵀ), α outside all features: {number(found.negative_curvature)}."
    known_gap = known.multiplier - known.gradient_operator_norm
    rows = (
        ("L", "loss", known.loss, "The loss."),
        ("λ", "multiplier", known.multiplier, "The gradient is −λ (W, H): it pulls along the ray, nowhere else."),
        ("‖G‖", "gradient_operator_norm", known.gradient_operator_norm, LARGEST_OF_G),
        (
            "lowest curvature",
            "least_tangent_eigenvalue",
            known.least_tangent_eigenvalue,
            f"Least eigenvalue on the sphere{times}",
        ),
        ("λ − ‖G‖", "multiplier_gap", known_gap, free),
        ("L_floor", "loss_floor", None, "Least loss of this norm: the simplex alone has it, where it fits."),
        ("sideways", "tangent_gradient_norm", 0.0, "The gradient along the sphere, where 0 is stationary."),
    )
    cells = [
        (title, figure_or(getattr(found, name), claims.get(name), _digits), cell(closed, _digits), words)
        for title, name, closed, words in rows
    ]
    return table(("figure", "computed", "closed form", "what it means"), cells)


def verdict(config: RunConfig, found: Landscape) -> str:
    """Says what this state is, with the reason; the simplex has no need of a warning."""
    assert config.saddle is not None
    what = {
        Verdict.GLOBAL: "the least on its sphere",
        Verdict.SADDLE: "a strict saddle",
        Verdict.MINIMUM: "a minimum on its sphere, though not the simplex",
        Verdict.NOT_CRITICAL: "not stationary",
        Verdict.UNDECIDED: "undecided",
    }[found.verdict]
    return f'<p class="lab-verdict"><b>{escape(config.saddle.label)}: {escape(what)}.</b> {escape(found.sentence)}</p>'


def _digits(value: float) -> str:
    return written(value + 0.0, ".10g") if abs(value) > 1e-9 or value == 0.0 else number(value)
