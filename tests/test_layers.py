"""The walls of the house: who may import whom. Read from the source, so nothing is imported to find out."""

from __future__ import annotations

import ast
import shutil
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


@pytest.mark.parametrize("path", files("app") + files("ulpm_core"), ids=lambda p: str(p.relative_to(ROOT)))
def test_files_can_be_read_at_one_sitting(path: Path) -> None:
    limit = 120 if "screens" in path.parts else 250
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


APP: dict[str, set[str]] = {
    "component": set(),
    "player": {"component"},
    "figure": {"component", "player"},
    "trainer": set(),
    "views": set(),
    "jobs": {"trainer", "views"},
    "page": {"component", "jobs", "views"},
    "blocks": {"component", "player", "figure", "views", "jobs", "page"},
    "screens": {"component", "player", "figure", "views", "jobs", "page", "blocks"},
    "server": {"component", "player", "figure", "views", "jobs"},
}
"""The rooms of the page, and which others each may import; what lies loose in `app/` may import them all."""
MECHANISM = {"jobs.cache", "jobs.job"}
"""How jobs wait, are watched and are kept: the page asks the jobs themselves."""
PLAIN = {"views", "jobs", "trainer"}
"""Rooms that know nothing of Streamlit."""
DRAWS = {"page", "blocks", "screens", "views", "figure", "component"}
"""Rooms whose code runs on the thread that draws a page."""
COMPUTES = {
    "simulate", "analyse", "measured", "build_film", "network_film", "train", "ensemble", "many", "metrics",
    "landscape", "escape_plane", "stability_limit", "largest_curvature", "initial_state", "load_snapshots",
}  # fmt: skip
"""Functions of the core that only jobs, and what starts from a command line, may call: they can take long."""
KEEPS = {"lru_cache", "cache", "cache_data", "cache_resource"}
ALTERS = {"add", "append", "appendleft", "clear", "extend", "insert", "pop", "popitem", "setdefault", "update"}
CONTAINERS = {"dict", "list", "set", "deque", "defaultdict", "OrderedDict", "Counter"}
KEPT_ELSEWHERE = {
    ("component.copyable", "_component"),  # a component is made known to Streamlit once, when it is first mounted
    ("player.player", "_component"),
    ("figure.figure", "_component"),
    ("component.served", "_all"),  # the texts of ours that browsers may fetch
    ("server.html_head", "_page"),  # Streamlit's one page with our head, compressed
    ("server.leftovers", "_leftovers"),  # when the server last collected
    ("trainer.code", "todays_key"),  # what code this process trains with
}
"""What is kept outside jobs/, for all visitors alike: each with its reason, and no more than these."""


def app_modules(root: Path) -> dict[str, Path]:
    """The modules of the page by their names without `app.`: page.link."""
    found = {".".join(p.relative_to(root / "app").with_suffix("").parts): p for p in (root / "app").rglob("*.py")}
    return {module.removesuffix(".__init__"): path for module, path in found.items()}


def broken_walls(root: Path) -> set[tuple[str, str]]:
    """Every import in `app/` that goes through a wall: who imports, and what, without `app.`."""
    modules, broken = app_modules(root), set()
    modules_of_core = {f"ulpm_core.{name(path)}" for path in files("ulpm_core")}
    for module, path in modules.items():
        room = module.split(".")[0]
        for imported in imports(path):
            top, _, rest = imported.partition(".")
            if top == "streamlit" and room in PLAIN:
                broken.add((module, imported))
            if (
                top == "ulpm_core"
                and room in DRAWS
                and imported not in modules_of_core
                and rest.split(".")[-1] in COMPUTES
            ):
                broken.add((module, imported))
            names = rest.split(".")
            target = next((n for n in (rest, rest.rpartition(".")[0]) if n in modules), "") if top == "app" else ""
            if not target or target == module:
                continue
            if names[-1].startswith("_") and not names[-1].startswith("__"):
                broken.add((module, rest))  # what begins with an underscore is a module's own
            other = names[0]
            if room in APP and other != room and other not in APP[room]:
                broken.add((module, target))
            if room == "page" and target in MECHANISM:
                broken.add((module, target))
            apart = room == other == "screens" and module.split(".")[1] != names[1]
            if other == "screens" and (apart or (room != "screens" and module != "lab")):
                broken.add((module, target))
    return broken


