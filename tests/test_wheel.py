"""The wheel: everything in it, dependencies declared, light where it can be, usable from any folder."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import numpy as np
import pytest
from visitor import Visitor

from ulpm_core import RunConfig, simulate
from ulpm_core.extras import EXTRAS
from ulpm_core.files.run import save_run

ROOT = Path(__file__).parents[1]
DISTRIBUTIONS = {"sklearn": "scikit-learn"}
"""Modules that are called otherwise where they are installed from; starlette is what Streamlit's st.App is made of."""
CORE_EXTRAS = ("networks", "cluster", "tables")
THEIRS = {"starlette", "llvmlite", "jaxtyping"}
"""Modules that Streamlit and Numba bring along, and one that only tests put there (ulpm_core/model/shapes.py)."""
HIDE = """
import importlib.abc, sys
class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.split(".")[0] in {hidden}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hidden())
import importlib.util
seen = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in {hidden} else seen(name, package)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built with what is installed: nothing is fetched."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the wheel's files, as pip would put them."""
    folder = tmp_path_factory.mktemp("installed")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def settings(installed: Path, folder: Path, hidden: tuple[str, ...] = ()) -> dict[str, str]:
    """The environment in which the installed wheel is found, and some packages are not."""
    (folder / "sitecustomize.py").write_text(HIDE.format(hidden=set(hidden)) if hidden else "")
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), str(installed)])}


def run(installed: Path, folder: Path, *words: str, hidden: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """`python -m words` with the installed wheel, in another folder, and without some packages."""
    line, environment = [sys.executable, "-m", *words], settings(installed, folder, hidden)
    return subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_every_file_of_both_packages_is_in_it_and_what_the_page_shows_first(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    ours = {
        str(path.relative_to(ROOT))
        for package in ("app", "ulpm_core")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"app/.streamlit/config.toml", "app/player/player.js", "ulpm_core/networks/digits.npz"} <= ours
    assert ours <= held
    shown = {f"app/{path.relative_to(ROOT)}" for path in (ROOT / "assets").rglob("*") if path.is_file()}
    assert "app/assets/first.film" in shown <= held


def requirements(wheel: Path) -> dict[str, set[str]]:
    """The distributions that the wheel asks for, by extra, "" for none."""
    archive = zipfile.ZipFile(wheel)
    name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    found: dict[str, set[str]] = {}
    for line in message_from_string(archive.read(name).decode()).get_all("Requires-Dist") or []:
        extra = re.search(r"extra == ['\"]([a-z]+)", line)
        found.setdefault(extra.group(1) if extra else "", set()).add(re.split(r"[ ><=\[;]", line)[0])
    return found


def test_it_asks_for_what_its_code_imports(wheel):
    asked = requirements(wheel)
    needs = {name: {DISTRIBUTIONS.get(module, module) for module in modules} for name, modules in EXTRAS.items()}
    assert {extra: asked[extra] for extra in needs} == needs
    known = {*sys.stdlib_module_names, "app", "ulpm_core", "__future__"}
    for package, have in (
        ("ulpm_core", asked[""].union(*(asked[extra] for extra in CORE_EXTRAS))),
        ("app", asked[""] | asked["page"] | asked["paper"] | asked["video"]),
    ):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                for module in {name.split(".")[0] for name in modules} - known - THEIRS:
                    assert DISTRIBUTIONS.get(module, module) in have, f"{path} imports {module}"


def test_the_lock_pins_everything_that_the_lab_needs(wheel):
    pins = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    asked = requirements(wheel)
    assert asked[""] | asked["page"] | asked["paper"] <= set(pins)
    assert {"starlette", "uvicorn", "pandas", "llvmlite", "joblib"} <= set(pins)
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"] == ">=3.11"


def test_the_core_alone_measures_and_says_what_a_light_installation_lacks(installed, tmp_path, rng):
    hidden, labels = EXTRAS["page"], np.repeat([0, 1, 2], 4)
    np.savez(tmp_path / "features.npz", H=rng.standard_normal((2, 12)), labels=labels, W=rng.standard_normal((3, 2)))
    for line, figure in ((["measure", "features.npz"], ("samples", 12)), (["landscape"], ("verdict", "strict saddle"))):
        done = run(installed, tmp_path, "ulpm_core", *line, hidden=hidden)
        assert done.returncode == 0, done.stderr
        assert figure in json.loads(done.stdout).items()
    for command in (["train", "--out", "net.npz"], ["run", "--engine", "batched", "--out", "other.npz"]):
        done = run(installed, tmp_path, "ulpm_core", *command, hidden=hidden)
        assert done.returncode == 2 and "pip install 'collapse-lab[networks]'" in done.stderr
        assert "torch" in done.stderr and "Traceback" not in done.stderr
    for command in (["serve", "--no-browser"], ["film", "run.npz", "--out", "film.html"], ["lab", "--out", "lab.html"]):
        done = run(installed, tmp_path, "app", *command, hidden=hidden)
        assert done.returncode == 2 and "pip install 'collapse-lab[page]'" in done.stderr
        assert "Traceback" not in done.stderr
    assert not {"net.npz", "other.npz", "film.html", "lab.html"} & {path.name for path in tmp_path.iterdir()}


def test_the_installed_lab_makes_pages_in_any_folder(installed, tmp_path):
    save_run(simulate(RunConfig(classes=3, dimension=2, steps=50)), tmp_path / "run.npz")
    for line in (["film", "run.npz", "--out", "film.html"], ["lab", "--out", "lab.html"]):
        done = run(installed, tmp_path, "app", *line)
        assert done.returncode == 0, done.stderr
        page = (tmp_path / line[-1]).read_text(encoding="utf-8")
        assert 2_000_000 < len(page) < 3_000_000  # most of it is the library that draws, compressed


def test_the_installed_lab_shows_a_visitor_the_first_film(installed, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "app", "serve", "--port", str(port), "--no-browser"]
    log = tmp_path / "log.txt"
    with log.open("w") as said:
        server = subprocess.Popen(line, cwd=tmp_path, env=settings(installed, tmp_path), stdout=said, stderr=said)
    try:
        deadline = time.monotonic() + 180.0
        while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert asyncio.run(first_film(port)) > 100_000
    finally:
        server.terminate()
        server.wait(60)
    assert "Traceback" not in log.read_text()


async def first_film(port: int) -> int:
    async with Visitor(port) as visitor:
        digest = RunConfig().digest
        await visitor.open(digest)
        return await visitor.fetch(visitor.films[digest[:16].encode()])
