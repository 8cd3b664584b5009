"""The walls of the house: who may import whom, who may keep what, and who may write."""

from __future__ import annotations

import shutil
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from walls import ROOT, broken_walls, imports, kept_outside_jobs, writing_getters

ROOMS = ["model", "dynamics", "analysis", "networks", "film", "claims", "studies"]
"""The rooms of the core: each imports from itself and from those before it."""
HOLDS = {
    "npz": "model",
    "arrays": "model",
    "start": "model",
    "run": "analysis",
    "ensemble": "analysis",
    "sweep": "studies",
    "features": "networks",
    "recording": "networks",
}
"""The highest room that each reader of files stands above. `npz`, at the bottom, is open to every room."""
MAY_NOT = {
    "model": ["files.arrays", "files.start"],
    "dynamics.jit": ["dynamics.flow", "dynamics.engines"],
    "dynamics.schedule": ["dynamics.flow", "dynamics.engines"],
    "dynamics.trajectory": ["dynamics.flow", "dynamics.engines"],
    "dynamics.stability": ["dynamics.flow", "dynamics.engines"],
    "dynamics.flow": [
        "dynamics.engines.batched",
        "dynamics.engines.choice",
        "dynamics.engines.compiled.run",
        "dynamics.simulate",
        "dynamics.many",
    ],
    "dynamics.engines": [
        "model.rules",
        "dynamics.simulate",
        "dynamics.many",
        "dynamics.continuation",
        "dynamics.hand_over",
    ],
    "dynamics.engines.compiled": ["dynamics.engines.batched", "dynamics.engines.choice", "dynamics.flow"],
    "dynamics.engines.batched": ["dynamics.engines.compiled", "dynamics.engines.choice"],
}
"""What the modules of a room, or one module, may not know, beside the rooms above them."""
PRESENTATION = {"streamlit", "plotly", "app"}


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    """The module of a file of the core, without `ulpm_core.`: model.rules.momentum."""
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
        ("model.rules.momentum", "dynamics.engines.compiled.run"),
        ("dynamics.flow.chebyshev", "dynamics.engines.choice"),
        ("dynamics.engines.compiled.run", "dynamics.engines.batched.step"),
        ("dynamics.engines.batched.step", "model.rules.momentum"),
        ("analysis.collapse", "files.recording"),
        ("files.npz", "model.state"),
        ("files.run", "networks.config"),
        ("files.recording", "film.film"),
        ("networks.recorder", "film.film"),
    ],
)
def test_a_forbidden_import_would_be_seen(module: str, imported: str) -> None:
    assert forbidden(module, imported)


