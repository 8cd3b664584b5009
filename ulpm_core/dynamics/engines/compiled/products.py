"""Matrix products by tiles of rows whose sums stay in registers, on arrays whose rows are whole vectors.

A tile adds terms to up to `MOST_ROWS` vectors at once, so each vector loaded is used that often (Goto, van de Geijn,
"Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008). No crossover to BLAS was found: a whole step
takes 0.70 of what its three products alone take at (4, 3, 30), 0.68 at (10, 16, 50), 0.55 at (10, 64, 100) and 0.87 at
(100, 512, 100), by plain loops or OpenBLAS, whichever is faster, each on one core: `python -m tests.benchmarks`.
"""

from __future__ import annotations

from typing import Any, Final

import llvmlite.binding
from llvmlite import ir
from numba import njit, types

from ulpm_core.dynamics.engines.compiled.simd import (
    Vector,
    intrinsic,
    load,
    load_vector,
    spread_number,
    vector_function,
)
from ulpm_core.dynamics.engines.compiled.simd_functions import sum_lanes

MOST_ROWS: Final = 8 if llvmlite.binding.get_host_cpu_features().get("avx512f") else 4
"""Of 32 registers that AVX-512 has, or of 16 half as wide: the rest is for what is loaded."""


def _fused(builder: Any, a: Any, b: Any, sums: Any, r: int) -> Any:
    fma = vector_function(builder, "fma", a.type, a.type, a.type, a.type)
    return builder.call(fma, [a, b, builder.extract_value(sums, r)])


def _entry(builder: Any, pointer: Any, stride: Any, r: int) -> Any:
    return builder.gep(pointer, [builder.mul(stride, ir.Constant(stride.type, r))])


@intrinsic(prefer_literal=True)
def _zeros(_, pointer, count):  # type: ignore[no-untyped-def]
    rows = types.UniTuple(Vector(pointer.dtype), count.literal_value)

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return context.make_tuple(builder, rows, [ir.Constant(rows.dtype.llvm, None)] * rows.count)

    return rows(pointer, count), codegen


@intrinsic
def add_multiples(_, rows, numbers, stride, vector):  # type: ignore[no-untyped-def]
    """rows[r] + numbers[r stride] * vector, for each row r."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        sums, base, step, value = arguments
        new = []
        for r in range(rows.count):
            number = builder.load(_entry(builder, base, step, r))
            new.append(_fused(builder, spread_number(builder, number, value.type), value, sums, r))
        return context.make_tuple(builder, rows, new)

    return rows(rows, numbers, types.intp, vector), codegen


@intrinsic
def add_products(_, rows, others, stride, vector):  # type: ignore[no-untyped-def]
    """rows[r] + (the vector at others[r stride]) * vector, lane by lane, for each row r."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        sums, base, step, value = arguments
        new = []
        for r in range(rows.count):
            other = load_vector(builder, _entry(builder, base, step, r), vector)
            new.append(_fused(builder, other, value, sums, r))
        return context.make_tuple(builder, rows, new)

    return rows(rows, others, types.intp, vector), codegen


@intrinsic
def keep(_, rows, out, stride):  # type: ignore[no-untyped-def]
    """Writes row r to out[r stride]."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        sums, base, step = arguments
        for r in range(rows.count):
            at = builder.bitcast(_entry(builder, base, step, r), rows.dtype.llvm.as_pointer())
            builder.store(builder.extract_value(sums, r), at, align=out.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(rows, out, types.intp), codegen


@intrinsic
def add_lane_sums(_, rows, out, stride):  # type: ignore[no-untyped-def]
    """Adds the sum of row r's lanes to the number at out[r stride]."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        sums, base, step = arguments
        for r in range(rows.count):
            at = _entry(builder, base, step, r)
            builder.store(builder.fadd(builder.load(at), sum_lanes(builder, builder.extract_value(sums, r))), at)
        return context.get_dummy_value()

    return types.void(rows, out, types.intp), codegen


@njit
def tile_height(rows):  # type: ignore[no-untyped-def]
    """Rows of each tile when `rows` are split as evenly as tiles of at most MOST_ROWS allow.

    Ten rows as 5 + 5 rather than 8 + 2 make a step at K = 10 a seventh faster: a low tile waits for its own sums.
    """
    tiles = (rows + MOST_ROWS - 1) // MOST_ROWS
    return (rows + tiles - 1) // tiles


@njit
def product(rows, height, count, repeats, add, finish, A, B, out):  # type: ignore[no-untyped-def]
    """out[row, repeat] from the terms A[row, term] and B[term, repeat], term = 0 ... count - 1, by tiles of `height`.

    A = (pointer, entries from row to row, from term to term), B = (pointer, from term to term, from repeat to repeat),
    out = (pointer, from row to row, from repeat to repeat). `add` is `add_multiples`, and `finish` is `keep`: vectors
    of samples are combined. Or it is `add_products`, and `finish` is `add_lane_sums`: terms are vectors of samples.
    """
    done = 0
    while done < rows:
        a, o, h = (A[0] + done * A[1], A[1], A[2]), (out[0] + done * out[1], out[1], out[2]), min(height, rows - done)
        if h == 1:
            _tile(_zeros(B[0], 1), add, finish, count, repeats, a, B, o)
        elif h == 2:
            _tile(_zeros(B[0], 2), add, finish, count, repeats, a, B, o)
        elif h == 3:
            _tile(_zeros(B[0], 3), add, finish, count, repeats, a, B, o)
        elif MOST_ROWS == 4 or h == 4:  # where no tile is higher, none is compiled
            _tile(_zeros(B[0], 4), add, finish, count, repeats, a, B, o)
        elif h == 5:
            _tile(_zeros(B[0], 5), add, finish, count, repeats, a, B, o)
        elif h == 6:
            _tile(_zeros(B[0], 6), add, finish, count, repeats, a, B, o)
        elif h == 7:
            _tile(_zeros(B[0], 7), add, finish, count, repeats, a, B, o)
        else:
            _tile(_zeros(B[0], 8), add, finish, count, repeats, a, B, o)
        done += h


@njit
def _tile(zeros, add, finish, count, repeats, A, B, out):  # type: ignore[no-untyped-def]
    b_repeat, o_repeat = B[0], out[0]
    for _ in range(repeats):
        sums, a, b = zeros, A[0], b_repeat
        for _ in range(count):
            sums = add(sums, a, A[1], load(b))
            a, b = a + A[2], b + B[1]
        finish(sums, o_repeat, out[1])
        b_repeat, o_repeat = b_repeat + B[2], o_repeat + out[2]
