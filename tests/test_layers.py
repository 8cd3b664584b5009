"""The walls of the house: who may import whom. Read from the source, so nothing is imported to find out."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE_ORDER = ["model", "dynamics", "analysis", "networks", "film"]
PRESENTATION = {"streamlit", "plotly", "app"}


def imports(path: Path) -> set[str]:
    """Every module a file imports, with the names imported from it: a.b and a.b.c."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", files("ulpm_core"), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_core_knows_no_screen_and_imports_downwards(path: Path) -> None:
    for module in imports(path):
        assert module.split(".")[0] not in PRESENTATION, f"{path} imports {module}"
    folder = path.relative_to(ROOT / "ulpm_core").parts[0]
    if folder in CORE_ORDER:
        allowed = CORE_ORDER[: CORE_ORDER.index(folder) + 1]
        for module in imports(path):
            parts = module.split(".")
            if parts[0] == "ulpm_core" and len(parts) > 1:
                assert parts[1] in allowed, f"{path} imports {module}, which lies above it"


@pytest.mark.parametrize("path", files("app/views"), ids=lambda p: str(p.relative_to(ROOT)))
def test_views_are_plain_data(path: Path) -> None:
    assert not {m for m in imports(path) if m.split(".")[0] == "streamlit"}


@pytest.mark.parametrize("path", files("app"), ids=lambda p: str(p.relative_to(ROOT)))
def test_screens_are_imported_only_by_the_lab(path: Path) -> None:
    if path.name != "lab.py" and "screens" not in path.parts:
        assert not {m for m in imports(path) if m.startswith("app.screens")}


@pytest.mark.parametrize("path", files("app") + files("ulpm_core"), ids=lambda p: str(p.relative_to(ROOT)))
def test_files_can_be_read_at_one_sitting(path: Path) -> None:
    limit = 120 if "screens" in path.parts else 260
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


def test_only_runs_caches() -> None:
    for path in files("app"):
        if path.name != "runs.py":
            text = path.read_text(encoding="utf-8")
            assert "cache_data" not in text and "cache_resource" not in text, path