@pytest.mark.parametrize(
    "text",
    [
        "from ulpm_core.film.film import build_film",
        "import ulpm_core.model\nulpm_core.film.film.build_film(1, 2)",
        "def late():\n    import ulpm_core.film.film as shown\n    return shown.build_film",
        "from ulpm_core import film as rooms\nclass Late:\n    made = rooms.film.build_film",
    ],
)
def test_an_import_is_seen_in_every_form(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.py"
    path.write_text(text)
    assert "ulpm_core.film.film.build_film" in imports(path)


def test_the_core_has_no_import_circles() -> None:
    modules = {f"ulpm_core.{name(path)}": path for path in files("ulpm_core") if path.name != "__init__.py"}
    TopologicalSorter({module: imports(path) & set(modules) for module, path in modules.items()}).prepare()


@pytest.mark.parametrize("path", files("app") + files("ulpm_core"), ids=lambda p: str(p.relative_to(ROOT)))
def test_files_can_be_read_at_one_sitting(path: Path) -> None:
    limit = 120 if "screens" in path.parts else 250
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


ANALYSE = "ulpm_core.analysis.analysis.analyse"
KEPT_ELSEWHERE = {
    ("component.component", "component"),  # a component is made known to Streamlit once, when it is first mounted
    ("component.served", "_all"),  # the texts of ours that browsers may fetch
    ("notebook.carriers", "_carriers"),  # which cells of this kernel, one person's, carry Plotly for the others
    ("server.html_head", "_page"),  # Streamlit's one page with our head, compressed
    ("server.leftovers", "leftovers"),  # when the server last collected
    ("trainer.code", "todays_key"),  # what code this process trains with
}
"""What is kept outside jobs/, for all visitors alike: each with its reason, and no more than these."""


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
        ("rooms/rooms.py", "from app.server.routes import film", ("rooms.rooms", "server.routes")),
        ("rooms/state.py", "import streamlit as st", ("rooms.state", "streamlit")),
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
        ("page/sidebar.py", "import ulpm_core\nulpm_core.simulate(1)", ("page.sidebar", "ulpm_core.simulate")),
        (
            "views/theory.py",
            "import ulpm_core.analysis.rates\ndef late():\n    ulpm_core.analysis.analysis.analyse(1)",
            ("views.theory", "ulpm_core.analysis.analysis.analyse"),
        ),
        (
            "page/sidebar.py",
            "def late():\n    from ulpm_core.dynamics import simulate as driver\n    return driver.simulate",
            ("page.sidebar", "ulpm_core.dynamics.simulate.simulate"),
        ),
        (
            "blocks/late.py",
            "class Late:\n    def draw(self):\n        import ulpm_core.film.film as f\n        f.build_film(1, 2)",
            ("blocks.late", "ulpm_core.film.film.build_film"),
        ),
        ("screens/theory.py", "from app.jobs.runs import analyse as look", ("screens.theory", ANALYSE)),
        ("screens/theory.py", "from app.jobs import runs\nruns.analyse(1)", ("screens.theory", ANALYSE)),
        ("page/sidebar.py", "from app.jobs import runs\nruns._films.get(1)", ("page.sidebar", "jobs.runs._films")),
        ("page/sidebar.py", "import app.jobs\napp.jobs.cache.Cache()", ("page.sidebar", "jobs.cache")),
        ("views/tables.py", "import app.jobs\napp.page.state.put()", ("views.tables", "page.state")),
        ("jobs/runs.py", "def late():\n    import streamlit.runtime as r", ("jobs.runs", "streamlit.runtime")),
        ("tours/scenes.py", "import streamlit as st", ("tours.scenes", "streamlit")),
        ("page/link.py", "from app.tours.document import read_tour", ("page.link", "tours.document")),
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
        ("from functools import cache as once\n@once\ndef remembered(): ...", "remembered"),
        ("from functools import lru_cache as r\nremembered = r(8)(len)", "remembered"),
        ("if True:\n    _seen = {}", "_seen"),
        ("class Page:\n    SEEN: Final = {}\n    def see(self, key):\n        self.SEEN[key] = 1", "SEEN"),
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


def test_getters_do_not_write() -> None:
    assert writing_getters(ROOT) == set()


@pytest.mark.parametrize(
    "text",
    [
        "def newest(self) -> int:\n    self.seen = 1\n    return 1",
        "def newest(self) -> int:\n    self.seen['a'] += 1\n    return 1",
        "@property\ndef newest(self):\n    self._seen.pop('a')\n    return 1",
        "def newest() -> int:\n    st.session_state['seen'] = 1\n    return 1",
        "def newest(session) -> int:\n    del session['seen']\n    return 1",
        "def newest() -> int:\n    return st.session_state.pop('seen')",
        "def newest(job: Job) -> Job:\n    job.abandoned |= True\n    return job",
        "def newest(job: Job) -> Job:\n    job.watch('me')\n    return job",
        "def newest(visit) -> int:\n    if visit:\n        visit.cancel()\n    return 1",
        "def newest(film) -> FilmRef:\n    return films.publish(film)",
        "def newest(spec, lab) -> int:\n    session.change(spec, lab, seed=1)\n    return 1",
        "_SEEN: Final = []\ndef newest() -> int:\n    _SEEN.append(1)\n    return 1",
        "_SEEN = 0\ndef newest() -> int:\n    global _SEEN\n    return 1",
    ],
)
@pytest.mark.parametrize("module", ["jobs/visitor.py", "page/state.py", "screens/theory.py"])
def test_a_getter_that_writes_would_be_seen(scratch: Path, module: str, text: str) -> None:
    path = scratch / "app" / module
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{text}\n", encoding="utf-8")
    try:
        assert writing_getters(scratch) == {(module[:-3].replace("/", "."), "newest")}
    finally:
        path.write_text(before, encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "def newest(self) -> int:\n    seen = [1]\n    seen.append(2)\n    return 1",
        "def newest(session) -> int:\n    if 'seen' not in session:\n        session['seen'] = 1\n    return 1",
        "def take_newest(self) -> int:\n    self.seen = 1\n    return 1",
        "def forget(self) -> None:\n    self.seen = 1",
    ],
)
def test_what_does_not_write_or_says_so_is_let_through(scratch: Path, text: str) -> None:
    path = scratch / "app" / "jobs" / "visitor.py"
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{text}\n", encoding="utf-8")
    try:
        assert writing_getters(scratch) == set()
    finally:
        path.write_text(before, encoding="utf-8")


def test_what_lies_loose_in_the_page_is_what_starts_it() -> None:
    loose = {path.name for path in (ROOT / "app").glob("*.py")}
    assert loose == {"__init__.py", "__main__.py", "main.py", "lab.py", "bundle.py"}
