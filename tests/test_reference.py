"""The API reference: every public name says what it must, what the notes import is public, and `make docs` is whole."""

from __future__ import annotations

import ast
import html
import re
import subprocess
import sys

import public
import pytest
from public import ROOT, lacks

import ulpm_core

TABLE = public.table()
NAMES = [(module, name) for module, names in TABLE.items() for name in names]


def test_what_the_package_exports_is_the_first_row():
    assert TABLE["ulpm_core"] == ulpm_core.__all__
    assert len(NAMES) > 60


@pytest.mark.parametrize(("module", "name"), NAMES, ids=[f"{module}.{name}" for module, name in NAMES])
def test_a_public_name_says_meaning_shapes_errors_and_has_an_example(module, name):
    assert public.defined(module, name), f"{module} has no {name}"
    found = {it.name: what for it in public.public(module, name) if (what := lacks(it))}
    assert not found


def test_what_the_notes_import_is_public():
    unlisted = {(page, f"{module}.{name}") for page, module, name in public.imported_by_notes()
                if name not in TABLE.get(module, [])}  # fmt: skip
    assert not unlisted


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ('def f(x: int) -> int:\n    """Doubles x.\n\n    >>> f(1)\n    2\n    """', []),
        ("def f(x: int) -> int: ...", ["meaning", "example"]),
        ('def f(x: int) -> int:\n    """Doubles x: twice as much."""', ["example"]),
        ('def f(W: Array) -> int:\n    """Counts W, the rows.\n\n    >>> f(W)\n    2\n    """', ["shapes"]),
        ('def f(W: Array) -> int:\n    """Counts W (K, d) by rows.\n\n    >>> f(W)\n    2\n    """', []),
        ('def f(W: Shaped[Array, "K d"]) -> int:\n    """Counts its rows.\n\n    >>> f(W)\n    2\n    """', []),
        ('def f():\n    """Never works at all.\n\n    >>> f()\n    """\n    raise refuse("f", 1)', ["errors"]),
        ('class C:\n    """A thing to make.\n\n    >>> C()\n    """\n    def __init__(self):\n        raise unfit("a")',
         ["errors"]),
    ],
)  # fmt: skip
def test_what_a_docstring_lacks_is_found(code, what):
    name = "C" if code.startswith("class") else "f"
    (it, *_) = public.public("some", name, ast.parse(code))
    assert lacks(it) == what


def test_the_reference_has_a_page_for_each_module_with_shapes_and_asks_nothing_of_the_network(tmp_path):
    made = subprocess.run(
        [sys.executable, "docs/reference.py", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert made.stderr == ""
    pages = {module: tmp_path / f"{module.replace('.', '/')}.html" for module in (*TABLE, "ulpm_core.files")}
    for module, path in pages.items():
        page = path.read_text(encoding="utf-8")
        for name in TABLE.get(module, []):
            assert f'id="{name}"' in page, name
        assert not re.search(r'(src|href)="(https?:)?//(?!pdoc\.dev)', page)
    separation = html.unescape(
        re.sub(r"<[^>]+>", "", pages["ulpm_core.analysis.separation"].read_text(encoding="utf-8"))
    )
    assert "W: Shaped[Array, '*T K d']" in separation
    assert "velocity2_W" in pages["ulpm_core.files"].read_text(encoding="utf-8")  # docs/files.md
    assert "log_threshold" not in separation.lower()  # what is not public
