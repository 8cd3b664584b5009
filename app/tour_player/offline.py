"""Makes the offline file of a tour: one HTML file with its words, its films and their player."""

from __future__ import annotations

from html import escape
from typing import Any, Final

from app.component.served import text_of
from app.player.carrying import Carrying
from app.player.modules import joined
from app.player.offline import plotly_script
from app.player.picture import picture
from app.standalone.standalone import RULES
from app.tour_player.data import Played
from app.tour_player.served_parts import ENGINE, TABLE, TOUR_STYLE
from ulpm_core.film.film import Film

LATE: Final = (
    "Below stand the words of the tour, with pictures. Its films play where its script may run: open this file in a"
    " browser with JavaScript on, and not inside a page or viewer that forbids scripts."
)
MOST_DOTS: Final = 120
"""Of a picture, which is there once for each scene."""
ASKED: Final = {
    "number": "Write down a number.",
    "draw": "Sketch the curve; time runs to the right.",
    "place": "Draw where each class mean will be.",
}
"""What one does on paper, where there is nothing to choose from."""


def tour_html(played: Played) -> str:
    """Returns one HTML file with a tour; it asks nothing of any network. Only where knobs can be turned it carries the
    engine, and its policy allows the engine's worker.
    """
    data = played.data
    turns = any(scene["film"] and scene["film"]["knobs"] for scene in data["scenes"])
    title = escape(data["title"])
    body = text_of("tour_player/offline_tour.html").format(
        title=title,
        about=escape(_about(data)),
        late=escape(LATE),
        pages="\n".join(_page(scene, played.films) for scene in data["scenes"]),
    )
    carried = {f"film-{key}": film.to_bytes() for key, film in played.films.items()}
    if turns:
        carried |= {"table": TABLE.document, "engine": ENGINE.document}
    return Carrying(
        title=f"{title} · Collapse Lab",
        style="\n".join((TOUR_STYLE.text, text_of("tour_player/offline_tour.css"))),
        body=body,
        main=joined("tour_player/offline_tour.js"),
        scripts={"plotly": plotly_script()},
        data={"tour": played.json().encode(), **carried},
        rules=RULES if turns else {},
    ).one_file()


def _about(data: dict[str, Any]) -> str:
    minutes = f"{data['minutes']} minute{'s' if data['minutes'] > 1 else ''}"
    return f"{minutes}, for {data['audience']}" if data["audience"] else minutes


def _page(scene: dict[str, Any], films: dict[str, Film]) -> str:
    """Returns a scene as it stands on paper: its words, its questions, and the film where it waits. An anchor by name
    cannot be mistaken for a part of the file, which has an id.
    """
    asked = "".join(_asked(question) for question in scene["questions"])
    words = f'<div><h2><a name="{scene["id"]}"></a>{escape(scene["title"])}</h2>{scene["html"]}{asked}</div>'
    return f'<section class="tour-page">{words}{_figure(scene, films) if scene["film"] else ""}</section>'


def _figure(scene: dict[str, Any], films: dict[str, Film]) -> str:
    """Returns the film where it waits, and before it the one that it is compared with, at the same moment; where
    something is asked, without what would tell the answer.
    """
    shown, ideal = scene["film"], not scene["questions"]
    film, until = films[shown["digest"]], shown["until"]
    drawn = picture(film, until, MOST_DOTS, ideal=ideal)
    if shown["pinned"] is None:
        return f"<figure>{drawn}</figure>"
    pinned = films[shown["pinned"]]
    other = picture(pinned, _frame_beside(pinned, film, until), MOST_DOTS, ideal=ideal)
    sides = "".join(
        f"<figure>{each}<figcaption>{name}</figcaption></figure>" for name, each in (("A", other), ("B", drawn))
    )
    return f'<div class="tour-pair">{sides}</div>'


def _frame_beside(film: Film, other: Film, there: int) -> int:
    """Returns the last frame that is not beyond a frame of another film, as the player finds it: `frameBeside` in its
    film.js.
    """
    clocks = film.header["clock"], other.header["clock"]
    steps = all(clock["by"] == "step" for clock in clocks)
    by = "epoch" if all(clock.get("epoch") for clock in clocks) else "step" if steps else "log_time"
    track, now = clocks[0][by], clocks[1][by][there]
    reached = [frame for frame, at in enumerate(track) if at is None or (now is not None and at <= now)]
    return reached[-1] if reached else 0


def _asked(question: dict[str, Any]) -> str:
    options = "".join(f"<li>{option}</li>" for option in question["options"])
    blank = f'<div class="tour-blank tour-blank-{question["kind"]}"></div>'  # room on paper
    answers = f"<ul>{options}</ul>" if options else f"<p>{ASKED[question['kind']]}</p>{blank}"
    reason = f"<details><summary>Why?</summary><p>{question['reason']}</p></details>"
    return f'<div class="tour-asked"><p>{question["prompt"]}</p>{answers}{reason}</div>'
