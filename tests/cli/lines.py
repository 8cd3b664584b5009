"""Lines that the tests of the command line type, and how they read what comes back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ulpm_core import cli

QUICK = ["--classes", "3", "--dimension", "2", "--per-class", "4", "--steps", "50"]


def strict(line: str) -> dict:
    """Exactly one line of JSON without NaN or Infinity."""
    assert line.count("\n") == 1
    assert line.endswith("}\n")

    def never(word: str):
        raise AssertionError(f"{word} on stdout")

    return json.loads(line, parse_constant=never)


def refusal(answer: tuple[int, str, str], *parts: object) -> str:
    """Exit code 2, nothing on stdout, one clear line on stderr that holds every one of `parts`."""
    code, out, err = answer
    assert (code, out) == (2, ""), (code, out, err)
    assert err.count("\n") == 1, err
    assert err.endswith("\n")
    assert err[:-1].isprintable(), err
    for part in parts:
        assert str(part) in err, f"{part!r} is not in {err!r}"
    return err


def process(folder: Path, *arguments: str) -> tuple[int, str, str]:
    environment = os.environ | {"PYTHONPATH": str(Path(cli.__file__).parents[1])}
    line = [sys.executable, "-m", "ulpm_core", *arguments]
    done = subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr
