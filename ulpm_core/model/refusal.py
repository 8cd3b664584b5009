"""Refusals of bad input: the exception that every one is, the two sentences it may say, and how it repeats the value
that was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

LONGEST: Final = 40
"""Most characters of a value that a message repeats; no longer number is read from text either."""
LONGEST_PATH: Final = 100
"""The same for a path."""
PHRASES: Final = {
    "use": "use",
    "leave-out": "leave it out, or use",
    "example": "{allowed}, for example {example}",
    "span": "{low} to {high}",
    "among": "one of {choices}",
}
"""What refusals of all kinds say, as templates by name; the engine in a browser fills in the same ones."""


class ConfigError(ValueError):
    """A refusal a person can act on: it names the field, the value, the range and a value that works. `field` is the
    name of what was refused.

    >>> str(refuse("classes", 1, "is too few", span(2, 20), 4))
    'classes = 1 is too few: use 2 to 20, for example 4.'
    >>> refuse("classes", 1, "is too few", span(2, 20), 4).field
    'classes'
    """

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field

    def said_of(self, field: str, sentence: str | None = None) -> ConfigError:
        """Returns this refusal as one of another field, such as the option whose file was read."""
        return ConfigError(field, str(self) if sentence is None else sentence)


class UnusedWarning(UserWarning):
    """Something is given that is not used: an array of a file, perhaps for want of a letter in its name, or an option
    without a part in a run.
    """


def refuse(
    field: str, value: object, why: str, allowed: str, example: object = None, do: str = PHRASES["use"]
) -> ConfigError:
    """Returns the refusal of a value: its field, the value as it may be repeated, why, what is allowed and an example
    that works, which may be left out where what is allowed is one. `do` says what to do with what is allowed.

    >>> print(refuse("classes", "1e9", "is out of range", span(2, 20), 4))
    classes = 1e9 is out of range: use 2 to 20, for example 4.
    >>> print(refuse("device", "cuda", "was not found on this machine", among(["cpu"]), "cpu"))
    device = cuda was not found on this machine: use cpu.
    >>> print(refuse("classes", "", "is not a whole number", span(2, 20), 4))
    classes = '' is not a whole number: use 2 to 20, for example 4.
    """
    given = shown_path(value) if isinstance(value, Path) else shown(value) or "''"
    return unfit(field, f"{field} = {given} {why}", f"{do} {works(allowed, example)}")


def unfit(field: str, what: str, do: str, example: object = None, kind: type[ConfigError] = ConfigError) -> ConfigError:
    """Returns the refusal of what is no single value, such as an array, a file or a model: what is wrong, what to do,
    and an example. `what` is a clause; where the field's name does not begin it, the name is put before it.

    >>> print(unfit("W", "W has 1 row", "use one for each of 2 to 1000 classes", 4))
    W has 1 row: use one for each of 2 to 1000 classes, for example 4.
    >>> print(unfit("layer", "fc and out make logits", "name one"))
    layer: fc and out make logits: name one.
    """
    named = what if what.startswith(f"{field} ") else f"{field}: {what}"
    return kind(field, _printable(f"{named}: {works(do, example)}."))


def works(allowed: str, example: object = None) -> str:
    """Returns what is allowed with an example of it, which is not said twice.

    >>> works("2 to 20", 4), works("1", 1)
    ('2 to 20, for example 4', '1')
    """
    needless = example is None or str(example) == allowed
    return allowed if needless else PHRASES["example"].format(allowed=allowed, example=example)


def span(least: float, most: float) -> str:
    """Returns a range in words, or its one number.

    >>> span(1, 560000), span(0.5, 1e9), span(1, 1)
    ('1 to 560000', '0.5 to 1000000000', '1')
    """
    low, high = (str(x) if isinstance(x, int) else f"{x:.12g}" for x in (least, most))
    return low if low == high else PHRASES["span"].format(low=low, high=high)


def among(choices: Sequence[str]) -> str:
    """Returns the choices in words, or the only one.

    >>> among(["cpu", "cuda"]), among(["cpu"])
    ('one of cpu, cuda', 'cpu')
    """
    return choices[0] if len(choices) == 1 else PHRASES["among"].format(choices=", ".join(choices))


def shown(value: object) -> str:
    """A refused value as it may be repeated in a message: one line, printable, at most 40 characters."""
    try:
        written = str(value)
    except (ValueError, RecursionError):
        written = f"a {type(value).__name__} too long to show"
    text = _printable(written)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def shown_path(path: object) -> str:
    """A path as it may be repeated in a message: its end says more than its beginning.

    >>> shown_path("a/" * 60 + "run.npz")[-11:]
    'a/a/run.npz'
    """
    text = _printable(str(path))
    return text if len(text) <= LONGEST_PATH else "..." + text[3 - LONGEST_PATH :]


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
