"""What claims say, as templates that hold no formats: `claim.py` and `app/player/claim_words.js` fill them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "value": "{name} = {value} at {moment}",
    "step": "step {step}",
    "log_time": "log t = {log_time}",
    "epoch": "epoch {epoch}",
    "digits": "{digits} digits hold for these W and H, those behind them are rounding; another machine may round a run"
    " otherwise",
    "digit": "1 digit holds for these W and H, those behind it are rounding; another machine may round a run otherwise",
    "no-digits": "none holds: rounding alone makes up to {floor} here",
    "interval": "the best that any W and H can have of it lies between {low} and {high}, proved by this state's own"
    " multipliers (docs/theory.md 2.4)",
    "no-command": "no config is known: a loop of one's own recorded it, or it was given as features; python -m"
    " ulpm_core measure measures its file",
    "start": "start.npz holds the W and H from which the run was started; the SHA-256 of that state is {digest}",
    "cut": "the run was stopped there, before its end; the command ends it there",
    "cut-training": "the training was stopped there, before its end; one that goes on may not record just this step",
    "moment": "moment {moment}",
    "button": "What it is, and to copy it as a claim",
    "behind": "{link} behind the address of a lab",
    "no-check": "no check is written for it: it takes more than a few lines, or what the file does not hold",
    "slope": "Slope of log {of} against log log t, by least squares over all snapshots from log t = {low} to {high}."
    " {of} is: {definition}",
    "landscape": "the second command prints it among others, as {name}",
    "closed-form": "its closed form here is {value} (docs/theory.md 3.4 and 3.5)",
    "not-held": "net.npz does not hold the features of all samples, so this figure cannot be computed from it alone",
}
"""Sentences, by their names."""
HEADINGS: Final[Mapping[str, str]] = {
    "value": "Claim",
    "digits": "Digits",
    "definition": "Definition",
    "formula": "Formula",
    "source": "Source",
    "certificate": "Certificate",
    "config": "Config",
    "digest": "Digest",
    "link": "Link",
    "versions": "Versions",
    "command": "Made by",
    "note": "Note",
    "check": "Checked by",
}
"""The parts of a claim in their order. What is empty is left out."""
CODE: Final = ("command", "check")
"""Parts that are lines of code."""
PAPYAN: Final = "Papyan, Han and Donoho 2020, arXiv 2008.08186; docs/theory.md 4.1"
JI: Final = "Ji et al., ICLR 2022, arXiv 2110.02796; docs/theory.md {section}"
SOURCES: Final[Mapping[str, str]] = {
    "nc1": "Zhu et al. 2021, arXiv 2105.02375, after " + PAPYAN,
    "nc": PAPYAN,
    "gamma_spectral": "docs/theory.md 6.8",
    "gamma_entries": "docs/theory.md 6.8",
    "gamma": JI.format(section="2.5 and 6.1"),
    "q_min": JI.format(section="2.1"),
    "kkt": "Lyu and Li, ICLR 2020, arXiv 1906.05890; docs/theory.md 2.2",
    "smoothed": "Lyu and Li, ICLR 2020, arXiv 1906.05890; docs/theory.md 5.2",
    "slope": "docs/theory.md 5.5 and 5.6",
    "wide_slope": "docs/theory.md 5.6",
    "drift": "docs/theory.md 5.1",
    "spectrum": "docs/theory.md 4.1",
    "dual": "docs/theory.md 2.4",
    "objective": JI.format(section="2.1"),
    "loss_floor": "docs/theory.md 2.6",
    "lambda": "docs/theory.md 3.2",
    "gradient_operator_norm": "docs/theory.md 3.3",
    "least_tangent_eigenvalue": "docs/theory.md 3.3",
    "multiplier_gap": "docs/theory.md 3.3",
    "tangent_gradient_norm": "docs/theory.md 3.2",
    "loss": JI.format(section="1"),
    "minus_log_loss": JI.format(section="1"),
    "value": "docs/theory.md 6.3 to 6.7",
    "distance_to_ideal": "docs/theory.md 6.3 to 6.7",
    "certificate": "docs/theory.md 6.3 to 6.7",
    "depth": "docs/theory.md 4.1",
    "minority": "docs/theory.md 6.1",
    "majority": "docs/theory.md 6.1",
    "saddle_distance": "docs/theory.md 3",
    "above_floor": "docs/theory.md 3",
    "lowest_curvature": "docs/theory.md 3",
}
"""Where a figure comes from, by the beginning of its name; the first that fits is meant."""

OF_AN_ESCAPE: Final = ("saddle_distance", "above_floor", "lowest_curvature")
"""Figures of runs beside a saddle, whose films define them."""


def source_of(name: str) -> str:
    """Returns where a figure comes from; empty where its definition says all.

    >>> source_of("norm_w"), source_of("duality_gap")
    ('', 'docs/theory.md 2.4')
    """
    return next((source for start, source in SOURCES.items() if name.startswith(start)), "")
