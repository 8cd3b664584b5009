"""Reads from the source which walls of the house are broken. Nothing is imported to find out. What a file says is
remembered by its text: tests that break one file look at all of them.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
APP: dict[str, set[str]] = {
    "component": set(),
    "terms": set(),
    "player": {"component", "terms"},
    "figure": {"component", "player"},
    "engine": {"component", "player"},
    "notebook": {"component", "player"},
    "video": {"component", "player"},
    "trainer": set(),
    "views": {"terms"},
    "paper": {"player", "views"},
    "jobs": {"paper", "trainer", "views"},
    "page": {"component", "jobs", "player", "views"},
    "tours": {"jobs", "page", "terms", "views"},
    "standalone": {"component", "engine", "jobs", "page", "player", "terms", "views"},
    "tour_player": {"component", "engine", "jobs", "page", "player", "standalone", "tours"},
    "blocks": {"component", "player", "figure", "views", "paper", "jobs", "page", "standalone", "tours", "tour_player"},
    "command": {"jobs", "page", "paper", "tours", "video", "views"},
    "screens": {"component", "player", "figure", "views", "jobs", "page", "tours", "tour_player", "blocks"},
    "rooms": {"tours"},
    "server": {
        "component",
        "engine",
        "jobs",
        "player",
        "rooms",
        "standalone",
        "terms",
        "tour_player",
        "tours",
        "views",
    },
}
"""The rooms of the page, and which others each may import; what lies loose in `app/` may import them all."""
MECHANISM = {"jobs.cache", "jobs.job"}
"""Modules by which jobs wait, are watched and are kept: the page asks the jobs themselves, and none of these."""
PLAIN = {
    "command",
    "engine",
    "jobs",
    "notebook",
    "paper",
    "rooms",
    "terms",
    "tour_player",
    "tours",
    "trainer",
    "video",
    "views",
}
"""Rooms that know nothing of Streamlit."""
DRAWS = {"page", "blocks", "screens", "views", "figure", "component"}
"""Rooms whose code runs on the thread that draws a page."""
COMPUTES = {
    "simulate", "analyse", "measured", "build_film", "network_film", "train", "ensemble", "many", "metrics",
    "landscape", "escape_plane", "stability_limit", "largest_curvature", "initial_state", "load_snapshots",
    "sweep", "swept", "measured_cells",
}  # fmt: skip
"""Functions of the core that only jobs, and what starts from a command line, may call: they can take long."""
KEEPS = {"lru_cache", "cache", "cache_data", "cache_resource"}
ALTERS = {
    "add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "popleft", "remove",
    "setdefault", "update",
}  # fmt: skip
CHANGES = {
    "abandon", "ask", "begin", "keep", "lend", "publish", "put", "restore", "stage", "start", "take", "tell", "train",
    "watch",
}  # fmt: skip
"""The verbs that begin the name of what changes something and hands something back as well."""
CONTAINERS = {"dict", "list", "set", "deque", "defaultdict", "OrderedDict", "Counter"}


def read(path: Path) -> ast.Module:
    return _parsed(path.read_text(encoding="utf-8"))


_parsed = cache(ast.parse)


@cache
def bindings(tree: ast.AST) -> dict[str, set[str]]:
    """Returns what each imported name stands for, wherever in the file the import stands: {"np": {"numpy"}}."""
    found: dict[str, set[str]] = defaultdict(set)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]].add(
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, "an import that is relative"
            for alias in node.names:
                found[alias.asname or alias.name].add(f"{node.module}.{alias.name}")
    return found


def meant(node: ast.AST, bound: Mapping[str, set[str]]) -> set[str]:
    """Returns the whole names of what a name or an attribute may mean; none where it does not begin with an import."""
    if isinstance(node, ast.Attribute):
        return {f"{before}.{node.attr}" for before in meant(node.value, bound)}
    return bound.get(node.id, set()) if isinstance(node, ast.Name) else set()


def imports(path: Path) -> set[str]:
    """Every module that a file imports, and all that it takes from one: a.b and a.b.c for `from a.b import c`, for
    `import a.b` with `a.b.c`, and for `from a import b as x` with `x.c`, in functions too.
    """
    return _imports(read(path))


@cache
def _imports(tree: ast.Module) -> set[str]:
    bound = bindings(tree)
    found = {name for node in ast.walk(tree) for name in meant(node, bound)}.union(*bound.values())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
    return found


def modules(root: Path, package: str) -> dict[str, Path]:
    """The files of a package by the names of their modules, that of a package without `__init__`."""
    found = {".".join(path.relative_to(root).with_suffix("").parts): path for path in (root / package).rglob("*.py")}
    return {name.removesuffix(".__init__"): path for name, path in sorted(found.items())}


def parted(name: str, among: Mapping[str, object]) -> tuple[str, str]:
    """Returns the module in a dotted name, and the first name after it: both empty where none of these modules is in
    it.
    """
    module, rest = name, ""
    while module and module not in among:
        module, _, rest = module.rpartition(".")
    return module, rest


def broken_walls(root: Path) -> set[tuple[str, str]]:
    """Every import in `app/` that goes through a wall: who imports, and what, both without `app.`."""
    ours, core = modules(root, "app"), modules(ROOT, "ulpm_core")
    own = {module: bindings(read(path)) for module, path in ours.items()}
    passed_on = {f"{module}.{name}": of for module, bound in own.items() for name, of in bound.items()}
    found = set()
    for module, path in ours.items():
        here = module.removeprefix("app.")
        for imported in imports(path):
            makers = passed_on.get(".".join(parted(imported, ours)), set())  # what a module imported it passes on
            found |= {(here, name) for one in {imported} | makers for name in _computed(here, one, core)}
            found |= {(here, name) for name in _entered(here, imported, ours)}
    return found


def _computed(here: str, imported: str, core: Mapping[str, object]) -> Iterator[str]:
    """Yields the name that an import takes of the core, if that may take long and pages are drawn here."""
    maker, taken = parted(imported, core)
    if maker and taken in COMPUTES and here.split(".")[0] in DRAWS:
        yield f"{maker}.{taken}"


def _entered(here: str, imported: str, ours: Mapping[str, object]) -> Iterator[str]:
    """Yields the room of ours, or the part of Streamlit, that an import enters and may not."""
    room, target, taken = here.split(".")[0], *parted(imported, ours)
    there = target.removeprefix("app.")
    other = there.split(".")[0]
    if imported.split(".")[0] == "streamlit" and room in PLAIN:
        yield imported
    if target in ("", "app") or there == here:
        return
    if taken.startswith("_") and not taken.startswith("__"):
        yield f"{there}.{taken}"  # what begins with an underscore is a module's own
    if room in APP and other != room and other not in APP[room]:
        yield there
    if room == "page" and there in MECHANISM:
        yield there
    same_screen = room == "screens" and here.split(".")[1:2] == there.split(".")[1:2]
    if other == "screens" and not same_screen and here != "lab":
        yield there


def last_name(node: ast.AST, bound: Mapping[str, set[str]]) -> str:
    """The last name of what is called or decorates: lru_cache for @lru_cache(1), @functools.lru_cache and any other
    name that an import gave it.
    """
    while isinstance(node, ast.Call):
        node = node.func
    said = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return next(iter(meant(node, bound)), said).split(".")[-1]


def altered(tree: ast.AST) -> set[str]:
    """The names whose contents some code of the module changes, or that it declares global."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ALTERS:
            found.add(getattr(node.func.value, "id", getattr(node.func.value, "attr", "")))
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            found.add(getattr(node.value, "id", getattr(node.value, "attr", "")))
        elif isinstance(node, ast.Global):
            found |= set(node.names)
    return found


