"""Checks of a figure that use nothing of ours: a few lines of NumPy over the W and H of a saved file.

Each is written from the definition, and in another way than `ulpm_core/analysis` measures it. The player carries the
same lines (`app/terms/claims.py`), so a claim that is copied from an offline film can be checked as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ulpm_core.analysis.collapse import CLASS_CENTRED, UNCENTRED
from ulpm_core.claims.claim import full
from ulpm_core.claims.command import key_of
from ulpm_core.model.config_base import Described
from ulpm_core.model.parameters import AS_FOR_W

RUN: Final = """import numpy as np
run = np.load("run.npz")
t = {where}
W, H, y = run["W"][t].astype(float), run["H"][t].astype(float), run["labels"]
K, N, n, i = len(W), len(y), np.bincount(y), np.arange(len(y))"""
NET: Final = """import numpy as np
run = np.load("net.npz")
t = {where}
W, M, n = run["W"][t], run["means"][t], run["counts"]
K = len(W)
C, V = M - n @ M / n.sum(), W - W.mean(axis=0)"""
FEATURES: Final = """import numpy as np
run = np.load("features.npz")
t = {where}
H, y = run["H"].astype(float), run["labels"].astype(int)
W = run["W"].astype(float) if "W" in run else np.zeros((y.max() + 1, H.shape[-2]))
H, W = (each[t] if each.ndim == 3 else each for each in (H, W))
K, N, n, i = len(W), len(y), np.bincount(y), np.arange(len(y))"""
WHERE: Final = {
    "step": 'np.abs(run["step"] - {step}).argmin()',
    "log_time": 'np.abs(run["log_time"] - {log_time}).argmin()',
}
"""The snapshot by what a film or a file knows of it."""
MEANS: Final = """M = np.array([H[:, y == k].mean(axis=1) for k in range(K)])  # class means
C, V = M - H.mean(axis=1), W - W.mean(axis=0)  # both centred"""
AS_THEY_ARE: Final = """M = np.array([H[:, y == k].mean(axis=1) for k in range(K)])  # class means
C, V = M, W  # not centred"""
BY_CLASS: Final = """M = np.array([H[:, y == k].mean(axis=1) for k in range(K)])  # class means
C, V = M - M.mean(axis=0), W - W.mean(axis=0)  # less the mean of class means"""
MARGIN: Final = """Z = W @ H
own = Z[y, i]
Z[y, i] = -np.inf
q = (own - Z.max(axis=0)).min()  # the smallest margin"""
LEAST: Final = """Y = np.eye(K)[:, y]
least = np.linalg.norm(Y - Y.mean(axis=0), "nuc")  # (K - 1) sqrt(n) for one size"""
PULL: Final = """A = W @ H
A = A - A[y, i]  # minus the margins
A[y, i] = -np.inf
P = A - np.logaddexp(0, np.logaddexp.reduce(A, axis=0))  # log softmax, wrong classes
L = np.exp(P - P.max())  # multipliers, up to a factor
q, size = -A.max(), (W**2).sum() + (H**2).sum()
D = -L
D[y, i] = L.sum(axis=0)
pull_W, pull_H = D @ H.T, W.T @ D"""
ENTROPY: Final = """A = W @ H
A = A - A[y, i]
A[y, i] = -np.inf
s = np.logaddexp.reduce(A, axis=0)
s = np.where(s < -30, s, np.log(np.logaddexp(0, np.maximum(s, -30))))
log_loss = np.logaddexp.reduce(s){mean}"""
SQUARES: Final = """log_loss = np.log(((W @ H - np.eye(K)[:, y]) ** 2).sum() / 2){mean}"""
SMOOTHED: Final = """Z = W @ H
a, lse = {smoothing}, np.logaddexp.reduce(Z, axis=0)
log_loss = np.log((lse - (1 - a) * Z[y, i] - a * Z.mean(axis=0)).sum()){mean}"""
LOSSES: Final = {"cross-entropy": ENTROPY, "squared-error": SQUARES, "label-smoothing": SMOOTHED}
MEAN: Final = {"sum": "", "mean": " - np.log(N)"}
NEEDS: Final = {
    "means": MEANS,
    "as they are": AS_THEY_ARE,
    "by class": BY_CLASS,
    "margin": MARGIN,
    "least": LEAST,
    "pull": PULL,
}
"""What several checks begin with, beside the loss, which depends on the run."""
LENGTHS: Final = "lengths = np.linalg.norm({of}, axis=1)\nprint(lengths.std() / lengths.mean())"
ANGLES: Final = (
    "unit = {of} / np.linalg.norm({of}, axis=1, keepdims=True)\n"
    "print(np.abs(unit @ unit.T + 1 / (K - 1))[~np.eye(K, dtype=bool)].mean())"
)
SIZES: Final = (
    "unit = (V / np.linalg.norm(V, axis=1, keepdims=True))[n == n.{which}()]\n"
    "print((unit @ unit.T)[~np.eye(len(unit), dtype=bool)].mean())"
)
CENTRES: Final = {
    "nc1_trace_ratio": "print(((H - M[y].T) ** 2).sum() / N / ((C**2).sum() / K))",
    "nc1": "_, s, B = np.linalg.svd(C / K**0.5, full_matrices=False)\n"
    "kept = s > 1e-12 * s[0]\n"
    "print(((B[kept] / s[kept, None] @ (H - M[y].T)) ** 2).sum() / N / K)",
    "nc2_norms": LENGTHS.format(of="C"),
    "nc2_norms_w": LENGTHS.format(of="V"),
    "nc2_angles": ANGLES.format(of="C"),
    "nc2_angles_w": ANGLES.format(of="V"),
    "nc3": "print(np.linalg.norm(V / np.linalg.norm(V) - C / np.linalg.norm(C)))",
}
"""Metrics of class means and classifiers, centred or as they are."""
SPECTRUM: Final = """s = np.linalg.svd(C, compute_uv=False)[: min(K - 1, C.shape[1])]
print(s[round({share} * (len(s) - 1))] / np.sqrt((s**2).mean()))"""
SPECTRA: Final = {
    "spectrum_largest": SPECTRUM.format(share=0),
    "spectrum_median": SPECTRUM.format(share=0.5),
    "spectrum_smallest": SPECTRUM.format(share=1),
}
"""Of more classes than a stage holds."""
COSINE: Final = re.compile(r"cosine_(\d{1,4})_(\d{1,4})")
"""What the cosine between the centred means of two classes is called, by their numbers from 0."""
PAIR: Final = "print(C[{0}] @ C[{1}] / np.linalg.norm(C[{0}]) / np.linalg.norm(C[{1}]))"
IN_NET: Final = {
    **{name: CENTRES[name] for name in ("nc2_norms", "nc2_norms_w", "nc2_angles", "nc2_angles_w", "nc3")},
    **SPECTRA,
}
"""What a net.npz has all numbers of: the class means of all samples, and the classifiers."""
OF_FEATURES: Final = (*CENTRES, *(name + UNCENTRED for name in CENTRES), *SPECTRA)
"""What a features.npz has all numbers of, whether or not it has a bias, which moves margins and the loss."""
CHECKS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    **{name: (("means",), code) for name, code in CENTRES.items()},
    **{name + UNCENTRED: (("as they are",), code) for name, code in CENTRES.items()},
    **{name + CLASS_CENTRED: (("by class",), code) for name, code in CENTRES.items() if "_w" not in name},
    **{name: (("means",), code) for name, code in SPECTRA.items()},
    "nc4": (
        ("means",),
        "nearest = np.array([((H.T - mean) ** 2).sum(axis=1) for mean in M]).argmin(axis=0)\n"
        "print(((W @ H).argmax(axis=0) != nearest).mean())",
    ),
    "minority_cosine": (("means",), SIZES.format(which="min")),
    "majority_cosine": (("means",), SIZES.format(which="max")),
    "norm_h": ((), "print(np.linalg.norm(H))"),
    "norm_w": ((), "print(np.linalg.norm(W))"),
    "q_min": (("margin",), "print(q)"),
    "gamma": (("margin", "least"), "print(2 * least * q / ((W**2).sum() + (H**2).sum()))"),
    "gamma_gap": (("margin", "least"), "print(1 - 2 * least * q / ((W**2).sum() + (H**2).sum()))"),
    "gamma_spectral": (
        ("margin",),
        "Y = np.eye(K)[:, y]\n"
        'most = np.linalg.norm((Y - Y.mean(axis=0)) / n[y], "nuc")\n'
        "print((K - 1) * q / (most * np.linalg.norm(W, 2) * np.linalg.norm(H, 2)))",
    ),
    "gamma_entries": (
        ("margin",),
        "c = K / (K - 1) if K % 2 == 0 else (K + 1) / K\nprint(q / (c * len(H) * np.abs(W).max() * np.abs(H).max()))",
    ),
    "loss": (("loss",), "print(np.exp(log_loss))"),
    "minus_log_loss": (("loss",), "print(-log_loss)"),
    "kkt_stationarity": (
        ("pull",),
        "pulled = (pull_W**2).sum() + (pull_H**2).sum()\n"
        "a = ((pull_W * W).sum() + (pull_H * H).sum()) / pulled\n"
        "print(np.sqrt((((W - a * pull_W) ** 2).sum() + ((H - a * pull_H) ** 2).sum()) / size))",
    ),
    "kkt_feasibility": (("margin",), "print(np.maximum(1 - (own - Z) / q, 0).max())"),
    "kkt_signs": (("pull",), "print(np.maximum(-L, 0).max() / L.max())"),
    "kkt_complementarity": (
        ("pull",),
        "print((L[L > 0] * np.abs(-A[L > 0] / q - 1)).sum() / L.sum())",
    ),
    "objective": (("pull",), "print(size / (2 * q))"),
    "dual_bound": (("pull",), "print(L.sum() / np.linalg.norm(D, 2))"),
    "duality_gap": (("pull",), "print(size / (2 * q) / (L.sum() / np.linalg.norm(D, 2)) - 1)"),
}
"""What each check needs, and its last lines, which print the figure."""


