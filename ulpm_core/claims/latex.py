"""Text as LaTeX sets it: nothing in it is a command, and what is not ASCII becomes mathematics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SIGNS: Final[Mapping[str, str]] = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\ensuremath{<}", ">": r"\ensuremath{>}",
    "|": r"\ensuremath{|}", '"': "''", "'": "'", "·": r"\ensuremath{\cdot}", "−": r"\ensuremath{-}",
    "∗": r"\ensuremath{_*}", "√": r"\ensuremath{\surd}", "‖": r"\ensuremath{\Vert}", "∇": r"\ensuremath{\nabla}",
    "²": r"\ensuremath{^2}", "⁺": r"\ensuremath{^+}", "γ": r"\ensuremath{\gamma}", "ε": r"\ensuremath{\varepsilon}",
    "θ": r"\ensuremath{\theta}", "λ": r"\ensuremath{\lambda}", "Π": r"\ensuremath{\Pi}", "Σ": r"\ensuremath{\Sigma}",
    "β": r"\ensuremath{\beta}", "←": r"\ensuremath{\leftarrow}", "≤": r"\ensuremath{\le}",
    "’": "'", "∞": r"\ensuremath{\infty}",
}  # fmt: skip
"""Signs that LaTeX reads otherwise, or does not know, as it sets them."""


def escaped(text: str) -> str:
    """Returns text for a LaTeX document; a sign that is not known here is a question mark.

    >>> print(escaped("50 % of q_min, ‖W‖²"))
    50 \\% of q\\_min, \\ensuremath{\\Vert}W\\ensuremath{\\Vert}\\ensuremath{^2}
    """
    return "".join(SIGNS.get(sign, sign if " " <= sign <= "~" else "?") for sign in text)
