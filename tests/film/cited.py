"""The numbers that sentences of films mention as values of curves."""

from __future__ import annotations

from typing import Any

from ulpm_core.model.number_words import number


def figures_said(header: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The words of each figure of a film's header where they stand in its sentence, and the figure."""
    return [(header["sentences"][each["sentence"]][each["start"] : each["end"]], each) for each in header["figures"]]


def says(words: str, value: float) -> bool:
    """Whether the words are this value as sentences round it: as a number, or as a share."""
    return words in (number(value), f"{value:.0%}")
