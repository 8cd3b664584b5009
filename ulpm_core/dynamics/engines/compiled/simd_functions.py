"""Functions of vectors of numbers for compiled code: choices lane by lane, powers of two, and what all lanes give."""

from __future__ import annotations

from typing import Any, Final

from llvmlite import ir
from numba import types

from ulpm_core.dynamics.engines.compiled.simd import intrinsic, vector_function


def _choice(comparison: str) -> Any:
    def operation(_, a, b, yes, no):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            return builder.select(builder.fcmp_ordered(comparison, *arguments[:2]), *arguments[2:])

        return yes(a, b, yes, no), codegen

    return intrinsic(operation)


where_equal: Final = _choice("==")
"""where_equal(a, b, yes, no): `yes` in the lanes where a = b, else `no`."""
where_greater: Final = _choice(">")


@intrinsic
def any_positive(_, a):  # type: ignore[no-untyped-def]
    """Returns whether some lane is greater than 0."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        lanes = builder.fcmp_ordered(">", arguments[0], ir.Constant(a.llvm, None))
        whole = builder.bitcast(lanes, ir.IntType(a.lanes))
        return builder.icmp_unsigned("!=", whole, ir.Constant(whole.type, 0))

    return types.boolean(a), codegen


@intrinsic
def times_power_of_two(_, a, shifted):  # type: ignore[no-untyped-def]
    """a 2^k, where the lowest bits of `shifted` hold the whole number k: it is added to the exponent of a."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        mantissa = ir.Constant(a.bits, [52 if a.dtype.bitwidth == 64 else 23] * a.lanes)
        number, power = (builder.bitcast(argument, a.bits) for argument in arguments)
        return builder.bitcast(builder.add(number, builder.shl(power, mantissa)), a.llvm)

    return a(a, shifted), codegen


@intrinsic
def lane_sum(_, a):  # type: ignore[no-untyped-def]
    """The sum of all lanes."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return sum_lanes(builder, arguments[0])

    return a.dtype(a), codegen


def sum_lanes(builder: Any, value: Any) -> Any:
    element = value.type.element
    add = vector_function(builder, "vector.reduce.fadd", element, element, value.type)
    return builder.call(add, [ir.Constant(element, -0.0), value], fastmath=("reassoc",))


@intrinsic
def root(_, a):  # type: ignore[no-untyped-def]
    """The square root of each lane."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.call(vector_function(builder, "sqrt", a.llvm, a.llvm), arguments)

    return a(a), codegen


@intrinsic
def lane_maximum(_, a):  # type: ignore[no-untyped-def]
    """The largest lane."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.call(vector_function(builder, "vector.reduce.fmax", a.llvm.element, a.llvm), arguments)

    return a.dtype(a), codegen
