"""The commands of TeX that formulas may use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_GREEK: Final = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "omicron", "pi", "rho", "varsigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
"""In the order of Unicode, where no capital stands at that of the final sigma."""
LETTERS: Final[Mapping[str, str]] = {
    **{name: chr(0x3B1 + i) for i, name in enumerate(_GREEK)},
    **{name.capitalize(): chr(0x391 + i) for i, name in enumerate(_GREEK) if name != "varsigma"},
    "varepsilon": "ε",
    "ell": "ℓ",
    "infty": "∞",
    "partial": "∂",
    "nabla": "∇",
    "top": "⊤",
    "dots": "…",
    "ldots": "…",
    "cdots": "⋯",
    "emptyset": "∅",
}
"""Commands that are a letter."""
OPERATORS: Final[Mapping[str, str]] = {
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈", "sim": "∼", "equiv": "≡",
    "ll": "≪", "gg": "≫", "propto": "∝", "in": "∈", "notin": "∉", "subset": "⊂", "to": "→", "rightarrow": "→",
    "mapsto": "↦", "Rightarrow": "⇒", "times": "×", "cdot": "·", "pm": "±", "mp": "∓", "circ": "°", "odot": "⊙",
    "otimes": "⊗", "oplus": "⊕", "dagger": "†", "perp": "⊥", "sum": "∑", "prod": "∏", "int": "∫", "forall": "∀",
    "exists": "∃", "mid": "|", "lVert": "‖", "rVert": "‖", "Vert": "‖", "lvert": "|", "rvert": "|", "langle": "⟨",
    "rangle": "⟩", "lbrace": "{", "rbrace": "}", "colon": ":", "prime": "′",
}  # fmt: skip
"""Commands that are a sign."""
SIGNS: Final[Mapping[str, str]] = {"|": "‖", "{": "{", "}": "}", "%": "%", "$": "$", "#": "#", "&": "&", "_": "_"}
"""What stands for itself behind a backslash, and the double bar."""
FENCES: Final = "()[]{}|‖⟨⟩"
"""Signs that MathML makes as high as what stands beside them."""
FUNCTIONS: Final = (
    "log", "ln", "exp", "cos", "sin", "tan", "arccos", "arcsin", "sinh", "cosh", "tanh", "min", "max", "argmin",
    "argmax", "inf", "sup", "lim", "dim", "det", "Tr", "rank",
)  # fmt: skip
"""Functions, set upright."""
BESIDE: Final = "([{}])^_+-=<>,.;:/|"
"""What may follow a function's name without a space between."""
STACKED: Final = (
    "<mo>∑</mo>",
    "<mo>∏</mo>",
    *(f"<mi>{name}</mi>" for name in ("lim", "max", "min", "argmax", "argmin")),
)
"""What has its bounds under and over it where the formula stands alone."""
SPACES: Final[Mapping[str, str]] = {
    ",": "0.167em", ":": "0.222em", ";": "0.278em", " ": "0.25em", "!": "0", "quad": "1em", "qquad": "2em",
}  # fmt: skip
FRACTIONS: Final = ("frac", "tfrac", "dfrac")
STYLES: Final = ("textstyle", "displaystyle")
"""Commands about size, which is left to the place where a formula stands."""
ACCENTS: Final[Mapping[str, str]] = {"hat": "^", "bar": "¯", "tilde": "~", "vec": "→", "dot": "˙", "overline": "¯"}
VARIANTS: Final[Mapping[str, str]] = {"mathbf": "BOLD", "mathbb": "DOUBLE-STRUCK", "mathcal": "SCRIPT"}
"""Commands that set the capitals behind them in another face, which Unicode calls so."""
WORDS: Final = ("text", "operatorname", "mathrm")
"""Commands whose group is words."""
