"""Draws a film as one moving picture: an SVG without scripts, for pages that show pictures alone, such as a README.

Its frames lie over each other, each shown for its part of the round; whoever asks for less motion sees the last one.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from app.player.picture import SIDE, picture
from ulpm_core.film.film import Film

MOMENTS: Final = 48
"""Frames of the round: with more it would be smoother, and larger."""
REST: Final = 16
"""Further times that the last frame is shown, so that there is time to look at it."""
MOMENT_SECONDS: Final = 0.11
PER_CLASS: Final = 8
"""Samples of each class that are drawn."""
CURVES: Final = (("nc1_trace_ratio", "NC1 spread"), ("nc2_angles", "NC2 angles"), ("nc3", "NC3 W − means"))
WIDTH, TOP, BOTTOM, LEFT = 760, 60, 330, 450
"""Pixels: the width of the whole, and the place of the curves beside the stage."""
RIGHT: Final = WIDTH - 20
DECADES: Final = 4
"""Powers of ten from the top of the curves to their foot."""
COLOURS: Final = ("#0072B2", "#D55E00", "#009E73")
STYLE: Final = (
    "svg{color:#20242c;font:14px system-ui,sans-serif}.m{visibility:hidden;animation:m %.2fs steps(1) infinite}"
    "@keyframes m{0%%{visibility:visible}%.4f%%{visibility:hidden}}.last{animation-name:l}"
    "@keyframes l{0%%{visibility:visible}%.4f%%{visibility:hidden}}"
    "@media(prefers-color-scheme:dark){svg{color:#e8ebf0;--fp-ground:#11151c}}"
    "@media(prefers-reduced-motion){.m{animation:none}.last{visibility:visible}}"
)


def moving_picture(film: Film) -> str:
    """Returns a film of steps and then log time as an SVG document that plays by itself, round and round: its stage,
    and beside it the curves of NC1, NC2 and NC3 on a logarithmic axis, drawn as far as the moment.
    """
    frames = np.unique(np.linspace(0, film.header["frames"] - 1, MOMENTS).round().astype(int))
    rounds = len(frames) + REST
    seconds = rounds * MOMENT_SECONDS
    style = STYLE % (seconds, 100 / rounds, 100 * (REST + 1) / rounds)
    title = "Features of four classes run into their class means, which turn into a tetrahedron."
    moments = "".join(
        f'<g class="m{" last" * (i == len(frames) - 1)}" style="animation-delay:{i * MOMENT_SECONDS - seconds:.2f}s">'
        f"{_scene(film, frame)}{_curves(film, frame)}</g>"
        for i, frame in enumerate(frames.tolist())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {SIDE}" role="img" aria-label="{title}">'
        f"<style>{style}</style>{_axes(film)}{moments}</svg>\n"
    )


def _scene(film: Film, frame: int) -> str:
    drawn = picture(film, frame, PER_CLASS * film.header["classes"])
    return drawn.replace("<svg ", f'<svg width="{SIDE}" height="{SIDE}" ', 1)


def _axes(film: Film) -> str:
    """Draws the frame of the curves and their names: each grid line is a power of ten, and where the flow takes over
    from the steps stands a dashed one.
    """
    lines = "".join(f"M{LEFT} {_y(10.0**-n):.1f}H{RIGHT}" for n in range(DECADES + 1))
    powers = "".join(
        f'<text x="{LEFT - 6}" y="{_y(10.0**-n) + 5:.1f}" text-anchor="end" opacity=".7">{power}</text>'
        for n, power in ((0, "1"), (2, ".01"), (4, ".0001"))
    )
    names = "".join(
        f'<text x="{LEFT + dx}" y="{BOTTOM + 32}" fill="{colour}">{label}</text>'
        for dx, colour, (_, label) in zip((0, 92, 184), COLOURS, CURVES, strict=True)
    )
    hand_over, steps = _x(film, film.header["flow_from"]), f"{film.header['config']['steps']:,} steps"
    clock = (
        f'<path stroke="currentColor" stroke-dasharray="3 4" opacity=".6" d="M{hand_over:.0f} {TOP - 8}V{BOTTOM}"/>'
        f'<text x="{hand_over - 6:.0f}" y="{TOP - 14}" text-anchor="end">{steps}</text>'
        f'<text x="{hand_over + 6:.0f}" y="{TOP - 14}">then log time</text>'
    )
    return f'<path stroke="currentColor" opacity=".18" d="{lines}"/><g fill="currentColor">{powers}{names}{clock}</g>'


def _curves(film: Film, frame: int) -> str:
    """Draws the curves from the start to a frame, every other moment of them, as far as they are above the foot."""
    paths = []
    for colour, (name, _) in zip(COLOURS, CURVES, strict=True):
        values = film.arrays[name][: frame + 1 : 2].tolist()
        points = [f"{_x(film, 2 * i):.0f} {_y(v):.1f}" for i, v in enumerate(values) if v > 10.0**-DECADES]
        paths.append(f'<path fill="none" stroke="{colour}" stroke-width="2.5" d="M{"L".join(points)}"/>')
    return "".join(paths)


def _x(film: Film, frame: int) -> float:
    return LEFT + (RIGHT - LEFT) * frame / (film.header["frames"] - 1)


def _y(value: float) -> float:
    return TOP + (BOTTOM - TOP) * min(1.0, max(0.0, -math.log10(value) / DECADES))
