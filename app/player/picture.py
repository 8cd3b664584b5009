"""Draws one frame of a film as a small SVG, as the player's stage shows it before anybody turns it.

It stands where no script runs and where the player has not arrived yet. `views.js`, `camera.js`, `shapes.js` and
`stage.js` draw the same lines; a test holds the two to each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ulpm_core.analysis.projection import shown_samples
from ulpm_core.film.film import Film

Points = NDArray[np.float64]

SIDE: Final = 400
"""Pixels from side to side: about the height of the stage, for which the marks have their sizes."""
HALF_RANGE: Final = 2.2
EYES: Final = {"space": (0.55, 0.42, 0.26), "flat": (0.0, 0.0, 0.87)}
UPS: Final = {"space": (0.0, 0.0, 1.0), "flat": (0.0, 1.0, 0.0)}
BACK_FROM_SHADOWS: Final = 1.25
HALF_FIELD: Final = math.tan(math.pi / 8)
"""Tangent of half the angle that Plotly's camera sees: 45 degrees from top to bottom."""
COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "currentColor", "#B8A800")
SHAPES: Final = ("circle", "square", "diamond", "cross", "square-open", "diamond-open")
SIZES: Final = {"circle": 1.0, "square": 0.9, "diamond": 1.1, "cross": 1.0, "square-open": 0.9, "diamond-open": 1.2}
DOT, MEAN, GHOST = 3.6, 8.0, 16.0
"""Radii of a sample, a class mean and a vertex of the ideal frame, in pixels as Plotly draws them."""
MOST_DOTS: Final = 240
ARROW_LENGTH: Final = 1.25
NAME_STEP: Final = 0.055
EDGES_UP_TO: Final = 8
LONGEST_NAME: Final = 12
LABEL: Final = "{title}: a picture of frame {frame} of {frames}"


