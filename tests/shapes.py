"""The check of shapes: `pytest --shapes` puts it around every function of the core, before any of it is imported.

jaxtyping reads what annotations say, beartype compares it with what comes and goes; all other annotations are left
alone. What Numba alone reads, the compiled engine, is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import isclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from beartype import beartype
from jaxtyping import AbstractArray, install_import_hook

ROOT = Path(__file__).parents[1]
Function = TypeVar("Function", bound=Callable[..., Any])


def check_shapes() -> None:
    """From here on the modules of the core are imported with a check around every function."""
    files = [path.relative_to(ROOT).with_suffix("") for path in sorted((ROOT / "ulpm_core").rglob("*.py"))]
    names = [".".join(path.parts) for path in files if path.name != "__init__" and "compiled" not in path.parts]
    install_import_hook(names, "shapes.checked")


def checked(function: Function) -> Function:
    """Returns the function with a check of those of its annotations that say a shape."""
    function.__annotations__ = {name: hint for name, hint in function.__annotations__.items() if says_a_shape(hint)}
    return beartype(function) if function.__annotations__ else function


def says_a_shape(hint: Any) -> bool:
    return (isclass(hint) and issubclass(hint, AbstractArray)) or any(map(says_a_shape, get_args(hint)))
