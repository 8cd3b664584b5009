"""What a person sees: screens and the film player."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent


def asset(name: str) -> Path:
    """Returns the path of a file of `assets/`: beside this package in a checkout, inside it once it is installed.

    >>> asset("icon.svg").read_text()[:4]
    '<svg'
    """
    installed = _HERE / "assets" / name
    return installed if installed.exists() else _HERE.parent / "assets" / name
