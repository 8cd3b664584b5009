"""Writes pages: where a file may be put, and each whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ulpm_core.files.npz import whole_file
from ulpm_core.model.refusal import refuse
from ulpm_core.terminal import unwritable, writable

NO_PAGES: Final = {".gif", ".mp4", ".npz", ".pdf", ".png", ".svg", ".webm"}
"""Endings of files that hold something else than a page: browsers would not open a film written under one of them."""


def holds(path: Path, text: str) -> bool:
    """Returns whether a file is there and holds this text: then it keeps the time by which browsers know it."""
    try:
        return path.read_bytes() == text.encode()
    except (OSError, ValueError):
        return False


def page_path(out: str, example: str, *inputs: str) -> Path:
    """Returns where a page is to be written. Raises :class:`ConfigError` where it cannot be, and for a path that says
    that it is something else.
    """
    target = writable(out, example, *inputs)
    if (kind := target.suffix.lower()) in NO_PAGES:
        raise refuse("out", target, f"is no page, but {kind}", f"a path such as {example}")
    return target


def put(texts: Mapping[Path, str], example: str) -> None:
    """Writes files, each whole or not at all, in their order."""
    for target, text in texts.items():
        try:
            with whole_file(target, target.suffix or ".html") as partial:
                partial.write_text(text, encoding="utf-8")
        except OSError as error:
            raise unwritable(target, error, example) from None
