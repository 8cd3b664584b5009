"""The collapse metrics NC1 to NC4, the margins, and gamma: the definition of each, read from sums over samples.

Symbols: hbar_k class means, hbar their mean over samples, hdot_k = hbar_k - hbar, Sigma_W = (1/N) sum (h - hbar_k)
(h - hbar_k)^T, Sigma_B = (1/K) sum hdot_k hdot_k^T, wdot_k = w_k - mean_j w_j. Uncentred variants take hbar_k and w_k
as they are. The sums take features chunk by chunk, so that a run and the largest data set are measured alike. What is
not defined (0/0: no spread, no norm, one pair) is NaN, never 0. Which of these are measured of what, and under which
names, says :mod:`ulpm_core.analysis.curves`. Where class sizes differ every sample weighs the same in hbar and Sigma_W,
and every class the same in Sigma_B, in NC2 and in NC3; variants that end in _class_centred take the mean of class means
in the place of hbar.
Sources: Papyan, Han, Donoho 2020; Zhu et al. 2021; Ji et al. 2022; docs/theory.md 4.1.
"""

from __future__ import annotations

import numpy as np

from ulpm_core.analysis.class_means import ClassMeans, class_sums
from ulpm_core.analysis.factors import decomposed
from ulpm_core.analysis.rounding import counted, rounding_length, without_rounding
from ulpm_core.model.shapes import Array, Labels, Shaped

CENTRED, UNCENTRED, CLASS_CENTRED = "", "_uncentred", "_class_centred"
"""Ways to take class means and classifiers, as the metrics' names end: less their mean over samples, as they are, and,
where class sizes differ, class means less the mean of class means, in which each class counts once.
"""


class Sums:
    """The sums over all samples from which every metric is read, at (...) moments; :meth:`add` adds a chunk.

    Deviations are taken from class means that are known already: sums of squares less squares of sums lose every digit
    once a network has collapsed. Without classifiers W only what needs none is summed; `bias` is the last layer's, if
    it has one. `by_class` takes the mean of class means, too, where class sizes differ.
    """

    def __init__(
        self,
        of: ClassMeans,
        W: Shaped[Array, "*T K d"] | None = None,
        bias: Shaped[Array, "K"] | None = None,
        by_class: bool = False,
    ):
        self.of, self.W, self.bias = of, W, bias
        K = len(of.counts)
        self.means = {CENTRED: of.centred, UNCENTRED: of.means}
        if by_class and len(set(of.counts.tolist())) > 1:
            self.means[CLASS_CENTRED] = of.centred - of.centred.mean(axis=-2, keepdims=True)
        self.whitening = {c: whitening(A, of.rounding, K - (c != UNCENTRED)) for c, A in self.means.items()}
        none: Array = np.asarray(0.0)
        self.spread = self.wrong = self.disagree = none
        self.whitened = dict.fromkeys(self.means, none)
        self.q_min: Array = np.asarray(np.inf)
        if W is not None:
            self.energy_w = (W**2).sum(axis=(-2, -1))
            rounding = rounding_length(self.energy_w, K, of.precision)
            centred = without_rounding(W - W.mean(axis=-2, keepdims=True), rounding)
            self.classifiers = {CENTRED: centred, UNCENTRED: W, CLASS_CENTRED: centred}

    @classmethod
    def remembered(
        cls,
        W: Shaped[Array, "*T K d"],
        means: Shaped[Array, "*T K d"],
        counts: Shaped[Labels, "K"],
        q_min: Shaped[Array, "*T"],
        gamma: Shaped[Array, "*T"],
        by_class: bool = False,
    ) -> Sums:
        """Returns the sums of samples that are no longer here: NaN, but for the smallest margin, and ||H||^2, which
        q_min and gamma tell.
        """
        energy = 2.0 * least_norm_product(counts) * q_min / gamma - (W**2).sum(axis=(-2, -1))
        gone: Labels = np.zeros(0, dtype=np.int64)
        sums = cls(ClassMeans(gone, counts, means, counts @ means / counts.sum(), energy), W, by_class=by_class)
        sums.wrong = sums.disagree = np.full(W.shape[:-2], np.nan)
        sums.spread = np.full(means.shape[:-1], np.nan)
        sums.whitened = dict.fromkeys(sums.means, sums.wrong)
        sums.q_min = q_min
        return sums

    def add(self, H: Shaped[Array, "*T d B"], labels: Shaped[Labels, "B"]) -> Shaped[Array, "*T K B"] | None:
        """Adds a chunk; returns its logits W h + b where there are classifiers."""
        means, columns = self.of.means, np.swapaxes(self.of.means, -1, -2)
        deviations = H - columns[..., labels]
        squares = (deviations**2).sum(axis=-2, keepdims=True)
        self.spread = self.spread + class_sums(squares, labels, len(self.of.counts))[..., 0]
        for centring, B in self.whitening.items():
            self.whitened[centring] = self.whitened[centring] + ((B @ deviations) ** 2).sum(axis=(-2, -1))
        if self.W is None:
            return None
        Z = product(self.W, H)
        if self.bias is not None:
            Z += self.bias[:, None]
        smallest = smallest_margins(Z, labels)
        self.q_min = np.minimum(self.q_min, smallest.min(axis=-1))
        self.wrong = self.wrong + (smallest <= 0).sum(axis=-1)
        # |h - m|^2 / 2 = |h|^2 / 2 - (m h - |m|^2 / 2)
        nearest = (product(means, H) - ((means**2).sum(axis=-1) / 2.0)[..., None]).argmax(axis=-2)
        self.disagree = self.disagree + (Z.argmax(axis=-2) != nearest).sum(axis=-1)
        return Z

    @property
    def within(self) -> Shaped[Array, "*T"]:
        """The sum over all samples of ||h - hbar_k||^2; `spread` (..., K) has those of each class."""
        return self.spread.sum(axis=-1)

    @property
    def error(self) -> Shaped[Array, "*T"]:
        """The share of samples without a positive margin."""
        return self.wrong / self.of.samples


