"""Joins JavaScript modules of ours into one, which a page fetches in one request, and which one offline file carries.

One request, since in Chromium beside the server 37 files took 0.67 s where one took 0.28 s, and at 40 ms away 0.83 s
where one took 0.23 s. The files are real modules, which tests, types and linter read as they are. Joining them drops
their import lines, the word `export` and their documentation, and puts each file after those that it imports from.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Final

from app.component.served import text_of
from app.terms.claims import with_claims
from app.terms.glossary import with_table

TABLES: Final = {"player/glossary.js": with_table, "player/claims.js": with_claims}
"""Modules into which a table of Python's is put."""

IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (default )?(?=(?:async )?(?:const|let|class|function)\b)", re.MULTILINE)
DECLARED = re.compile(
    r"^(export (?:default )?)?(?:async )?(?:const|let|class|function\*?) (\w+|\[[^\]]*\]|\{[^}]*\})", re.MULTILINE
)
DOCUMENTATION = re.compile(r"^[ \t]*/\*\*(?:[^*]|\*(?!/))*\*/\n", re.MULTILINE)
LEFT_OVER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class ModuleError(Exception):
    """Raised for modules that cannot be joined; it says which file is at fault, and why."""


def text_of_module(path: str) -> str:
    """Returns the text of a module at a path below `app`; the glossary, and what claims say, are put into theirs."""
    text = text_of(path)
    return TABLES[path](text) if path in TABLES else text


def joined(entry: str, read: Callable[[str], str] = text_of_module) -> str:
    """Returns the module at `entry`, a path below `app`, with all that it imports, as one module that imports nothing.

    Its default export stays, every other name becomes its own. Raises :class:`ModuleError` where a name is declared
    twice or imported from where it is not exported, where files import each other in a circle, and for an import or
    export in another form than `import { a, b } from "./file.js";` and `export` before a declaration.

    >>> modules = {"a.js": 'import { b } from "./b.js";\\nexport default b + 1;', "b.js": "export const b = 1;\\n"}
    >>> joined("a.js", modules.__getitem__)
    Traceback (most recent call last):
    ...
    app.player.modules.ModuleError: a.js: "export default b + 1;" is no import or export that can be joined.
    >>> modules["a.js"] = 'import { b } from "./b.js";\\nexport default function a() { return b; }\\n'
    >>> print(joined("a.js", modules.__getitem__))
    const b = 1;
    <BLANKLINE>
    export default function a() { return b; }
    <BLANKLINE>
    """
    exports: dict[str, set[str]] = {}
    declared: dict[str, str] = {}
    parts: list[str] = []

    def add(path: str, importers: tuple[str, ...]) -> None:
        if path in importers:
            raise ModuleError(f"{path}: it imports itself by way of {' and '.join(importers)}.")
        if path in exports:
            return
        text = read(path)
        for names, other in _imports(text, path):
            add(other, (*importers, path))
            if missing := names - exports[other]:
                raise ModuleError(f"{path}: {other} exports no {', '.join(sorted(missing))}.")
        exports[path] = set()
        for name, is_exported in _declarations(text):
            if name in declared:
                raise ModuleError(f"{path}: {declared[name]} declares {name} too.")
            declared[name] = path
            if is_exported:
                exports[path].add(name)
        parts.append(_inner(text, path, is_entry=not importers))

    add(entry, ())
    return "\n".join(parts)


def _imports(text: str, path: str) -> Iterator[tuple[set[str], str]]:
    """Returns the names that a module imports, by the paths of the files that they come from."""
    for names, other in IMPORT.findall(text):
        wanted = {name.strip() for name in names.split(",") if name.strip()}
        if renamed := [name for name in wanted if not name.isidentifier()]:
            raise ModuleError(f"{path}: it imports {renamed[0]} under a name of its own.")
        yield wanted, posixpath.normpath(posixpath.join(posixpath.dirname(path), other))


def _declarations(text: str) -> Iterator[tuple[str, bool]]:
    """Returns the names declared at the top level of a module, and for each whether it is exported by that name."""
    for exported, names in DECLARED.findall(text):
        for name in re.findall(r"\w+", names):
            yield name, exported == "export "


def _inner(text: str, path: str, is_entry: bool) -> str:
    """Returns a module's code without its imports, the word `export` and documentation; the entry's default export
    stays.
    """
    text = DOCUMENTATION.sub("", IMPORT.sub("", text))
    defaults = EXPORT.findall(text).count("default ")
    if defaults and not is_entry:
        raise ModuleError(f"{path}: only the module that a page asks for has a default export.")
    text = EXPORT.sub(lambda found: found[0] if found[1] else "", text)
    for line in LEFT_OVER.findall(text):
        if not (is_entry and line.startswith("export default ") and defaults):
            raise ModuleError(f'{path}: "{line}" is no import or export that can be joined.')
    return text
