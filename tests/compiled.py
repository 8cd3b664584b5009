"""Compiles the kernels that most tests use, before workers would each do so: they find them on disk."""

from __future__ import annotations

from typing import Any, Final

from ulpm_core import RunConfig, simulate

USED: Final[tuple[dict[str, Any], ...]] = (
    {"method": "gradient-flow"},
    {"method": "gradient-descent"},
    {"method": "momentum"},
    {"method": "normalised-gradient-descent"},
    {"loss": "squared-error"},
    {"dtype": "float32"},
)

if __name__ == "__main__":
    for changes in USED:
        simulate(RunConfig(steps=10, **changes))