def product(A: Shaped[Array, "*T K d"], H: Shaped[Array, "*T d B"]) -> Shaped[Array, "*T K B"]:
    """A times H, laid out in memory as H is: by samples first where they come in rows."""
    return A @ H if H.flags.c_contiguous else np.swapaxes(np.swapaxes(H, -1, -2) @ np.swapaxes(A, -1, -2), -1, -2)


def whitening(means: Shaped[Array, "*T K d"], rounding: Shaped[Array, "*T"], most: int) -> Shaped[Array, "*T r d"]:
    """B with B^T B = pinv(Sigma_B), Sigma_B = means^T means / K, so that Tr(Sigma_W pinv(Sigma_B)) is a sum of squares
    |B deviation|^2 / N and no d x d matrix is formed. Its rank is `most` at most, K - 1 where the means are centred;
    rows beyond are 0.
    """
    S, Vt = decomposed(means / np.sqrt(means.shape[-2]))
    kept = counted(S, rounding, most)
    return np.where(kept[..., None], Vt, 0.0) / np.where(kept, S, 1.0)[..., None]


def ratio(numerator: Array | float, denominator: Array | float) -> Array:
    """numerator / denominator, NaN where the denominator is 0."""
    undefined = np.asarray(denominator) == 0
    return np.where(undefined, np.nan, numerator / np.where(undefined, 1.0, denominator))


def nc1_trace_ratio(sums: Sums, centring: str = CENTRED) -> Shaped[Array, "*T"]:
    """Tr Sigma_W / Tr Sigma_B."""
    between = (sums.means[centring] ** 2).sum(axis=(-2, -1)) / len(sums.of.counts)
    return ratio(sums.within / sums.of.samples, between)


def nc1(sums: Sums, centring: str = CENTRED) -> Shaped[Array, "*T"]:
    """Tr(Sigma_W pinv(Sigma_B)) / K, as Zhu et al. 2021 (Papyan et al. leave out the 1/K)."""
    total = sums.whitened[centring] / (sums.of.samples * len(sums.of.counts))
    return np.where(sums.whitening[centring].any(axis=(-2, -1)), total, np.nan)  # some direction is no rounding


def norm_variation(vectors: Shaped[Array, "*T K d"]) -> Shaped[Array, "*T"]:
    """NC2, equal norms: std / mean (divisor K) of the norms of the rows.

    >>> float(norm_variation(np.array([[1.0, 0.0], [0.0, 3.0]])))
    0.5
    """
    norms = np.linalg.norm(vectors, axis=-1)
    return ratio(norms.std(axis=-1), norms.mean(axis=-1))


def cosines(vectors: Shaped[Array, "*T K d"]) -> Shaped[Array, "*T K K"]:
    """Cosines between the rows; NaN where a row is zero."""
    unit = ratio(vectors, np.linalg.norm(vectors, axis=-1, keepdims=True))
    return unit @ np.swapaxes(unit, -1, -2)


