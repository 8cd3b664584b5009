"""Figures as other authors define them (:mod:`ulpm_core.analysis.peers`, docs/theory.md 4.2): their claims, and their
checks by NumPy alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from ulpm_core.analysis.collapse import CENTRED, CLASS_CENTRED, Sums
from ulpm_core.analysis.curve import Curve
from ulpm_core.analysis.metrics import summed
from ulpm_core.analysis.peers import Peer, named_peers
from ulpm_core.analysis.rounding import rounding_of
from ulpm_core.claims.at_a_moment import claim_at
from ulpm_core.claims.checks import ANGLES, BY_CLASS, CENTRES, FEATURES, MEANS, NET, RUN, where_of
from ulpm_core.claims.claim import Claim
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.networks.analysis import is_given, remembered
from ulpm_core.networks.recording import Recording

LENGTHS: Final = "lengths = np.linalg.norm({of}, axis=1)\nprint(lengths.std(ddof=1) / lengths.mean())"
FRAME: Final = (
    "G, P = {0} @ {1}.T, np.eye(K) - 1 / K\nprint(np.linalg.norm(G / np.linalg.norm(G) - P / np.linalg.norm(P)))"
)
SPREAD: Final = "v = np.array([((H[:, y == k].T - M[k]) ** 2).mean(axis=0).sum() for k in range(K)])"
REMEMBERED: Final = 'v = run["spread"][t] / n'
"""The variance of each class, from all features or as a net.npz holds it."""
CODE: Final[Mapping[str, str]] = {
    "nc1_papyan": CENTRES["nc1"].removesuffix(" / K)") + ")",
    "nc2_norms_papyan": LENGTHS.format(of="C"),
    "nc2_norms_w_papyan": LENGTHS.format(of="W"),
    "nc2_angles_papyan": ANGLES.format(of="C"),
    "nc2_angles_w_papyan": ANGLES.format(of="W"),
    "nc3_papyan": "print(((W / np.linalg.norm(W) - C / np.linalg.norm(C)) ** 2).sum())",
    "nc2_zhu": FRAME.format("W", "W"),
    "nc3_zhu": FRAME.format("W", "C"),
    "bias_zhu": 'b = run["bias"] if "bias" in run else np.zeros(K)\n'
    "b = b[t] if b.ndim == 2 else b\n"
    "print(np.linalg.norm(W @ (n @ M / n.sum()) + b))",
    "cdnv": "a, b = np.triu_indices(K, 1)\nprint(((v[a] + v[b]) / 2 / ((M[a] - M[b]) ** 2).sum(axis=1)).mean())",
    "nc2_wu": FRAME.format("C", "C"),
    "gnc2_wu": "unit = C / np.linalg.norm(C, axis=1, keepdims=True)\n"
    "a, b = np.triu_indices(K, 1)\n"
    "print(np.log(np.linalg.norm(unit[a] - unit[b], axis=1)).var())",
    "nc3_uniform_wu": "print((W * C).sum(axis=1).var(ddof=1))",
    "nc0": "print(np.linalg.norm(W.sum(axis=0)))",
}
"""The last lines of each check, by the authors' own name: C are class means less a centre, M as they are, n sizes."""
CENTRE: Final = {CENTRED: "the mean over samples", CLASS_CENTRED: "the mean of class means"}


def peers_of(measured: Trajectory | Recording) -> dict[str, tuple[Peer, str]]:
    """Returns other authors' metrics of what was measured, each with the centre by which it is, by their names.

    >>> from ulpm_core import RunConfig, simulate
    >>> list(peers_of(simulate(RunConfig(steps=3))))[-3:]
    ['gnc2_wu', 'nc3_uniform_wu', 'nc0']
    """
    sizes = measured.counts if isinstance(measured, Recording) else np.bincount(measured.labels)
    classified = measured.classified if isinstance(measured, Recording) else True
    return named_peers(len(set(sizes.tolist())) > 1, classified)


def peer_claim(
    measured: Trajectory | Recording,
    name: str,
    t: int,
    at: Mapping[str, float],
    *,
    digest: str = "",
    ended: Mapping[str, object] | None = None,
) -> Claim | None:
    """Returns the claim of one of :func:`peers_of` at snapshot `t`, the moment `at`; None where it is not defined."""
    peer, centre = peers_of(measured)[name]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # what is not finite is not defined
        sums = _sums(measured, t)
        value = float(peer.measure(sums, centre))
    if not math.isfinite(value):
        return None
    given = isinstance(measured, Recording) and is_given(measured)
    floor = peer.rounding(sums, centre, value)
    where = where_of(measured.config, at, given)
    opened = RUN if isinstance(measured, Trajectory) else FEATURES if given else NET
    claim = claim_at(
        measured.config,
        Curve(name, "", _definition(peer, name, centre), floor=floor),
        value,
        at,
        digest=digest,
        ended=ended,
        check=_check(peer.name, opened, centre, where),
        given=given,
    )
    return replace(claim, source=f"{peer.source}; docs/theory.md 4.2")


def _sums(measured: Trajectory | Recording, t: int) -> Sums:
    if isinstance(measured, Recording):
        return remembered(measured, t)
    return summed(measured.W[t], measured.H[t], measured.labels, rounding_of(np.dtype(measured.config.dtype)))


def _definition(peer: Peer, name: str, centre: str) -> str:
    """What the authors define, and what the signs in it mean. Of classes of one size both centres are one."""
    by = peer.centre if name == peer.name and peer.centre is not None else centre
    less = "" if peer.centre is None else f"; class means less {CENTRE[by]}"
    return peer.definition + less + ("; Π = I - 11ᵀ/K" if "Π" in peer.definition else "") + "."


def _check(name: str, opened: str, centre: str, where: str) -> str:
    """The check of a metric from a file as it is opened; empty where the file does not hold what it takes."""
    last, is_net = CODE[name], opened == NET
    if is_net and name == "nc1_papyan":
        return ""
    means = "C = M - M.mean(axis=0)" if centre == CLASS_CENTRED else ""
    if not is_net:
        means = BY_CLASS if centre == CLASS_CENTRED else MEANS
    lines = [opened.format(where=where)]
    if re.search(r"\b[CM]\b", last):
        lines += [means] if means else []
    if name == "cdnv":
        lines.append(REMEMBERED if is_net else SPREAD)
    return "\n".join([*lines, last])
