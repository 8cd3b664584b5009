"""Makes the claim of a figure from what was measured: a run, or the recording of a network."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

import numpy as np

from ulpm_core.analysis.collapse import cosines
from ulpm_core.analysis.curve import Curve
from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.escape import escape
from ulpm_core.analysis.projection import MAX_CLASSES
from ulpm_core.analysis.theory import theory
from ulpm_core.claims.at_a_moment import claim_at
from ulpm_core.claims.checks import COSINE
from ulpm_core.claims.claim import Claim, full, moment
from ulpm_core.claims.command import UNFINISHED, ended_at
from ulpm_core.claims.ideal import OF_THE_IDEAL, ideal_for
from ulpm_core.claims.peers import peer_claim, peers_of
from ulpm_core.claims.theorem import OF_A_FLOW, interval_of, theorem_claims
from ulpm_core.claims.words import OF_AN_ESCAPE
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.film import crowd
from ulpm_core.film import escape as escape_film
from ulpm_core.film.curves import defined_for
from ulpm_core.film.depth import curve_of_layer
from ulpm_core.film.network import curves_of, digest_of
from ulpm_core.model.initialisation import saddle_state
from ulpm_core.model.plain import plain
from ulpm_core.model.refusal import ConfigError, refuse
from ulpm_core.model.shapes import Array, Shaped
from ulpm_core.networks.analysis import centred_means, is_given
from ulpm_core.networks.recording import Recording


def claim_of(measured: Trajectory | Recording, name: str, snapshot: int = -1, *, digest: str = "") -> Claim:
    """The claim of a curve of :data:`ulpm_core.analysis.curves.CURVES`, of an escape, of what is best
    (:data:`ulpm_core.claims.ideal.OF_THE_IDEAL`), of a whole flow (:data:`ulpm_core.claims.theorem.OF_A_FLOW`), or of
    other authors (:data:`ulpm_core.analysis.peers.PEERS`), at one snapshot.

    `measured` is a run as :func:`ulpm_core.simulate` and :func:`ulpm_core.files.run.load_run` return it, W (T, K, d)
    and H (T, d, N), or a recording; `snapshot` counts its T states, from the end where it is negative. `digest` is that
    of a recording, where it is known. Raises :class:`ConfigError` for a figure or a snapshot that there is not, and for
    one that is not defined there.

    >>> from ulpm_core import RunConfig, simulate
    >>> claim = claim_of(simulate(RunConfig(steps=100)), "gamma")
    >>> print(claim.command[0])
    python -m ulpm_core run --steps 100 --out run.npz
    >>> claim.interval[1] <= 1.0
    True
    """
    curves = _curves(measured, name)
    if isinstance(measured, Recording) and name not in curves:
        name = curve_of_layer(measured, name)
    of_a_flow = isinstance(measured, Trajectory) and measured.config.flows and name in OF_A_FLOW
    peers = peers_of(measured)
    if name not in {*curves, *peers} and not of_a_flow:
        near = get_close_matches(name.lower(), names := names_of(measured), 5, 0.3) or names[:5]
        raise refuse("name", name, "is no figure of this file", f"a figure of it, such as {', '.join(near)}", near[0])
    if not -len(measured) <= snapshot < len(measured):
        raise refuse("snapshot", snapshot, "is none of this file's", f"{-len(measured)} to {len(measured) - 1}", -1)
    t = snapshot % len(measured)
    at = _moment(measured, t)
    ended = _ended(measured, t, at)
    if isinstance(measured, Trajectory) and of_a_flow and name not in curves:
        if t < len(measured) - 1:
            raise _undefined(name, at, None, "the end: it is of the whole run")
        claims = theorem_claims(measured.config, plain(theory(measured)), at, ended)
        if name not in claims:
            raise _undefined(name, at, next(iter(claims), None))
        return claims[name]
    digest = digest or (digest_of(measured) if isinstance(measured, Recording) else "")
    if name in peers and (claim := peer_claim(measured, name, t, at, digest=digest, ended=ended)):
        return claim
    value = float(curves[name].of(measured)[t]) if name in curves else math.nan
    if not math.isfinite(value):
        raise _undefined(name, at, next((c.name for c in curves.values() if math.isfinite(c.of(measured)[t])), None))
    return claim_at(
        measured.config,
        curves[name],
        value,
        at,
        digest=digest,
        interval=None if isinstance(measured, Recording) else interval_of(name, _end_of(measured, t)),
        ended=ended,
        given=isinstance(measured, Recording) and is_given(measured),
    )


def names_of(measured: Trajectory | Recording) -> list[str]:
    """The names of the figures of a file that can be claimed, but for cosines between two classes: `cosine_0_1`.

    >>> from ulpm_core import RunConfig, simulate
    >>> names_of(simulate(RunConfig(steps=3)))[:2]
    ['loss', 'value']
    """
    flows = isinstance(measured, Trajectory) and measured.config.flows
    return [*_curves(measured, *OF_AN_ESCAPE, crowd.SPECTRUM), *(OF_A_FLOW if flows else ()), *peers_of(measured)]


def snapshot_at(measured: Trajectory | Recording, step: int | None = None, log_time: float | None = None) -> int:
    """The last snapshot of a step, or the one nearest to a log time; the end where neither is given.

    Raises :class:`ConfigError` for a step that was not recorded, and for a log time beyond the run's.

    >>> from ulpm_core import RunConfig, simulate
    >>> run = simulate(RunConfig(steps=100))
    >>> int(run.step[snapshot_at(run)]), int(run.step[snapshot_at(run, step=3)])
    (100, 3)
    """
    if step is not None:
        found = np.flatnonzero(measured.step == step)
        if not len(found):
            nearest = int(measured.step[np.abs(measured.step - step).argmin()])
            raise refuse("step", step, "was not recorded", f"a step that was, such as {nearest}", nearest)
        return int(found[-1])
    if log_time is None:
        return len(measured) - 1
    known = np.where(np.isfinite(measured.log_time), measured.log_time, np.nan)
    if not np.isfinite(known).any():
        raise refuse("log_time", full(log_time), "cannot be found: no snapshot has one", "step")
    low, high = float(np.nanmin(known)), float(np.nanmax(known))
    if not low - 1e-6 * abs(low) <= log_time <= high + 1e-6 * abs(high):
        raise refuse("log_time", full(log_time), "is outside this run", f"{low:.6g} to {high:.6g}", f"{high:.6g}")
    return int(np.nanargmin(np.abs(known - log_time)))


def _curves(measured: Trajectory | Recording, *names: str) -> dict[str, Curve]:
    """The curves of a file by their names; those that take long, of an escape or a spectrum, and cosines of two
    classes only where one of them is among the names that are asked for.
    """
    if isinstance(measured, Recording):
        tabled = (c for c in CURVES.values() if c.figure and (measured.classified or c.on == "features"))
        known = [curve for curve in (*tabled, *curves_of(measured)) if curve.known(measured)]
    else:
        known = [defined_for(measured.config, curve) for curve in CURVES.values() if _is_of(measured, curve)]
        known += [ideal_for(measured.config, curve) for curve in OF_THE_IDEAL.values()]
        if not set(names).isdisjoint(OF_AN_ESCAPE) and measured.config.saddle is not None:
            known += escape_film.curves(escape(measured, saddle_state(measured.config), None))
    if any(name.startswith(crowd.SPECTRUM) for name in names) and measured.W.shape[1] > MAX_CLASSES:
        known += crowd.spectrum_curves(_centred_means(measured), np.arange(len(measured)))
    return {
        curve.name: curve for curve in [*known, *(pair for name in names for pair in _of_two_classes(measured, name))]
    }


def _of_two_classes(measured: Trajectory | Recording, name: str) -> Iterator[Curve]:
    """The cosine between two classes, `cosine_0_1` and so on, if it is asked for."""
    if found := COSINE.fullmatch(name):
        a, b = map(int, found.groups())
        if a != b and max(a, b) < measured.W.shape[1]:
            pair = _centred_means(measured)[:, [a, b]]
            names = measured.names if isinstance(measured, Recording) else tuple(map(str, range(1, max(a, b) + 2)))
            definition = (
                f"Cosine between the centred means of the classes {names[a]} and {names[b]}; −1/(K−1) at a simplex."
            )
            yield Curve(name, "", definition, "features", values=lambda _: cosines(pair)[:, 0, 1], scale="signed")


def _centred_means(measured: Trajectory | Recording) -> Shaped[Array, "T K d"]:
    """The class means less the mean over all samples."""
    if isinstance(measured, Recording):
        return centred_means(measured)[0]
    sizes = np.bincount(measured.labels)
    sums = np.add.reduceat(measured.H, np.cumsum(sizes) - sizes, axis=-1)
    return np.swapaxes(sums / sizes - measured.H.mean(axis=-1, keepdims=True), -1, -2)


def _is_of(run: Trajectory, curve: Curve) -> bool:
    return curve.known(run) and (curve.values is None or curve.beside not in ("networks", "spectral", "entries")
        or curve.beside == run.config.step_rule.geometry)  # fmt: skip


def _undefined(
    name: str, at: Mapping[str, float], other: str | None, use: str = "another figure or moment"
) -> ConfigError:
    """Returns the refusal of a figure that is not defined at a moment."""
    return refuse("name", f"{name} at {moment(dict([*at.items()][:1]))}", "is not defined", use, other)


def _moment(measured: Trajectory | Recording, t: int) -> dict[str, float]:
    if isinstance(measured, Recording) and is_given(measured):
        return {"moment": t}
    at: dict[str, float] = {"step": int(measured.step[t])}
    if math.isfinite(log_time := float(measured.log_time[t])):
        at["log_time"] = log_time
    return at | ({"epoch": float(measured.epoch[t])} if isinstance(measured, Recording) else {})


def _end_of(run: Trajectory, t: int) -> dict[str, float]:
    """The figures of a snapshot that prove where the best lies, if they were measured."""
    proving = ("duality_gap", "gamma", "objective")
    return {name: float(run.metrics[name][t]) for name in proving if name in run.metrics}


def _ended(measured: Trajectory | Recording, t: int, at: Mapping[str, float]) -> dict[str, object] | None:
    """The parameters that end a run here, if it was stopped here; None where it was not."""
    if measured.outcome not in UNFINISHED or t < len(measured) - 1 or at.get("step", 0) <= 0:
        return None
    if isinstance(measured, Recording):
        return {}
    return ended_at(measured.config, at, flowing=measured.hand_over is not None)
