"""`python -m ulpm_core measure`: figures of features, of a network's recording, or of a run, at one moment or all."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from ulpm_core.analysis.collapse import CENTRED, UNCENTRED
from ulpm_core.analysis.imbalance import size_cosines
from ulpm_core.analysis.metrics import summed, values_of
from ulpm_core.analysis.optimum import best_known
from ulpm_core.analysis.peers import peers
from ulpm_core.analysis.rounding import rounding_of
from ulpm_core.analysis.separation import separation_metrics
from ulpm_core.files.features import CHOSEN, MEASURED, load_features
from ulpm_core.files.npz import held_names
from ulpm_core.files.recording import RECORDED, load_recording
from ulpm_core.files.run import RUN_ARRAYS, load_run
from ulpm_core.model.refusal import refuse
from ulpm_core.networks.analysis import remembered
from ulpm_core.terminal import figures_at, say

RUN: Final = {*RUN_ARRAYS, "config"}
"""Arrays that tell a run."""
ALL: Final = "all"
FRAMES: Final = f"a whole number from 0, or from -1 back from the last, or {ALL}"

Look = Callable[[int], dict[str, Any]]
"""Gives the figures of a moment."""


def measure_command(options: argparse.Namespace) -> int:
    moments, look = _opened(options.features, options.peers, options.frame)
    chosen = options.frame
    if chosen == ALL:
        looks = [look(frame) for frame in range(moments)]
        say({name: [figures.get(name) for figures in looks] for name in looks[0]})
        return 0
    say(look(-1) if chosen is None else look(_frame(chosen, moments)))
    return 0


def _opened(path: str, others: bool, frame: str | None) -> tuple[int, Look]:
    """Returns how many moments a file holds, and how to look at one; `others` adds other authors' definitions, `frame`
    is what was asked for.
    """
    held = held_names(path)
    for name, kind in (("reached", "an ensemble"), ("study", "a sweep")):
        if name in held:
            run = "that of python -m ulpm_core run --seed 4 --out run.npz"
            raise refuse("features", Path(path), f"is {kind}, whose figures it holds itself", "one run", run, "measure")
    if held >= RECORDED:
        net = load_recording(path)
        return len(net), lambda at: net.measured(at) | (peers(remembered(net, at)) if others else {})
    if held >= RUN:
        run_ = load_run(path)
        precision = rounding_of(np.dtype(run_.config.dtype))
        return len(run_), lambda at: {
            "classes": run_.W.shape[1],
            "dimension": run_.W.shape[2],
            "samples": len(run_.labels),
            **figures_at(run_, at),
            **(peers(summed(run_.W[at], run_.H[at], run_.labels, precision)) if others else {}),
        }
    features = load_features(path, MEASURED if frame is None else CHOSEN)
    when = {} if frame is None or "epoch" not in held else {"epoch": features.epoch}
    return len(features.H), lambda at: {
        **{name: values[at] for name, values in when.items()},
        **_measured(*features.grouped(at), others),
    }


def _frame(text: str, moments: int) -> int:
    """The moment of that number. Raises :class:`ConfigError` for one that is not there."""
    try:
        frame = int(text)
    except ValueError:
        raise refuse("frame", text, "is no moment", FRAMES, -1) from None
    if not -moments <= frame < moments:
        raise refuse("frame", frame, "is not there", f"{-moments} to {moments - 1}, or {ALL}", -1)
    return frame


def _measured(
    H: np.ndarray, labels: np.ndarray, W: np.ndarray | None, bias: np.ndarray | None, precision: float, others: bool
) -> dict[str, Any]:
    """The figures of features (d, N), with classifiers (K, d) and their bias if there are any."""
    sums = summed(W, H, labels, precision, bias)
    sizes = sums.of.counts.tolist()
    figures: dict[str, Any] = {"classes": len(sizes), "dimension": len(H), "samples": len(labels)}
    figures |= {"rank": sums.of.rank, **values_of(sums, "features" if W is None else "networks")}
    if W is not None and bias is None:  # of a bias the separation problem knows nothing
        figures |= size_cosines(sums.classifiers[CENTRED], sums.of.counts, sums.classifiers[UNCENTRED])
        separated = bool(sums.q_min > 0.0)  # else nothing is defined, as at the origin, and exponents overflow
        uneven = len(set(sizes)) > 1  # no loss of equal margins knows their multipliers
        figures |= separation_metrics(separated * W, separated * H, labels, fitted=separated and uneven)
        figures["optimum"] = best_known(sizes, len(H)).value
    return figures | (peers(sums) if others else {})
