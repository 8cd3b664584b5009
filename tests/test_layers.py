"""The walls of the house: who may import whom. Read from the source, so nothing is imported to find out."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ["model", "dynamics", "analysis", "networks", "film"]
"""The rooms of the core: each imports from itself and from those before it."""
HOLDS = {
    "npz": "model",
    "arrays": "model",
    "start": "model",
    "run": "analysis",
    "ensemble": "analysis",
    "features": "networks",
    "recording": "networks",
}
"""The highest room that each reader of files stands above. `npz`, at the bottom, is open to every room."""
MAY_NOT = {
    "model": ["files.arrays", "files.start"],
    "dynamics.jit": ["dynamics.rules", "dynamics.flow", "dynamics.engines"],
    "dynamics.schedule": ["dynamics.rules", "dynamics.flow", "dynamics.engines"],
    "dynamics.trajectory": ["dynamics.rules", "dynamics.flow", "dynamics.engines"],
    "dynamics.stability": ["dynamics.rules", "dynamics.flow", "dynamics.engines"],
    "dynamics.rules": ["dynamics.flow", "dynamics.engines", "dynamics.simulate", "dynamics.many"],
    "dynamics.flow": [
        "dynamics.rules",
        "dynamics.engines.batched",
        "dynamics.engines.choice",
        "dynamics.engines.compiled.run",
        "dynamics.simulate",
        "dynamics.many",
    ],
    "dynamics.engines": ["dynamics.simulate", "dynamics.many", "dynamics.continuation", "dynamics.hand_over"],
    "dynamics.engines.compiled": ["dynamics.engines.batched", "dynamics.engines.choice", "dynamics.flow"],
    "dynamics.engines.batched": ["dynamics.engines.compiled", "dynamics.engines.choice", "dynamics.rules"],
}
"""What the modules of a room, or one module, may not know, beside the rooms above them."""
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


def name(path: Path) -> str:
    """The module of a file of the core, without `ulpm_core.`: dynamics.rules.momentum."""
    return ".".join(path.relative_to(ROOT / "ulpm_core").with_suffix("").parts).removesuffix(".__init__")


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(room + ".")


def forbidden(module: str, imported: str) -> bool:
    """Whether a module of the core may not import another; both without `ulpm_core.`."""
    room, other = module.split(".")[0], imported.split(".")[0]
    if any(within(module, one) and within(imported, wall) for one, walls in MAY_NOT.items() for wall in walls):
        return True
    if within(module, "files.npz"):
        return not within(imported, "model.refusal")
    height = {**{one: i for i, one in enumerate(ROOMS)}, "files": len(ROOMS)}
    if room not in height or within(imported, "files.npz"):
        return False
    if other not in height:
        return True
    if room == "files":
        reader = HOLDS[module.split(".")[1]] if "." in module else "model"
        return other != "files" and height[other] > height[reader]
    if other == "files":
        reader = HOLDS.get(imported.split(".")[1], "film") if "." in imported else "model"
        return height[room] < height[reader]
    return height[other] > height[room]


@pytest.mark.parametrize("path", files("ulpm_core"), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_core_knows_no_screen_and_imports_downwards(path: Path) -> None:
    for module in imports(path):
        assert module.split(".")[0] not in PRESENTATION, f"{path} imports {module}"
        if module.startswith("ulpm_core."):
            imported = module.removeprefix("ulpm_core.")
            assert not forbidden(name(path), imported), f"{path} imports {module}, which it may not know"


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("model.state", "dynamics.simulate"),
        ("model.state", "files.start"),
        ("model.state", "cli"),
        ("dynamics.rules.momentum", "dynamics.engines.compiled.run"),
        ("dynamics.flow.chebyshev", "dynamics.engines.choice"),
        ("dynamics.engines.compiled.run", "dynamics.engines.batched.step"),
        ("dynamics.engines.batched.step", "dynamics.rules.momentum"),
        ("analysis.collapse", "files.recording"),
        ("files.npz", "model.state"),
        ("files.run", "networks.config"),
        ("files.recording", "film.film"),
        ("networks.recorder", "film.film"),
    ],
)
def test_a_forbidden_import_would_be_seen(module: str, imported: str) -> None:
    assert forbidden(module, imported)


def test_the_core_has_no_import_circles() -> None:
    modules = {f"ulpm_core.{name(path)}": path for path in files("ulpm_core") if path.name != "__init__.py"}
    TopologicalSorter({module: imports(path) & set(modules) for module, path in modules.items()}).prepare()


@pytest.mark.parametrize("path", files("app/views"), ids=lambda p: str(p.relative_to(ROOT)))
def test_views_are_plain_data(path: Path) -> None:
    assert not {m for m in imports(path) if m.split(".")[0] == "streamlit"}


@pytest.mark.parametrize("path", files("app"), ids=lambda p: str(p.relative_to(ROOT)))
def test_screens_are_imported_only_by_the_lab(path: Path) -> None:
    if path.name != "lab.py" and "screens" not in path.parts:
        assert not {m for m in imports(path) if m.startswith("app.screens")}


@pytest.mark.parametrize("path", files("app") + files("ulpm_core"), ids=lambda p: str(p.relative_to(ROOT)))
def test_files_can_be_read_at_one_sitting(path: Path) -> None:
    limit = 120 if "screens" in path.parts else 250
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


def test_only_runs_caches() -> None:
    for path in files("app"):
        if path.name != "runs.py":
            text = path.read_text(encoding="utf-8")
            assert "cache_data" not in text and "cache_resource" not in text, path
