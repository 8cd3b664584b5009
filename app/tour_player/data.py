"""`tour_data`: a tour as the browser plays it. All that a run decides is read from the run here: numbers in words, the
answers of questions, the frames of moments.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from app.jobs.films import key_of
from app.page.spec import Spec
from app.standalone.standalone import has_knobs
from app.tours.answers import in_words, truth_of
from app.tours.document import Tour
from app.tours.films import SceneFilm
from app.tours.html import html_of, words_html
from app.tours.made import MadeFilm, Source, source_of
from app.tours.markup import Figure
from app.tours.moments import Moment
from app.tours.questions import Choice, Drawing, NumberAsked, Question
from app.tours.record import Record
from app.tours.scenes import Scene
from ulpm_core.film.film import Film

FORMAT: Final = 1
TURNED_ELSEWHERE: Final = "Here the browser cannot compute this film anew. In the full lab you can turn {knobs}."


@dataclass(frozen=True)
class Played:
    """A tour as the browser plays it: `data`, which JSON can hold (`TourData` in types.d.ts), and the films that it
    names, by their keys.
    """

    data: dict[str, Any]
    films: dict[str, Film] = field(repr=False)

    def json(self) -> str:
        return json.dumps(self.data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def tour_data(tour: Tour, read_film: Callable[[Source], MadeFilm]) -> Played:
    """Returns a tour for the browser. `read_film` hands over the film of a config or of a file: it is asked for each
    film of a scene, so it keeps them.

    Raises :class:`ConfigError` where a film does not hold what its scene says: a tour that was checked has none.
    """
    reader = _Reader(read_film)
    scenes = [reader.scene(scene) for scene in tour.scenes]
    data = {"format": FORMAT, "title": tour.title, "minutes": tour.minutes, "audience": tour.audience, "scenes": scenes}
    said = json.dumps(data, sort_keys=True, allow_nan=False)
    return Played({"digest": hashlib.sha256(said.encode()).hexdigest()[:16], **data}, reader.films)


class _Reader:
    """Reads the scenes of one tour, and collects their films."""

    def __init__(self, read_film: Callable[[Source], MadeFilm]):
        self.read_film = read_film
        self.films: dict[str, Film] = {}
        self._keys: dict[Source, str] = {}

    def scene(self, scene: Scene) -> dict[str, Any]:
        record = self.read_film(source_of(scene.film)).record if scene.film else None

        def read(figure: Figure) -> str:
            assert record is not None, "a number in a scene without a film, which the reader refuses"
            return in_words(figure.expression, record)

        return {
            "id": scene.anchor,
            "title": scene.title,
            "html": html_of(scene.blocks, read),
            "notes": html_of(scene.notes, read),
            "film": scene.film and self._film(scene.film, bool(scene.questions)),
            "questions": [_question(question, record, read) for question in scene.questions],
        }

    def _film(self, film: SceneFilm, asks: bool) -> dict[str, Any]:
        source = source_of(film)
        made = self.read_film(source)
        until = made.record.frame("until", film.until)
        then = made.record.frame("then", film.then or Moment("end")) if asks else until
        begins = made.record.frame("at", film.begins) if film.begins else 0
        state, turns = film.state, film.knobs and has_knobs(made.film)
        elsewhere = TURNED_ELSEWHERE.format(knobs=_named(film.spec, film.knobs)) if film.knobs and not turns else ""
        return {
            "digest": self._key(source),
            "pinned": self._key(state.pinned) if state and state.pinned is not None else None,
            "begins": min(begins, until),
            "until": until,
            "then": then,
            "show": list(film.show),
            "knobs": list(film.knobs) if turns else [],
            "elsewhere": elsewhere,
            "look": state.look.to_player() if state else {},
            "config": made.film.header["config"] if turns else None,
            "link": urlencode(state.to_link(), safe=",:") if state else None,
            "screen": film.screen,
        }

    def _key(self, source: Source) -> str:
        """Returns the key of a film, which is made into bytes once."""
        if source not in self._keys:
            film = self.read_film(source).film
            self._keys[source] = key_of(film.header, film.to_bytes())
            self.films[self._keys[source]] = film
        return self._keys[source]


def _named(spec: Spec, knobs: tuple[str, ...]) -> str:
    """Returns knobs by their labels: "Seed and Dimension"."""
    *others, last = [spec.parameters[name].label for name in knobs]
    return f"{', '.join(others)} and {last}" if others else last


def _question(question: Question, record: Record | None, read: Callable[[Figure], str]) -> dict[str, Any]:
    truth = truth_of(question, record)
    chosen, number = isinstance(question, Choice), isinstance(question, NumberAsked)
    return {
        "kind": truth.kind,
        "prompt": words_html(question.prompt, read),
        "reason": words_html(question.reason, read),
        "options": [words_html(option, read) for option in question.options] if isinstance(question, Choice) else [],
        "right": truth.value if chosen else [],
        "truth": truth.value[0] if number else None,
        "tolerance": truth.value[1] if number else None,
        "curve": question.curve if isinstance(question, Drawing) else None,
    }