VALUE: Final = "print(np.exp(log_loss) + {w} / 2 * (W**2).sum() + {h} / 2 * (H**2).sum())"
"""Of decay that is part of the gradient: another rests where its own value is least."""


def where_of(config: Described | None, at: Mapping[str, float], given: bool = False) -> str:
    """Returns the expression that finds a moment's snapshot in the arrays `run` of a file; of features that were
    `given` it is its number.

    >>> where_of(None, {"step": 3}), where_of(None, {"moment": 3}, given=True)
    ('np.abs(run["step"] - 3).argmin()', '3')
    """
    if given:
        return full(at["moment"])
    key = key_of(config, at)
    return WHERE[key].format(**{key: full(at[key])})


def check_of(name: str, config: Mapping[str, Any], where: str) -> str:
    """Returns the check of a figure of a run at the snapshot that the expression `where` finds in run.npz; empty where
    none is written for it. `config` holds the run's own loss, and how it is reduced.

    >>> print(check_of("norm_w", {}, "-1"))
    import numpy as np
    run = np.load("run.npz")
    t = -1
    W, H, y = run["W"][t].astype(float), run["H"][t].astype(float), run["labels"]
    K, N, n, i = len(W), len(y), np.bincount(y), np.arange(len(y))
    print(np.linalg.norm(W))
    """
    w = config.get("weight_decay", 0)
    h = config.get("weight_decay_h", AS_FOR_W)
    h = w if h == AS_FOR_W else h
    needs, last = CHECKS.get(name) or _of_two_classes(name)
    if name == "value" and config.get("decay", "coupled") == "coupled":
        needs, last = ("loss",), VALUE.format(w=w, h=h)
    if not last:
        return ""
    loss = LOSSES[str(config.get("loss", "cross-entropy"))]
    mean, smoothing = MEAN[str(config.get("loss_reduction", "sum"))], config.get("smoothing", 0.1)
    begun = {**NEEDS, "loss": loss.format(mean=mean, smoothing=smoothing)}
    return "\n".join([RUN.format(where=where), *(begun[need] for need in needs), last])


def check_of_recording(name: str, where: str, given: bool = False) -> str:
    """Returns the check of a figure of a recording in a net.npz, in which the features of most samples are not: of
    class means and classifiers; or of features that were `given` as features.npz. Empty for all others.

    >>> check_of_recording("loss", "-1"), check_of_recording("nc3", "-1", given=True).splitlines()[1]
    ('', 'run = np.load("features.npz")')
    """
    if given:
        needs, last = CHECKS[name] if name in OF_FEATURES else _of_two_classes(name)
        return "\n".join([FEATURES.format(where=where), *(NEEDS[need] for need in needs), last]) if last else ""
    last = IN_NET.get(name) or _of_two_classes(name)[1]
    return f"{NET.format(where=where)}\n{last}" if last else ""


def _of_two_classes(name: str) -> tuple[tuple[str, ...], str]:
    """What the check of a cosine needs, and its last line; empty for another figure."""
    found = COSINE.fullmatch(name)
    return (("means",), PAIR.format(*map(int, found.groups()))) if found else ((), "")