def lasting(tree: ast.AST) -> Iterator[ast.Assign | ast.AnnAssign]:
    """The assignments that last as long as the module: its own and those of its classes, in any block."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            yield node
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from lasting(node)


def kept_outside_jobs(root: Path) -> set[tuple[str, str]]:
    """Every module and name outside `jobs/` that holds something from one visitor's turn to the next: functions that
    remember their answers, containers that the module changes, and instances of classes that are no constants.
    """
    elsewhere = {module.removeprefix("app."): path for module, path in modules(root, "app").items()}
    return {
        (here, name)
        for here, path in elsewhere.items()
        if here.split(".")[0] != "jobs" and here != "main"
        for name in _kept(read(path))
    }


@cache
def _kept(tree: ast.Module) -> set[str]:
    found, changed, bound = set(), altered(tree), bindings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and KEEPS & {last_name(one, bound) for one in node.decorator_list}:
            found.add(node.name)
    for node in lasting(tree):
        maker = last_name(node.value, bound) if isinstance(node.value, ast.Call) else ""
        container = isinstance(node.value, (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp))
        container |= maker in CONTAINERS
        for target in targets(node):
            name = getattr(target, "id", "")
            instance = maker[:1].isupper() and maker not in {*CONTAINERS, "TypeVar"} and not name.isupper()
            if (container and (name in changed or not name.isupper())) or instance or maker in KEEPS:
                found.add(name)
    return found


Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def functions(tree: ast.AST) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def body(function: Function) -> Iterator[ast.AST]:
    """Yields the nodes of a function itself, without the functions in it; what is made only where it is missing is left
    out: it is remembered, not written (`session.setdefault(key, ...)`, `if key not in session: session[key] = ...`).
    """
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        yield node
        missing = isinstance(node, ast.If) and isinstance(node.test, ast.Compare) and node.test.ops[0]
        rest = [node.test, *node.orelse] if isinstance(missing, (ast.NotIn, ast.Is)) else ast.iter_child_nodes(node)
        waiting += [one for one in rest if not isinstance(one, (*Function.__args__, ast.Lambda))]


def begins(name: str) -> bool:
    """Returns whether a name begins with a verb of change."""
    return name.lstrip("_").split("_")[0] in CHANGES


def is_getter(function: Function) -> bool:
    """A property, and whatever hands something back under a name that begins with no verb of change. What remembers
    its answer may keep what it made.
    """
    marks = {last_name(one, {}) for one in function.decorator_list}
    if marks & KEEPS:
        return False
    if "property" in marks:
        return True
    hands_back = function.returns is not None and ast.unparse(function.returns) != "None"
    return hands_back and not (begins(function.name) or function.name.startswith("__") or "contextmanager" in marks)


def commands(root: Path) -> tuple[frozenset[str], frozenset[str]]:
    """The names of what changes something: the functions of jobs and of the session that hand nothing back, and those
    of any room that begin with a verb of change.
    """
    silent, spoken = set(), set()
    for module, path in modules(root, "app").items():
        holds = module.startswith("app.jobs.") or module == "app.page.session"
        for function in functions(read(path)):
            if begins(function.name):
                spoken.add(function.name)
            elif holds and isinstance(function.returns, ast.Constant) and function.returns.value is None:
                silent.add(function.name)
    return frozenset(silent - {"__init__"}), frozenset(spoken)


def root_of(node: ast.AST) -> str:
    """The name at which an attribute, an item or a call begins: self for `self._jobs[key].watchers.pop()`."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return getattr(node, "id", "")


def writing_getters(root: Path) -> set[tuple[str, str]]:
    """Every module and function of a room that should only hand something back, and writes: into itself, the session,
    something it was given or what the module holds, or by a command.
    """
    done = commands(root)
    rooms = {
        module.removeprefix("app."): path for module, path in modules(root, "app").items() if module.count(".") > 1
    }
    return {(here, name) for here, path in rooms.items() for name in _writers(read(path), *done)}


@cache
def _writers(tree: ast.Module, silent: frozenset[str], spoken: frozenset[str]) -> set[str]:
    found = set()
    held = {"self", "session", *(getattr(t, "id", "") for one in lasting(tree) for t in targets(one))}
    for function in filter(is_getter, functions(tree)):
        arguments = {one.arg for one in function.args.args}
        for node in body(function):
            stored = isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load)
            wrote = isinstance(node, ast.Global) or (stored and root_of(node) in {"st"} | held | arguments)
            if isinstance(node, ast.Call):
                name, shared = last_name(node, {}), "session_state" in ast.unparse(node.func) or root_of(node) in held
                wrote |= name in spoken or (shared and name in ALTERS - {"setdefault"})
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                wrote |= last_name(node.value, {}) in silent
            if wrote:
                found.add(function.name)
    return found


def targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]
