"""Films as the player's modules are handed them."""

from __future__ import annotations

import base64

from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import Film, build_film


def film_of(**changes: object) -> Film:
    return build_film(simulate(RunConfig().with_changes(**{"steps": 300, **changes})))


def encoded(*films: Film) -> list[str]:
    """The films as base64: `parseFilm(bytesOf(text))` reads each."""
    return [base64.b64encode(film.to_bytes()).decode() for film in films]
