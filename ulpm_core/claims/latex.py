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
    "’": "'", "∞": r"\ensuremath{\infty}", "ᵀ": r"\ensuremath{^\top}", "⟨": r"\ensuremath{\langle}",
    "⟩": r"\ensuremath{\rangle}", "α": r"\ensuremath{\alpha}", "≥": r"\ensuremath{\ge}", "×": r"\ensuremath{\times}",
    "ḣ": r"\ensuremath{\dot h}", "Ḣ": r"\ensuremath{\dot H}",
}  # fmt: skip
"""Signs that LaTeX reads otherwise, or does not know, as it sets them."""


MOST_LETTERS: Final = 86
"""Letters of code in a line that the text of an article holds in `\\scriptsize`."""


def code(text: str) -> str:
    """Returns code as it stands, small; a longer line of a shell goes on after a backslash.

    >>> print(code("print(1)"))
    \\leavevmode{\\scriptsize
    \\begin{verbatim}
    print(1)
    \\end{verbatim}
    }
    """
    lines = [line for each in text.split("\n") for line in _wrapped(each)]
    return "\n".join([r"\leavevmode{\scriptsize", r"\begin{verbatim}", *lines, r"\end{verbatim}", "}"])


def _wrapped(line: str) -> list[str]:
    """A command as lines that are not too long, as far as spaces part it; code of Python as it is."""
    if len(line) <= MOST_LETTERS or not line.startswith("python "):
        return [line]
    lines = [""]
    for word in line.split(" "):
        if len(lines[-1]) + len(word) + 3 > MOST_LETTERS:
            lines[-1] += " \\"
            lines.append(" ")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines


def broken(digest: str) -> str:
    """Returns a digest that may be broken into lines.

    >>> broken("0123456789abcdef")
    '01234567\\\\allowbreak 89abcdef'
    """
    return r"\allowbreak ".join(digest[i : i + 8] for i in range(0, len(digest), 8))


def escaped(text: str) -> str:
    """Returns text for a LaTeX document; a sign that is not known here is a question mark.

    >>> print(escaped("50 % of q_min, ‖W‖²"))
    50 \\% of q\\_min, \\ensuremath{\\Vert}W\\ensuremath{\\Vert}\\ensuremath{^2}
    """
    return "".join(SIGNS.get(sign, sign if " " <= sign <= "~" else "?") for sign in text)
