"""The worked examples of docs/architecture.md, and scratch copies of the packages to which a test adds one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def example(section: str) -> str:
    """Returns the first block of Python code of a section of docs/architecture.md."""
    notes = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition(f"## {section}\n")[2]
    return notes.partition("```python\n")[2].partition("```")[0]


def copied(house: Path, *folders: str) -> Path:
    """Returns the folder `house` with copies of these folders of the repository in it."""
    for folder in folders:
        shutil.copytree(ROOT / folder, house / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return house


def add_to(path: Path, **rows: tuple[str, str]) -> None:
    """Puts new text before or after a text that stands in a file once: `before=(there, new)`, `after=(there, new)`."""
    text = path.read_text(encoding="utf-8")
    for where, (there, new) in rows.items():
        assert text.count(there) == 1, (path, there)
        text = text.replace(there, new + there if where.startswith("before") else there + new)
    path.write_text(text, encoding="utf-8")


def printed(house: Path, *arguments: str, seconds: float = 240, **environment: str) -> str:
    """Returns what Python prints of these arguments in a house, whose packages come before all others. What a house
    compiles it runs for a few steps: little time is spent on optimising it.
    """
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=house,
        env={"PYTHONPATH": str(house), "PATH": "", "HOME": str(house), "NUMBA_OPT": "1", **environment},
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
