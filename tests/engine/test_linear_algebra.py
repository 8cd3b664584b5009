"""linear_algebra.js and symmetric_eigen.js against NumPy's LAPACK."""

from __future__ import annotations

import numpy as np
import pytest

from tests.javascript import run_node

MODULE, EIGEN = "player/engine/linear_algebra.js", "player/engine/symmetric_eigen.js"
DECOMPOSE = """
for (const { A, rows, columns } of given.matrices) {
  const { U, S, V } = singularValues(Float64Array.from(A), rows, columns);
  say({ U: [...U], S: [...S], V: [...V] });
}
"""
DIAGONALISE = """
for (const { A, n } of given.matrices) {
  const { values, vectors } = symmetricEigen(Float64Array.from(A), n);
  say({ values: [...values], vectors: [...vectors] });
}
"""


def deficient(rows: int, columns: int, rank: int, rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal((rows, rank)) @ rng.standard_normal((rank, columns))


def decomposed(tmp_path, *matrices):
    given = [{"A": A.ravel().tolist(), "rows": len(A), "columns": A.shape[1]} for A in matrices]
    for A, found in zip(matrices, run_node(tmp_path, DECOMPOSE, MODULE, matrices=given), strict=True):
        r = min(A.shape)
        yield np.reshape(found["U"], (len(A), r)), np.array(found["S"]), np.reshape(found["V"], (A.shape[1], r))


def test_singular_values_are_numpy_s_and_the_factors_multiply_to_the_matrix(tmp_path, rng):
    shapes = [(1, 1), (2, 1), (1, 3), (4, 3), (3, 4), (10, 16), (20, 64), (64, 20), (40, 40)]
    matrices = [scale * rng.standard_normal(shape) for shape in shapes for scale in (1.0, 1e-180, 1e180)]
    for A, (U, S, V) in zip(matrices, decomposed(tmp_path, *matrices), strict=True):
        assert pytest.approx(np.linalg.svd(A / abs(A).max(), compute_uv=False), rel=1e-12) == S / abs(A).max()
        assert np.allclose(U.T @ U, np.eye(len(S)), atol=1e-13)
        assert np.allclose(V.T @ V, np.eye(len(S)), atol=1e-13)
        assert np.allclose(U * S @ V.T, A, atol=1e-14 * len(A) * abs(A).max(), rtol=0)


def test_a_matrix_without_full_rank_has_orthonormal_factors_all_the_same(tmp_path, rng):
    matrices = [deficient(r, c, rank, rng) for r, c, rank in ((4, 3, 2), (3, 5, 1), (10, 16, 4))]
    matrices += [np.ones((4, 4)), np.zeros((3, 3)), np.eye(4)[:, [0, 1, 1, 3]], np.diag([3.0, 0.0, 5.0])]
    for A, (U, S, V) in zip(matrices, decomposed(tmp_path, *matrices), strict=True):
        assert np.allclose(S, np.linalg.svd(A, compute_uv=False), atol=1e-14 * max(1.0, S[0]))
        assert np.allclose(U.T @ U, np.eye(len(S)), atol=1e-13)
        assert np.allclose(V.T @ V, np.eye(len(S)), atol=1e-13)
        assert np.allclose(U * S @ V.T, A, atol=1e-13)


def test_small_singular_values_have_all_their_digits(tmp_path, rng):
    """Of two rows, one of them 1e-12 as long, in closed form: their product is the area that they span."""
    A = np.array([[1.0], [1e-12]]) * rng.standard_normal((2, 3))
    ((_, S, _),) = decomposed(tmp_path, A)
    area = np.linalg.norm(np.cross(*A))
    assert S[1] == pytest.approx(area / S[0], rel=1e-14)


@pytest.mark.parametrize("what", [float("inf"), float("nan")])
def test_a_matrix_that_left_the_numbers_counts_as_zero(tmp_path, what):
    code = f"""
    const A = new Float64Array([1, 2, 3, {"Infinity" if what > 0 else "NaN"}, 5, 6]);
    const {{ U, S, V }} = singularValues(A, 2, 3);
    say([[...U], [...S], [...V]]);
    """
    ((U, S, V),) = run_node(tmp_path, code, MODULE)
    assert S == [0.0, 0.0]
    assert U == [1.0, 0.0, 0.0, 1.0]
    assert V == [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]


def test_eigenvalues_are_numpy_s_and_the_vectors_are_theirs(tmp_path, rng):
    matrices = [A + A.T for n in (1, 2, 3, 8, 33, 64) for A in rng.standard_normal((1, n, n))]
    spread = deficient(12, 40, 5, rng)
    matrices += [spread @ spread.T, np.zeros((3, 3)), np.eye(5), np.ones((6, 6)), np.diag([1.0, 3.0, 2.0])]
    matrices += [1e-200 * matrices[3], 1e150 * matrices[3]]
    given = [{"A": A.ravel().tolist(), "n": len(A)} for A in matrices]
    for A, found in zip(matrices, run_node(tmp_path, DIAGONALISE, EIGEN, matrices=given), strict=True):
        n, values = len(A), np.array(found["values"])
        vectors, size = np.reshape(found["vectors"], (n, n)), max(abs(values).max(), 1e-300)
        assert np.allclose(values, np.linalg.eigvalsh(A)[::-1], atol=1e-13 * size, rtol=0)
        assert np.allclose(vectors.T @ vectors, np.eye(n), atol=1e-12)
        assert np.allclose(vectors * values @ vectors.T, A, atol=1e-13 * n * size, rtol=0)


def test_products_are_numpy_s(tmp_path, rng):
    A, B, C = rng.standard_normal((3, 4)), rng.standard_normal((4, 5)), rng.standard_normal((2, 4))
    D, x = rng.standard_normal((9, 5)), rng.standard_normal(5)
    code = """
    const [A, B, C, D, x] = [given.A, given.B, given.C, given.D, given.x].map((x) => Float64Array.from(x));
    say([[...multiply(A, B, 3, 4, 5)], [...multiplyTransposed(A, C, 3, 4, 2)], [...transposed(A, 3, 4)]]);
    const y = new Float64Array(9);
    applyTo(D, 9, 5, x, y);
    say([...y]);
    """
    flat = {name: M.ravel().tolist() for name, M in (("A", A), ("B", B), ("C", C), ("D", D), ("x", x))}
    (AB, AC, turned), Dx = run_node(tmp_path, code, MODULE, **flat)
    assert pytest.approx((A @ B).ravel()) == AB
    assert pytest.approx((A @ C.T).ravel()) == AC
    assert turned == A.T.ravel().tolist()
    assert pytest.approx(D @ x) == Dx
