"""What is public, as docs/architecture.md says, and what each docstring must say of it. Nothing is imported to read."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
ROW = re.compile(r"^\| `((?:ulpm_core|app)[\w.]*)` \| ([\w, ]+) \|$", re.MULTILINE)
IMPORT = re.compile(r"from ((?:ulpm_core|app)[\w.]*) import ([\w, ]+)")
EXTENDS = "architecture.md"
"""The page whose examples become a part of the house: they import its inside."""
RAISES = {"refuse", "unfit", "ConfigError", "MisuseError"}
"""Calls that make a refusal, where they stand behind `raise`."""
MADE = ("__init__", "__post_init__", "__new__")
"""Methods that run when something is made."""
ARRAYS = {"Array", "Labels", "Flags", "NDArray", "ArrayLike"}
"""Types that have a shape."""
SHAPE = re.compile(r"(?<!\w)\([A-Za-z]\w*,(?: ?\w+,?)*\)|\(axes \.\.\.")
"""A shape in a docstring: (K, d), (T,), (axes ...), and no call."""

Definition = ast.FunctionDef | ast.ClassDef


class Public(NamedTuple):
    """A function, a class, or what a class has, by its whole name; `of` is the class."""

    name: str
    node: Definition
    of: ast.ClassDef | None = None

    @property
    def text(self) -> str:
        return ast.get_docstring(self.node) or ""

    @property
    def said(self) -> str:
        """Its docstring, and that of the class that it is of: what a class says need not be said again."""
        return "\n".join([self.text, *([ast.get_docstring(self.of) or ""] if self.of else [])])


def table() -> dict[str, list[str]]:
    """The public names of each module that docs/architecture.md lists."""
    section = (DOCS / "architecture.md").read_text(encoding="utf-8").partition("## What is public\n")[2]
    return {module: names.split(", ") for module, names in ROW.findall(section.partition("\n## ")[0])}


def path_of(module: str) -> Path:
    path = ROOT / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def source(module: str) -> ast.Module:
    return ast.parse(path_of(module).read_text(encoding="utf-8"))


def defined(module: str, name: str, tree: ast.Module | None = None) -> tuple[str, Definition] | None:
    """The definition of a name, and the module in which it stands: a package may pass on what another defines."""
    for node in (tree or source(module)).body:
        if isinstance(node, Definition) and node.name == name:
            return module, node
        if isinstance(node, ast.ImportFrom) and name in [alias.name for alias in node.names]:
            return defined(str(node.module), name)
    return None


def public(module: str, name: str, tree: ast.Module | None = None) -> Iterator[Public]:
    """A public name, and what a class of that name has without an underscore."""
    where, node = defined(module, name, tree) or (module, ast.parse(f"def {name}(): ...").body[0])
    assert isinstance(node, Definition)
    yield Public(f"{where}.{name}", node)
    for inner in node.body if isinstance(node, ast.ClassDef) else ():
        if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
            yield Public(f"{where}.{name}.{inner.name}", inner, node)


def lacks(it: Public) -> list[str]:
    """What the docstring of a public name does not say: meaning, an example, errors, shapes. What a class has may leave
    the example to the class.
    """
    found = []
    if len(it.text.split()) < 3 or not re.search(r"[.:;]", it.text):
        found.append("meaning")
    if it.of is None and ">>> " not in it.text:
        found.append("example")
    if _refuses(it.node) and "ConfigError" not in it.said:
        found.append("errors")
    if any(map(_shapeless, _annotations(it.node))) and not SHAPE.search(it.said):
        found.append("shapes")
    return found


def _refuses(node: Definition) -> bool:
    """Whether it raises a refusal itself: of a class, where it is made."""
    made = [each for each in node.body if isinstance(each, ast.FunctionDef) and each.name in MADE]
    raised = (
        each.exc
        for body in ([node] if isinstance(node, ast.FunctionDef) else made)
        for each in ast.walk(body)
        if isinstance(each, ast.Raise) and each.exc
    )
    return any(isinstance(exc, ast.Call) and ast.unparse(exc.func) in RAISES for exc in raised)


def _annotations(node: Definition) -> Iterator[ast.expr]:
    if isinstance(node, ast.ClassDef):
        yield from (each.annotation for each in node.body if isinstance(each, ast.AnnAssign))
        return
    arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    yield from (each.annotation for each in arguments if each.annotation)
    if node.returns:
        yield node.returns


def _shapeless(annotation: ast.expr) -> bool:
    """Whether a type has a shape and does not say it: Array, but not Shaped[Array, "K d"]."""
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "Shaped":
        return False
    if isinstance(annotation, ast.Name):
        return annotation.id in ARRAYS
    return any(_shapeless(each) for each in ast.iter_child_nodes(annotation) if isinstance(each, ast.expr))


def imported_by_notes() -> Iterator[tuple[str, str, str]]:
    """Page, module and name of what the README, the pages of docs/ and the notebook import."""
    for page in (ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("*.ipynb"))):
        text = page.read_text(encoding="utf-8")
        if page.suffix == ".ipynb":
            text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
        if page.name != EXTENDS:
            for module, names in IMPORT.findall(text):
                yield from ((page.name, module, name.strip()) for name in names.split(", "))