def called(node: ast.AST) -> str:
    """The last name of what is called or decorates: lru_cache for @lru_cache(1) and for @functools.lru_cache."""
    while isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def altered(tree: ast.AST) -> set[str]:
    """The names whose contents some code of the module changes, or that it declares global."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ALTERS:
            found.add(getattr(node.func.value, "id", ""))
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            found.add(getattr(node.value, "id", ""))
        elif isinstance(node, ast.Global):
            found |= set(node.names)
    return found


def kept_outside_jobs(root: Path) -> set[tuple[str, str]]:
    """Every module and name outside `jobs/` that holds something from one visitor's turn to the next: functions that
    remember their answers, containers that the module changes, and instances of classes that are no constants.
    """
    found = set()
    for module, path in app_modules(root).items():
        if module.split(".")[0] == "jobs" or module == "main":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        changed = altered(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and KEEPS & {called(one) for one in node.decorator_list}:
                found.add((module, node.name))
        for node in ast.iter_child_nodes(tree):
            if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
                continue
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                name, value = getattr(target, "id", ""), node.value
                maker = called(value) if isinstance(value, ast.Call) else ""
                container = isinstance(value, (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp))
                container |= maker in CONTAINERS
                instance = maker[:1].isupper() and maker not in CONTAINERS and not name.isupper()
                instance &= maker != "TypeVar"
                if (container and (name in changed or not name.isupper())) or instance or maker in KEEPS:
                    found.add((module, name))
    return found


def test_the_walls_of_the_page_stand() -> None:
    assert broken_walls(ROOT) == set()


def test_only_jobs_keep_what_is_shared() -> None:
    assert kept_outside_jobs(ROOT) == KEPT_ELSEWHERE


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the page's modules, to break walls in."""
    copy = tmp_path_factory.mktemp("scratch")
    shutil.copytree(ROOT / "app", copy / "app", ignore=lambda folder, names: [n for n in names if n == "__pycache__"])
    return copy


@pytest.mark.parametrize(
    ("module", "line", "wall"),
    [
        ("views/tables.py", "from app.page.state import put", ("views.tables", "page.state")),
        ("views/tables.py", "import app.jobs.runs", ("views.tables", "jobs.runs")),
        ("views/theory.py", "import streamlit as st", ("views.theory", "streamlit")),
        ("jobs/runs.py", "from app.page import state", ("jobs.runs", "page.state")),
        ("jobs/runs.py", "def late():\n    from app.blocks.refusals import refusals", ("jobs.runs", "blocks.refusals")),
        ("page/sidebar.py", "from app.jobs.cache import Cache", ("page.sidebar", "jobs.cache")),
        ("page/sidebar.py", "from app.jobs.runs import _films", ("page.sidebar", "jobs.runs._films")),
        ("player/picture.py", "from app.figure.figure import figure", ("player.picture", "figure.figure")),
        ("blocks/presets.py", "from app.screens.theory import theory", ("blocks.presets", "screens.theory")),
        (
            "screens/theory.py",
            "from app.screens.playground import playground",
            ("screens.theory", "screens.playground"),
        ),
        ("page/sidebar.py", "from ulpm_core import simulate", ("page.sidebar", "ulpm_core.simulate")),
        (
            "screens/landscape/starts.py",
            "from ulpm_core.analysis.landscape import landscape",
            ("screens.landscape.starts", "ulpm_core.analysis.landscape.landscape"),
        ),
        ("trainer/store.py", "from app.jobs import films", ("trainer.store", "jobs.films")),
    ],
)
def test_a_broken_wall_would_be_seen(scratch: Path, module: str, line: str, wall: tuple[str, str]) -> None:
    path = scratch / "app" / module
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        assert wall in broken_walls(scratch)
    finally:
        path.write_text(before, encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("@lru_cache(8)\ndef remembered(): ...", "remembered"),
        ("@functools.cache\ndef remembered(): ...", "remembered"),
        ("@st.cache_data\ndef remembered(): ...", "remembered"),
        ("remembered = functools.lru_cache(8)(len)", "remembered"),
        ("_seen = {}", "_seen"),
        ("_seen: list[str] = list()", "_seen"),
        ("SEEN: Final = {}\ndef see(key):\n    SEEN[key] = 1", "SEEN"),
        ("SEEN = set()\ndef see(key):\n    SEEN.add(key)", "SEEN"),
        ("_films: Cache[str] = Cache()", "_films"),
    ],
)
@pytest.mark.parametrize("module", ["page/state.py", "views/words.py", "screens/theory.py"])
def test_a_cache_outside_jobs_would_be_seen(scratch: Path, module: str, line: str, name: str) -> None:
    path = scratch / "app" / module
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        assert kept_outside_jobs(scratch) - KEPT_ELSEWHERE == {(module[:-3].replace("/", "."), name)}
    finally:
        path.write_text(before, encoding="utf-8")


def test_what_lies_loose_in_the_page_is_what_starts_it() -> None:
    loose = {path.name for path in (ROOT / "app").glob("*.py")}
    assert loose == {"__init__.py", "__main__.py", "main.py", "lab.py", "bundle.py"}