def angle_error(vectors: Shaped[Array, "*T K d"]) -> Shaped[Array, "*T"]:
    """NC2, equal angles: mean over pairs j != k of |cos_jk + 1/(K-1)|.

    >>> bool(angle_error(np.array([[1.0, 0.0], [-1.0, 0.0]])) < 1e-15)
    True
    """
    K = vectors.shape[-2]
    error = np.abs(cosines(vectors) + 1.0 / (K - 1))
    return error[..., ~np.eye(K, dtype=bool)].mean(axis=-1)


def self_duality(classifiers: Shaped[Array, "*T K d"], means: Shaped[Array, "*T K d"]) -> Shaped[Array, "*T"]:
    """NC3: || classifiers/||.||_F - means/||.||_F ||_F.

    >>> round(float(self_duality(np.eye(2), -3.0 * np.eye(2))), 12)
    2.0
    """

    def normalised(A: Array) -> Array:
        return ratio(A, np.linalg.norm(A, axis=(-2, -1), keepdims=True))

    return np.linalg.norm(normalised(classifiers) - normalised(means), axis=(-2, -1))


def nc4(sums: Sums) -> Shaped[Array, "*T"]:
    """NC4: share of samples where the classifier's answer and the nearest class mean disagree."""
    return sums.disagree / sums.of.samples


def smallest_margins(Z: Shaped[Array, "*T K B"], labels: Shaped[Labels, "B"]) -> Shaped[Array, "*T B"]:
    """Smallest margin of each sample, from logits Z: z_y - max_{j != y} z_j.

    >>> smallest_margins(np.array([[3.0, 0.0], [1.0, 0.0]]), np.array([0, 1])).tolist()
    [2.0, 0.0]
    """
    samples = np.arange(len(labels))
    others = Z.copy()
    others[..., labels, samples] = -np.inf
    return Z[..., labels, samples] - others.max(axis=-2)


def margins(
    W: Shaped[Array, "*T K d"], H: Shaped[Array, "*T d N"], labels: Shaped[Labels, "N"]
) -> Shaped[Array, "*T N"]:
    """Smallest margin of each sample: min_{j != y} (w_y - w_j)^T h."""
    return smallest_margins(W @ H, labels)


def gamma(sums: Sums) -> Shaped[Array, "*T"]:
    """2 ||Pi Y||_* q_min / (||W||^2 + ||H||^2), which is 2 (K-1) sqrt(n) q_min / (||W||^2 + ||H||^2) for classes of one
    size n: at most 1, and 1 only at the optimum of the separation problem, for equal sizes the collapsed frame
    (docs/theory.md 2.5 and 6.1).
    """
    return ratio(2.0 * _least_at_margin(sums), sums.energy_w + sums.of.energy)


def gamma_balanced(sums: Sums) -> Shaped[Array, "*T"]:
    """||Pi Y||_* q_min / (||W|| ||H||): at most 1, and 1 only at the collapsed frame, whatever the two scales are.

    It is gamma at the best rescaling (c W, H / c), which changes no logit: 2 ||W|| ||H|| <= ||W||^2 + ||H||^2, with
    equality where both norms are equal. Gradient flow of the model ties the two scales together, so gamma judges its
    runs; in a network they are free, and gamma mostly says how uneven they are.
    """
    return ratio(_least_at_margin(sums), np.sqrt(sums.energy_w) * np.sqrt(sums.of.energy))


def _least_at_margin(sums: Sums) -> Array:
    """||Pi Y||_* q_min; NaN where classes differ in size and there is a bias, which may then move margins for free: of
    equal classes it cannot, since Pi Y 1 = 0.
    """
    free = sums.bias is not None and len(set(sums.of.counts.tolist())) > 1
    return np.nan * sums.q_min if free else least_norm_product(sums.of.counts) * sums.q_min


def least_norm_product(counts: Shaped[Labels, "K"]) -> float:
    """||Pi Y||_*, the least ||W|| ||H|| with which every margin is 1, for K classes of sizes n_k (counts).

    Pi Y, one-hot labels less their class mean, solves the separation problem (docs/theory.md 6.1); ||Pi Y||_*, the sum
    of its singular values, is (K-1) sqrt(n) for classes of one size n. Of m classes of size n, m-1 are sqrt(n) each;
    the others are those of a matrix with a row for each size that occurs.

    >>> [round(least_norm_product(np.array(sizes)), 6) for sizes in ([25, 25, 25, 25], [10, 10, 2, 2])]
    [15.0, 7.025981]
    """
    sizes, often = np.unique(counts, return_counts=True)
    share = np.sqrt(often / len(counts))
    S, _ = decomposed((np.eye(len(sizes)) - np.outer(share, share)) * np.sqrt(sizes))
    return float(S.sum() + ((often - 1) * np.sqrt(sizes)).sum())
