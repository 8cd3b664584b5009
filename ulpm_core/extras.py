"""Names the packages that a light installation lacks, and the extra of pyproject.toml that brings them."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from ulpm_core.model.refusal import ConfigError

NETWORKS: Final = ("torch", "sklearn")
EXTRAS: Final = {
    "networks": NETWORKS,
    "page": ("streamlit", "plotly", "segno", *NETWORKS),
    "notebook": ("plotly",),
    "paper": ("matplotlib",),
    "video": ("playwright", "av"),
    "cluster": ("distributed",),
    "tables": ("pyarrow",),
}
"""Modules by the extra that installs them."""


def not_installed(extra: str) -> str:
    """Returns a sentence that names what is missing of an extra and how to install it, or "" if nothing is.

    >>> not_installed("networks")
    ''
    """
    missing = [module for module in EXTRAS[extra] if find_spec(module) is None]
    if not missing:
        return ""
    return f"this needs {', '.join(missing)}, which a light installation lacks: pip install 'collapse-lab[{extra}]'"


def refuse_without(extra: str, field: str) -> None:
    """Raises :class:`ConfigError` of that field where something of an extra is not installed."""
    if missing := not_installed(extra):
        raise ConfigError(field, f"{missing}.")
