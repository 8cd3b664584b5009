"""Remembers which cells of a notebook carry the player's largest part, Plotly, for the films of all others."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple


class Turn(NamedTuple):
    """One execution of a cell: the cell's own name, and the number of the execution."""

    cell: str
    number: int


_carriers: dict[str, int] = {}


def take_turn(turn: Turn | None, deleted: list[str] | None = None) -> bool:
    """Returns whether the output of this turn has to carry Plotly, and remembers it: the first film of a kernel does,
    the same cell does again whenever it is run anew, since that clears what it carried, and the next one does where the
    cell was `deleted`. Nobody knows the turn outside a notebook: there every output carries all.

    >>> take_turn(Turn("a", 1)), take_turn(Turn("a", 1)), take_turn(Turn("b", 2)), take_turn(Turn("a", 3))
    (True, False, False, True)
    >>> take_turn(Turn("b", 4), deleted=["a"]), take_turn(None)
    (True, True)
    >>> _carriers.clear()
    """
    if turn is None:
        return True
    for cell in deleted or ():
        _carriers.pop(cell, None)
    carries = not _carriers or _carriers.get(turn.cell, turn.number) != turn.number
    if carries:
        _carriers[turn.cell] = turn.number
    return carries


def take_this_turn() -> bool:
    """Returns :func:`take_turn` of the cell that is being executed: known by the name that JupyterLab and VS Code give
    it, elsewhere by its text.
    """
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None or not hasattr(shell, "get_parent"):
        return take_turn(None)
    said = (shell.get_parent() or {}).get("metadata") or {}
    sources = shell.user_ns.get("In") or [""]
    return take_turn(Turn(str(said.get("cellId") or sources[-1]), shell.execution_count), said.get("deletedCells"))
