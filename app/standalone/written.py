"""Writes pages, each whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ulpm_core.files.npz import whole_file
from ulpm_core.terminal import unwritable


def holds(path: Path, text: str) -> bool:
    """Returns whether a file is there and holds this text: then it keeps the time by which browsers know it."""
    try:
        return path.read_bytes() == text.encode()
    except (OSError, ValueError):
        return False


def put(texts: Mapping[Path, str], example: str) -> None:
    """Writes files, each whole or not at all, in their order."""
    for target, text in texts.items():
        try:
            with whole_file(target, target.suffix or ".html") as partial:
                partial.write_text(text, encoding="utf-8")
        except OSError as error:
            raise unwritable(target, error, example) from None
