"""`make docs`: the API reference of what docs/architecture.md lists as public, from the docstrings, for any browser."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pdoc
import pdoc.doc

ROW = re.compile(r"^\| `((?:ulpm_core|app)[\w.]*)` \| ([\w, ]+) \|$", re.MULTILINE)
BESIDE = "ulpm_core.files"
"""The package whose page is docs/files.md."""


class Written(str):
    """A type as its source writes it: Shaped[Array, "K d"] says more than what it stands for."""

    def __repr__(self) -> str:
        return str(self)


def as_written(annotation: Any, *_: Any) -> Any:
    """Returns an annotation, which is text in our files, as pdoc is to print it."""
    return Written(annotation) if isinstance(annotation, str) else annotation


def main(out: str) -> None:
    """Writes a page for each public module into a folder, with its public names alone."""
    notes = Path(__file__).with_name("architecture.md").read_text(encoding="utf-8")
    table = ROW.findall(notes.partition("## What is public\n")[2].partition("\n## ")[0])
    for module, names in table:
        import_module(module).__dict__["__all__"] = names.split(", ")
    import_module(BESIDE).__dict__["__all__"] = []
    pdoc.doc.safe_eval_type = as_written  # type: ignore[assignment]
    pdoc.render.configure(docformat="restructuredtext", show_source=False, footer_text="Collapse Lab")
    pdoc.pdoc(*(module for module, _ in table), BESIDE, output_directory=Path(out))


if __name__ == "__main__":
    main(*sys.argv[1:])
