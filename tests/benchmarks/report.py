"""Says where and when figures were measured, and puts them into docs/benchmarks.md."""

from __future__ import annotations

import datetime
import importlib.metadata
import platform
import re
from pathlib import Path

from ulpm_core.dynamics.engines.cost import cores

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
LIBRARIES = ("numpy", "numba", "scipy", "torch", "jax")


def circumstances() -> str:
    """Returns one line with the date, the kind of machine and the versions."""
    versions = [f"Python {platform.python_version()}"]
    for library in LIBRARIES:
        try:
            versions.append(f"{library} {importlib.metadata.version(library)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    machine = [f"{cores()} cores", platform.machine(), *vendor()]
    return f"{datetime.date.today().isoformat()}; {', '.join(machine)}; {', '.join(versions)}."


def vendor() -> list[str]:
    """Returns who made the processor, where Linux says so."""
    path = Path("/proc/cpuinfo")
    return re.findall(r"^vendor_id\s*:\s*(.+)$", path.read_text(), re.MULTILINE)[:1] if path.exists() else []


def refuse_unmarked(path: Path) -> None:
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if not (text.count(BEGIN) == text.count(END) == 1 and text.index(BEGIN) < text.index(END)):
        raise SystemExit(f"{path} has no place for the tables: put one line {BEGIN} and, below it, one line {END}.")


def write(path: Path, lines: list[str]) -> None:
    """Puts the lines between the marks, instead of what is there."""
    refuse_unmarked(path)
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    path.write_text("\n".join([before + BEGIN, *lines, END + rest.partition(END)[2]]), encoding="utf-8")
