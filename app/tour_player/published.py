"""`publish_tour`: a tour for the browsers of others. The document is anybody's, so what its films cost is limited."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from typing import Any, Final

from app.jobs.bundled import recorded
from app.jobs.films import Packed, lend
from app.jobs.tours import Page, Playable
from app.tour_player.data import tour_data
from app.tours.document import Tour
from app.tours.made import FilmMaker, Source, source_of
from ulpm_core import RunConfig
from ulpm_core.dynamics.engines.cost import predicted_seconds
from ulpm_core.dynamics.progress import ProgressCallback
from ulpm_core.model.refusal import unfit
from ulpm_core.networks.config import NetworkConfig

MOST_SECONDS: Final = 60.0
"""What all films of a tour may take together: a class waits for them once."""
FILM_BYTES: Final = 32 * 2**20
"""Of all films of a tour, compressed: every phone of a class fetches them."""
UNTOLD: Final[dict[str, Any]] = {"reason": "", "right": [], "truth": None, "tolerance": None}
"""The fields of a question that say its answer, and what stands in each of them until that is told."""


def publish_tour(tour: Tour, progress: ProgressCallback[Any]) -> Playable:
    """Makes the films of a tour and returns it for browsers. Raises :class:`ConfigError` where a film cannot be had, or
    does not hold what its scene says, and KeyboardInterrupt where `progress` answers False.
    """
    _refuse_costly(tour)
    played = tour_data(tour, FilmMaker(progress).take)
    films = tuple(lend(Packed.of(film)) for film in played.films.values())
    if (size := sum(len(film.compressed) for film in films)) > FILM_BYTES:
        raise unfit("films", f"films of this tour take {size / 2**20:.0f} MiB", f"leave {FILM_BYTES // 2**20} at most")
    scenes = played.data["scenes"]
    seen = [{**scene, "notes": ""} for scene in scenes]
    asking = [{**scene, "questions": [{**one, **UNTOLD} for one in scene["questions"]]} for scene in seen]
    return Playable(
        _page({**played.data, "scenes": seen}),
        _page({**played.data, "digest": "", "scenes": asking}),
        tuple(tuple({name: one[name] for name in UNTOLD} for one in scene["questions"]) for scene in scenes),
        tuple(scene["notes"] for scene in scenes),
        films,
    )


def _page(data: dict[str, Any]) -> Page:
    document = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return Page(hashlib.sha256(document).hexdigest()[:16], gzip.compress(document, 6, mtime=0))


def tour_key(source: str, tour: str) -> str:
    """Returns the key under which a document is kept once its films are made; it may be that of a tour with an id."""
    return hashlib.sha256(f"{tour}\n{source}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def seconds_of(tour: Tour) -> float:
    """Foretells how long the films of a tour take, in seconds."""
    return sum(predicted_seconds(source) for source in _sources(tour) if isinstance(source, RunConfig))


def _sources(tour: Tour) -> Iterator[Source]:
    """Returns of what the films of a tour are made, each once."""
    films = [scene.film for scene in tour.scenes if scene.film is not None]
    pinned = (film.state.pinned for film in films if film.state is not None and film.state.pinned is not None)
    return iter(dict.fromkeys((*map(source_of, films), *pinned)))


def _refuse_costly(tour: Tour) -> None:
    """Raises :class:`ConfigError` for a tour whose films take longer than a class waits."""
    for source in _sources(tour):
        if isinstance(source, NetworkConfig) and recorded(source) is None:
            why = "film shows a training that has to be made, and no class waits for one"
            raise unfit("film", why, "use one that comes with the lab", "networks")
    if (seconds := seconds_of(tour)) > MOST_SECONDS:
        why = f"films of this tour take some {seconds:.0f} s to make"
        raise unfit("films", why, f"leave {MOST_SECONDS:.0f} s at most: fewer steps", "steps=1000")