class ClassLook(NamedTuple):
    """The colour, the shape and the size in which a class is drawn: neighbours differ in colour and in shape."""

    colour: str
    shape: str
    big: float

    @classmethod
    def of(cls, k: int, classes: int) -> ClassLook:
        around = len(COLOURS)
        return cls(COLOURS[k % around], SHAPES[(k + 2 * (k // around)) % len(SHAPES)], 0.8 if classes > 10 else 1.0)

    @property
    def open(self) -> bool:
        return self.shape.endswith("-open")

    @property
    def fill(self) -> str:
        return f'stroke="{self.colour}"' if self.open else f'fill="{self.colour}" stroke="none"'


class Eye(NamedTuple):
    """The place from which the picture is seen, in the film's coordinates, and which way is up."""

    at: Points
    up: Points

    def sees(self, points: Points) -> Points:
        """Returns where points (..., 3) are seen: pixels from the left and from the top, and the distance along the
        line of sight.
        """
        ahead = -self.at / np.linalg.norm(self.at)
        right = np.cross(ahead, self.up)
        right /= np.linalg.norm(right)
        seen = (points - self.at) @ np.stack([right, np.cross(right, ahead), ahead]).T
        x, y, depth = np.moveaxis(seen, -1, 0)
        half = SIDE / 2
        return np.stack([half + half * x / (HALF_FIELD * depth), half - half * y / (HALF_FIELD * depth), depth], -1)


def picture(film: Film, frame: int = -1, most_dots: int = MOST_DOTS, ideal: bool = True) -> str:
    """Returns one frame of a film, the last one unless another is named, as an SVG element of a few thousand letters,
    with at most so many dots for samples, and with the ideal frame where one fits, unless that is left out.

    Its strokes take the colour of the text around it, so it stands on light ground and on dark.

    >>> from ulpm_core import RunConfig, simulate
    >>> from ulpm_core.film.film import build_film
    >>> picture(build_film(simulate(RunConfig(classes=3, dimension=2, per_class=4, steps=50))))[:4]
    '<svg'
    """
    frame %= film.header["frames"]
    rows, K = view_rows(film), film.header["classes"]
    eye = home_eye(film, len(rows))
    means = place(film, "means", frame, rows)
    parts = [_lines(globe(len(rows)), eye, 'opacity=".16"')]
    if ideal and "ideal" in film.arrays:
        parts += _ideal(place(film, "ideal", frame, rows), means, eye)
    tips = ARROW_LENGTH * place(film, "classifiers", frame, rows)
    dots = _dots(film, place(film, "features", frame, rows), most_dots)
    for k in np.argsort(-eye.sees(means)[:, 2], kind="stable").tolist():  # far ones first
        parts += _class(ClassLook.of(k, K), eye, dots[k], tips[k], means[k])
    parts.append('<g fill="currentColor" stroke="none" font-size="16" text-anchor="middle">')
    for k, (x, y, _) in enumerate(eye.sees(name_spots(means, eye.at))):
        parts.append(f'<text x="{x:.0f}" y="{y:.0f}" dy=".35em">{escape(name_of(film, k))}</text>')
    label = escape(LABEL.format(title=film.header["title"], frame=frame + 1, frames=film.header["frames"]))
    return (
        f'<svg class="fp-picture" viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="{label}" fill="none" '
        f'stroke="currentColor" stroke-linejoin="round">{"".join(parts)}</g></svg>'
    )


def view_rows(film: Film, view: str = "") -> Points:
    """Returns the linear map (2 or 3, axes) of a view that stands still, "first" or "polygon", by default the one in
    which the film begins, the same as in `views.js`.
    """
    axes, K = film.header["axes"], film.header["classes"]
    if axes <= 3:
        return np.eye(axes)
    if (view or ("polygon" if film.header.get("kind") == "network" else "first")) == "polygon":
        return _polygon(film.arrays["ideal" if "ideal" in film.arrays else "means"][-1].astype(float))
    return min(1.5, max(1.0, 0.85 * math.sqrt(min(axes, K - 1) / 3))) * np.eye(3, axes)


def home_eye(film: Film, dimensions: int) -> Eye:
    """Returns the place of a camera that nobody has moved."""
    kind = "space" if dimensions == 3 else "flat"
    back = BACK_FROM_SHADOWS if film.header["axes"] > 3 else 1.0
    return Eye(2 * HALF_RANGE * back * np.array(EYES[kind]), np.array(UPS[kind]))


def place(film: Film, name: str, frame: int, rows: Points) -> Points:
    """Returns the points (count, 3) of an array's frame on the stage, at unit scale."""
    points = film.arrays[name][frame].reshape(-1, film.header["axes"]).astype(float)
    if name == "classifiers":
        unit = float(film.arrays["scale_w"][frame])
    else:
        features = film.arrays["features"][frame].astype(float)
        rms = math.sqrt((features**2).sum() / len(film.header["labels"]))
        unit = max(rms, float(film.arrays["scale"][frame]))
    with np.errstate(invalid="ignore"):
        seen = points @ rows.T / (unit if 0 < unit < math.inf else 1.0)
    flat = np.zeros((len(points), 3))
    flat[:, : len(rows)] = np.where(np.isfinite(seen), seen, 0.0)
    return flat


def name_of(film: Film, k: int) -> str:
    """Returns the name of a class: the one that its data give it, or its number from 1."""
    names = film.header.get("names") or []
    name = str(names[k] if k < len(names) else k + 1)
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def name_spots(means: Points, viewer: Points, step: float = NAME_STEP) -> Points:
    """Returns where names stand: beyond the arrows' heads, a step away from the middle of the picture."""
    heads = ARROW_LENGTH * means
    sight = viewer - heads
    far = np.linalg.norm(sight, axis=-1, keepdims=True)
    out = heads - (heads * sight).sum(axis=-1, keepdims=True) / far**2 * sight
    return heads + step * far / np.maximum(0.05, np.linalg.norm(out, axis=-1, keepdims=True)) * out


def arrow(tip: Points, viewer: Points) -> list[Points]:
    """Returns the lines of an arrow from the origin: its shaft, and two barbs that open towards the viewer."""
    length = float(np.linalg.norm(tip))
    side = np.cross(tip, viewer)
    if np.linalg.norm(side) < 1e-9 * length:
        side = np.cross(tip, [0.0, 0.0, 1.0])
    width = 0.06 * min(1.0, length) / (float(np.linalg.norm(side)) or 1.0)
    barbs = [tip * (1 - 0.13 / max(1.0, length)) + sign * width * side for sign in (1, -1)]
    return [np.stack([np.zeros(3), tip]), np.stack([barbs[0], tip, barbs[1]])]


def _polygon(vertices: Points) -> Points:
    angles = 2 * math.pi * np.arange(len(vertices)) / len(vertices)
    rows = np.stack([np.cos(angles), np.sin(angles)]) @ vertices
    rows[0] = _unit(rows[0])
    rows[1] = _unit(rows[1] - rows[0] * (rows[0] @ rows[1]))
    return rows * math.sqrt(max(1.0, (len(vertices) - 1) / 2))


def _unit(row: Points) -> Points:
    length = float(np.linalg.norm(row))
    return row / length if length > 0 else row


def globe(dimensions: int) -> list[Points]:
    """Returns the unit circle, or three great circles of the unit sphere."""
    turn = np.linspace(0, 2 * math.pi, 49)
    c, s, o = np.cos(turn), np.sin(turn), np.zeros_like(turn)
    rings = [(c, s, o), (c, o, s), (o, c, s)]
    return [np.stack(ring, axis=-1) for ring in (rings if dimensions == 3 else rings[:1])]


def _dots(film: Film, features: Points, most: int) -> list[Points]:
    """Returns the features of each class, evenly thinned where there are many."""
    labels = np.array(film.header["labels"])
    K = film.header["classes"]
    kept = shown_samples(np.bincount(labels).tolist(), most)
    return [features[kept][labels[kept] == k] for k in range(K)]


def _ideal(ideal: Points, means: Points, eye: Eye) -> Iterator[str]:
    """Draws the ideal frame: its edges, its vertices, and how far each class mean is from its own."""
    K = len(ideal)
    if K <= EDGES_UP_TO:
        yield _lines([ideal[[i, j]] for i in range(K) for j in range(i)], eye, 'opacity=".5"')
    yield f'<path opacity=".7" stroke-width="2.4" d="{_marks("circle", GHOST, eye, ideal)}"/>'
    yield _lines([np.stack(pair) for pair in zip(means, ideal, strict=True)], eye, 'opacity=".6" stroke-width="2"')


def _class(look: ClassLook, eye: Eye, dots: Points, tip: Points, mean: Points) -> Iterator[str]:
    """Draws the dots of a class, its classifier and its mean, each in its colour and shape."""
    yield f'<path {look.fill} opacity=".75" d="{_marks(look.shape, look.big * DOT, eye, dots)}"/>'
    if tip.any():
        yield _lines(arrow(tip, eye.at), eye, f'stroke="{look.colour}" stroke-width="{2.5 * look.big:g}"')
    edge = look.fill if look.open else f'fill="{look.colour}" stroke="var(--fp-ground,Canvas)"'
    mark = _marks(look.shape, look.big * MEAN, eye, mean[None])
    yield f'<path {edge} stroke-width="2" paint-order="stroke" d="{mark}"/>'


def _marks(shape: str, radius: float, eye: Eye, points: Points) -> str:
    """Returns the path of marks around points; those that fall on the same tenth of a pixel are drawn once."""
    r = radius * SIZES[shape]
    thin, arm = 0.3 * r, 0.85 * r
    path = {
        "circle": f"m{-r:.3g} 0a{r:.3g} {r:.3g} 0 1 0 {2 * r:.3g} 0a{r:.3g} {r:.3g} 0 1 0 {-2 * r:.3g} 0",
        "square": f"m{-r:.3g} {-r:.3g}h{2 * r:.3g}v{2 * r:.3g}h{-2 * r:.3g}z",
        "diamond": f"m0 {-r:.3g}l{r:.3g} {r:.3g}l{-r:.3g} {r:.3g}l{-r:.3g} {-r:.3g}z",
        "cross": f"m{-thin / 2:.3g} {-r:.3g}" + _cross(f"{thin:.3g}", f"{arm:.3g}"),
    }[shape.removesuffix("-open")]
    return "".join(dict.fromkeys(f"M{x:.4g} {y:.4g}{path}" for x, y, _ in eye.sees(points)))


def _cross(thin: str, arm: str) -> str:
    return f"h{thin}v{arm}h{arm}v{thin}h-{arm}v{arm}h-{thin}v-{arm}h-{arm}v-{thin}h{arm}z"


def _lines(lines: list[Points], eye: Eye, look: str) -> str:
    paths = ("L".join(f"{x:.4g} {y:.4g}" for x, y, _ in eye.sees(line)) for line in lines)
    return f'<path {look} d="M{"M".join(paths)}"/>'
