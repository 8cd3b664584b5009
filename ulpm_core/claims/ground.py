"""The claims of a saddle's landscape: the figures of `python -m ulpm_core landscape`, checked by a dense Hessian."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from ulpm_core.analysis.curve import Curve
from ulpm_core.analysis.landscape import Landscape
from ulpm_core.analysis.saddles import SADDLE_FIELDS, exact
from ulpm_core.claims.at_a_moment import claim_at
from ulpm_core.claims.checks import RUN
from ulpm_core.claims.claim import Claim, full
from ulpm_core.claims.command import making, options_of
from ulpm_core.claims.digits import digits_of
from ulpm_core.claims.words import WORDS
from ulpm_core.model.config import RunConfig

ROUNDINGS: Final = 1e-14
"""What some tens of roundings leave, relative to the largest of what is added."""
GROUND: Final = """P = np.exp(W @ H - (W @ H).max(axis=0))
P /= P.sum(axis=0)
Y = np.eye(K)[:, y]
G = (P - Y){mean}  # dL/dZ
g = np.concatenate([(G @ H.T).ravel(), (W.T @ G).ravel()])
v = np.concatenate([W.ravel(), H.ravel()])
lam = -(g @ v) / (v @ v or 1.0)"""
HESSIAN: Final = """E = np.eye(len(v))  # all directions (X, V), one a row: a few thousand take a minute
X, V = E[:, : W.size].reshape(-1, *W.shape), E[:, W.size :].reshape(-1, *H.shape)
S = X @ H + W @ V  # how each moves the logits, and then the gradient
T = P * (S - (P * S).sum(axis=1, keepdims=True)){mean}  # and so G
moved = T @ H.T + G @ V.swapaxes(1, 2), W.T @ T + X.swapaxes(1, 2) @ G
A = np.concatenate([part.reshape(len(v), -1) for part in moved], axis=1)
R = np.outer(v, v) / (v @ v or 1.0)  # along the ray, off the sphere
A = (E - R) @ (A + lam * E) @ (E - R)
print(np.linalg.eigvalsh(A + np.abs(A).sum(axis=0).max() * R)[0])"""
FLOOR: Final = "print(N * np.log1p((K - 1) * np.exp(-(v @ v) / (2 * (K - 1) * n[0] ** 0.5))){mean})"
SIDEWAYS: Final = "print(np.linalg.norm(g + lam * v))"


class Ground(NamedTuple):
    """A figure of a landscape: its name in what the command prints, its definition, and the last lines of its check."""

    said: str
    definition: str
    check: str


FIGURES: Final[Mapping[str, Ground]] = {
    "loss": Ground("loss", "Cross-entropy at the saddle, in nats.", "print(-np.log(P[y, i]).sum(){mean})"),
    "multiplier": Ground(
        "lambda",
        "λ = −⟨∇L, θ⟩ / ‖θ‖², θ = (W, H): at a point that is stationary on its sphere ∇L = −λ θ.",
        "print(lam)",
    ),
    "gradient_operator_norm": Ground(
        "gradient_operator_norm", "Largest singular value of G = dL/dZ, Z = W H.", "print(np.linalg.norm(G, 2))"
    ),
    "least_tangent_eigenvalue": Ground(
        "least_tangent_eigenvalue",
        "Least eigenvalue of the second derivative of L on the sphere ‖θ‖ = const, of ∇²L + λ on its tangent space.",
        HESSIAN,
    ),
    "multiplier_gap": Ground(
        "multiplier_gap",
        "λ − ‖G‖, ‖G‖ the largest singular value of G = dL/dZ: the curvature along (u αᵀ, −α vᵀ) / √2 for a unit α"
        " outside all features, and none is lower.",
        "print(lam - np.linalg.norm(G, 2))",
    ),
    "loss_floor": Ground(
        "loss_floor", "N log(1 + (K − 1) exp(−‖θ‖² / (2 (K − 1) √n))): no state of this norm has a lower loss.", FLOOR
    ),
    "tangent_gradient_norm": Ground(
        "tangent_gradient_norm", "Norm of the part of ∇L along the sphere: 0 where the state is stationary.", SIDEWAYS
    ),
}
"""By the names that :class:`ulpm_core.analysis.landscape.Landscape` gives them."""


def landscape_claims(config: RunConfig, found: Landscape) -> dict[str, Claim]:
    """Returns the claims of the landscape at the saddle that a run starts beside, by the names of FIGURES.

    `found` is the landscape at the saddle itself; the config of a claim is that of a run that starts on it.

    >>> from ulpm_core.analysis.landscape import landscape
    >>> from ulpm_core.model.initialisation import saddle_state
    >>> config = RunConfig(initialisation="square", dimension=3, per_class=2)
    >>> claims = landscape_claims(config, landscape(saddle_state(config)))
    >>> claims["multiplier"].command[1]
    'python -m ulpm_core landscape --saddle square --classes 4 --per-class 2'
    """
    on_it = RunConfig(**{name: getattr(config, name) for name in SADDLE_FIELDS}, push=0.0, steps=1)
    mean = " / N" if config.loss_reduction == "mean" else ""
    known = exact(config)._asdict()
    known["multiplier_gap"] = known["multiplier"] - known["gradient_operator_norm"]
    floors = _floors(found)
    claims = {}
    for name, (said, definition, last) in FIGURES.items():
        value = float(getattr(found, name))
        if not math.isfinite(value):
            continue
        check = "\n".join(part.format(mean=mean) for part in (RUN.format(where=0), GROUND, last))
        claim = claim_at(on_it, Curve(said, "", definition), value, {"step": 0}, check=check)
        lines = (making(on_it, "run.npz", {}), _asked(on_it))
        notes = [WORDS["landscape"].format(name=said)]
        notes += [WORDS["closed-form"].format(value=full(known[name]))] if known.get(name) is not None else []
        digits = digits_of(value, floors[name])
        claims[name] = replace(claim, command=lines, notes=tuple(notes), floor=floors[name], digits=digits)
    return claims


def _asked(on_it: RunConfig) -> str:
    """Returns the command that prints the landscape; without classes it would take those that fit the dimension."""
    usual = {name: getattr(RunConfig, name) for name in ("initialisation", "classes", "push", "steps")}
    asked = [f"--saddle {on_it.initialisation}", f"--classes {on_it.classes}", *options_of(on_it, usual)]
    return " ".join(["python -m ulpm_core landscape", *asked])


def _floors(found: Landscape) -> dict[str, float]:
    """Returns the sizes below which figures are rounding, of what is subtracted from each other or solved for."""
    steepest = float(abs(found.eigenvalues).max(initial=0.0)) or found.gradient_operator_norm
    between = found.gradient_operator_norm + abs(found.multiplier)
    return dict.fromkeys(FIGURES, 0.0) | {
        "least_tangent_eigenvalue": ROUNDINGS * steepest,
        "multiplier_gap": ROUNDINGS * between,
        "multiplier": ROUNDINGS * between,
        "tangent_gradient_norm": ROUNDINGS * between * max(found.norm, 1.0),
    }
