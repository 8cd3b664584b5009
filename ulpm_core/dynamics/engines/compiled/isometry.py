"""The partial isometry of a block, compiled: its singular values above a cut become 1, the others 0.

Rows are first made orthonormal by Gram and Schmidt, the longest one first, which ends at the block's rank; what is left
is small, and is diagonalised by rotations of pairs of rows (one-sided Jacobi). No Gram matrix is formed: squares of
singular values keep half of their digits only, and a cut could not be told from rounding.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ulpm_core.dynamics.jit import COUNTED, njit

SWEEPS: Final = 40
"""Most sweeps over all pairs; ten are many."""
ORTHOGONAL: Final = 1e-15
"""Largest cosine of rows that count as orthogonal."""
FAR_BELOW: Final = 1e-2
"""Share of the cut below which nothing is looked for any more."""
FLAGS: Final = {"reassoc", "contract"}


@njit(nogil=True, cache=True, fastmath=FLAGS)
def _dot(a, b):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(a.size):
        total += a[i] * b[i]
    return total


@njit(nogil=True, cache=True, fastmath=FLAGS)
def _add(a, share, b):  # type: ignore[no-untyped-def]
    """a <- a + share b."""
    for i in range(a.size):
        a[i] += share * b[i]


@njit(nogil=True, cache=True, error_model="numpy")
def _orthonormal_rows(A, stop):  # type: ignore[no-untyped-def]
    """A = L Q with orthonormal rows of Q, as many as the rank, up to rows shorter than `stop` times the longest. A, of
    which only rounding is left, is lost. Returns L (rows, rank) and Q (rank, columns).
    """
    rows, columns = A.shape
    L, Q, squares = np.zeros((rows, rows)), np.empty((rows, columns)), np.empty(rows)
    for r in range(rows):
        squares[r] = _dot(A[r], A[r])
    first, rank = squares.max(), 0
    while rank < rows:
        longest = squares.argmax()
        if not squares[longest] > stop * stop * first:
            break
        q = Q[rank]
        q[:] = A[longest] / math.sqrt(squares[longest])
        for before in range(rank):  # once more, for rows that have lost most of their length
            _add(q, -_dot(Q[before], q), Q[before])
        q /= math.sqrt(_dot(q, q))
        for r in range(rows):
            L[r, rank] = _dot(A[r], q)
            _add(A[r], -L[r, rank], q)
            squares[r] = _dot(A[r], A[r])
        squares[longest] = 0.0
        rank += 1
    return L[:, :rank], Q[:rank]


@njit(nogil=True, cache=True, error_model="numpy")
def _made_orthogonal(T, turned):  # type: ignore[no-untyped-def]
    """Rotates pairs of rows of T until all are orthogonal, and those of `turned` alike."""
    for _ in range(SWEEPS):
        settled = True
        for a in range(len(T)):
            for b in range(a + 1, len(T)):
                first, second, product = _dot(T[a], T[a]), _dot(T[b], T[b]), _dot(T[a], T[b])
                if not abs(product) > ORTHOGONAL * math.sqrt(first * second):
                    continue
                settled = False
                lean = (second - first) / (2.0 * product)
                tangent = math.copysign(1.0, lean) / (abs(lean) + math.hypot(1.0, lean))
                cosine = 1.0 / math.hypot(1.0, tangent)
                sine = cosine * tangent
                for rows in (T, turned):
                    for i in range(rows.shape[1]):
                        x, y = rows[a, i], rows[b, i]
                        rows[a, i] = cosine * x - sine * y
                        rows[b, i] = sine * x + cosine * y
        if settled:
            break


@njit(nogil=True, cache=True, error_model="numpy", **COUNTED)
def partial_isometry(block, cut):  # type: ignore[no-untyped-def]
    """Puts U V^T in the place of U S V^T, with the singular values above `cut` times the largest; returns their number.

    It works in float64 whatever the block's precision, and on its shorter side. Where the block is 0 it stays 0.

    >>> block = np.array([[0.0, 4.0, 0.0], [-3e-6, 0.0, 0.0]])
    >>> partial_isometry(block, 1e-8), block.round(12).tolist()
    (2, [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
    """
    tall = block.shape[0] > block.shape[1]
    whole = block.T if tall else block
    rows, columns = whole.shape
    largest = 0.0
    for r in range(rows):
        for i in range(columns):
            largest = max(largest, abs(whole[r, i]))
    if not largest > 0.0:
        return 0
    A = np.empty((rows, columns))
    for r in range(rows):
        for i in range(columns):
            A[r, i] = whole[r, i] / largest
    L, Q = _orthonormal_rows(A, FAR_BELOW * cut / math.sqrt(rows))
    T, turned = np.ascontiguousarray(L.T), np.eye(len(Q))
    _made_orthogonal(T, turned)
    lengths = np.array([math.sqrt(_dot(row, row)) for row in T])
    least, kept = cut * lengths.max(), 0
    A[:] = 0.0
    for i in range(len(Q)):
        if not lengths[i] > least:
            continue
        kept += 1
        right = np.zeros(columns)
        for j in range(len(Q)):
            _add(right, turned[i, j], Q[j])
        for r in range(rows):
            _add(A[r], T[i, r] / lengths[i], right)
    for r in range(rows):
        for i in range(columns):
            whole[r, i] = A[r, i]
    return kept
