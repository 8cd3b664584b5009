"""Other authors' definitions once more, from their formulas by double loops and dense matrices, for `test_peers.py`.

`features` and `classifiers` are rows as their code has them: (N, d) and (K, d).
"""

from __future__ import annotations

import itertools
import math

import numpy as np


def class_means(features, labels):
    K = int(max(labels)) + 1
    return np.array([np.mean([h for h, y in zip(features, labels, strict=True) if y == k], axis=0) for k in range(K)])


def scatter(features, labels):
    """Tr-able Sigma_W (d, d), an outer product for each sample."""
    means, d = class_means(features, labels), features.shape[1]
    total = np.zeros((d, d))
    for h, y in zip(features, labels, strict=True):
        total += np.outer(h - means[y], h - means[y])
    return total / len(features)


def variation(vectors):
    lengths = [math.sqrt(sum(x * x for x in v)) for v in vectors]
    mean = sum(lengths) / len(lengths)
    return math.sqrt(sum((x - mean) ** 2 for x in lengths) / (len(lengths) - 1)) / mean


def coherence(vectors):
    K = len(vectors)
    pairs = itertools.permutations(range(K), 2)
    cosines = [vectors[j] @ vectors[k] / np.linalg.norm(vectors[j]) / np.linalg.norm(vectors[k]) for j, k in pairs]
    return sum(abs(c + 1 / (K - 1)) for c in cosines) / (K * (K - 1))


def structure(A, B):
    """Distance of the (K, K) products over their norm from the simplex's own over theirs."""
    K = len(A)
    products = [[float(a @ b) for b in B] for a in A]
    size = math.sqrt(sum(p * p for row in products for p in row))
    ideal = [[((j == k) - 1 / K) / math.sqrt(K - 1) for k in range(K)] for j in range(K)]
    return math.sqrt(sum((products[j][k] / size - ideal[j][k]) ** 2 for j in range(K) for k in range(K)))


def cdnv(features, labels):
    means = class_means(features, labels)
    K = len(means)
    variances = []
    for k in range(K):
        own = [h for h, y in zip(features, labels, strict=True) if y == k]
        variances.append(sum(float(h @ h) for h in own) / len(own) - float(means[k] @ means[k]))
    terms = []
    for j in range(K):
        for k in range(j + 1, K):
            apart = means[j] - means[k]
            terms.append((variances[j] + variances[k]) / 2 / float(apart @ apart))
    return sum(terms) / len(terms)


def peers(features, labels, classifiers, bias, uneven):
    """Every name that `measure --peers` prints."""
    means = class_means(features, labels)
    K, centres = len(means), {"samples": features.mean(axis=0), "classes": means.mean(axis=0)}
    found = {"cdnv": cdnv(features, labels)}
    if classifiers is not None:
        found |= {
            "nc2_norms_w_papyan": variation(classifiers),
            "nc2_angles_w_papyan": coherence(classifiers),
            "nc2_zhu": structure(classifiers, classifiers),
            "bias_zhu": float(np.linalg.norm(classifiers @ centres["samples"] + (0 if bias is None else bias))),
            "nc0": float(np.linalg.norm(sum(classifiers))),
        }
    for centre, by in centres.items():
        M = means - by
        between = M.T @ M / K
        units = [m / np.linalg.norm(m) for m in M]
        apart = [math.log(1 / np.linalg.norm(units[j] - units[k])) for j in range(K) for k in range(j + 1, K)]
        of = {
            "nc1_papyan": float(np.trace(scatter(features, labels) @ np.linalg.pinv(between, rcond=1e-11))),
            "nc2_norms_papyan": variation(M),
            "nc2_angles_papyan": coherence(M),
            "nc2_wu": structure(M, M),
            "gnc2_wu": sum((x - sum(apart) / len(apart)) ** 2 for x in apart) / len(apart),
        }
        if classifiers is not None:
            W, H = (A / np.sqrt((A * A).sum()) for A in (classifiers, M))
            logits = [float(w @ m) for w, m in zip(classifiers, M, strict=True)]
            of |= {
                "nc3_papyan": float(((W - H) ** 2).sum()),
                "nc3_zhu": structure(classifiers, M),
                "nc3_uniform_wu": sum((x - sum(logits) / K) ** 2 for x in logits) / (K - 1),
            }
        for name, value in of.items():
            own = "samples" if name == "nc3_zhu" else "classes"
            if centre == own:
                found[name] = value
            elif uneven:
                found[name + ("_class_centred" if own == "samples" else "_sample_centred")] = value
    return found
