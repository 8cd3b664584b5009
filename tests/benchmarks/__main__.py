"""Measures how fast the lab is, in ratios, all in one process and one run: `python -m tests.benchmarks`. pytest does
not collect it.

Gradient steps of one run against peers, of many runs at once, on a CUDA device where there is one, and the parts of
one turn of a knob. `--write` puts the tables into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

# BLAS reads it when it is loaded. Matrices are small here: a second thread only makes NumPy and our engine slower.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import torch

from tests.benchmarks import batches, device, engine, ensembles, knob, report, steps
from ulpm_core import RunConfig
from ulpm_core.model.refusal import ConfigError

TABLES = Path(__file__).parents[2] / "docs" / "benchmarks.md"
DTYPES = ("float64", "float32")


def shape(text: str) -> steps.Shape:
    try:
        K, d, n = (int(number) for number in text.split(","))
        RunConfig(classes=K, dimension=d, per_class=n)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not K,d,n: write, for example, 4,3,30.") from None
    return K, d, n


def count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number of rounds: use 1 or more, for example 5.")
    return int(text)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--repeats", type=count, default=4, help="rounds, of which the best counts")
    parser.add_argument("--seconds", type=float, default=0.05, help="length of one timed round")
    parser.add_argument("--sizes", type=shape, nargs="+", default=steps.SHAPES, metavar="K,d,n", help="only these")
    parser.add_argument("--dtypes", nargs="+", default=DTYPES, choices=DTYPES, help="only these")
    parser.add_argument(
        "--write",
        type=Path,
        nargs="?",
        const=TABLES,
        metavar="FILE",
        help="put the tables into FILE (docs/benchmarks.md)",
    )
    return parser.parse_args()


def tables(given: argparse.Namespace) -> Iterator[str]:
    how = given.dtypes, given.repeats, given.seconds
    yield f"Measured {report.circumstances()}"
    yield ""
    yield from steps.table(given.sizes, *how)
    several = [size for size in batches.SHAPES if size in given.sizes]
    if several:
        yield ""
        yield from batches.table(several, *how)
    if torch.cuda.is_available():
        yield ""
        yield from device.table(given.sizes, *how)
    yield ""
    yield from ensembles.table(1024, 2)
    yield ""
    yield from knob.table(given.repeats)
    yield ""
    yield from engine.table(given.repeats, given.seconds)


def main() -> None:
    given = options()
    if given.write:
        report.refuse_unmarked(given.write)
    lines = []
    for line in tables(given):
        print(line, flush=True)
        lines.append(line)
    if given.write:
        report.write(given.write, lines)
        print(f"\nWritten into {given.write}.")


if __name__ == "__main__":
    main()
