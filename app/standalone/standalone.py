"""Makes the lab without a server: one file, or the parts of a folder for a static host; and films that carry knobs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Final

from app.component.served import text_of
from app.engine.parameters import HERE
from app.engine.script import worker_script
from app.jobs.bundled import FIRST_FILM
from app.page.runs import RUNS
from app.player.carrying import Carrying
from app.player.modules import joined
from app.player.offline import STYLE, offline_html, plotly_script
from app.player.picture import picture
from app.standalone.table import standalone_table
from app.terms.glossary import legend
from app.views.lines import paragraphs
from app.views.opening import asked, care, disputed
from app.views.presets import PRESETS
from ulpm_core import RunConfig
from ulpm_core.film.film import Film
from ulpm_core.model.refusal import ConfigError

ELSEWHERE: Final = (
    "This page computes in your browser. The full lab, which needs Python and a server, also has the saddles of the"
    " landscape (its screen Landscape), trainings (Real networks), certificates (Theory; where no best value is known"
    " in closed form, the sentences under a film) and the largest stable learning rate (beside its knob)."
)
LATE: Final = (
    "This is a picture of the film. It plays, and the knobs turn, where the page's script may run: open this file in a"
    " browser with JavaScript on, and not inside a page or viewer that forbids scripts."
)
RULES: Final = {"script-src": "'wasm-unsafe-eval'", "worker-src": "blob:"}
"""What the engine needs beside its script: a worker of its own, and WebAssembly in it."""


def lab() -> Carrying:
    """Returns the lab, which begins with the film of the default run."""
    film = Film.from_bytes(FIRST_FILM.read_bytes())
    return _page(
        "lab",
        FIRST_FILM.read_bytes(),
        film,
        "Collapse Lab",
        asked(film.header, PRESETS[0].watch),
        disputed(hidden=True) + care(),
    )


def film_html(films: Sequence[bytes], title: str, names: Sequence[str] = ()) -> str:
    """Returns one HTML file with a film and its player, and with the film's knobs where the engine in the browser can
    make such a run; or with up to four films side by side, under their names. It asks nothing of any network.

    Raises :class:`ulpm_core.ConfigError` for bytes that are no film.
    """
    shown = Film.from_bytes(films[-1])
    if len(films) > 1 or not has_knobs(shown):
        return offline_html(films, title, names)
    return _page("film", films[-1], shown, f"{title} · Collapse Lab").one_file()


def has_knobs(film: Film) -> bool:
    """Returns whether the engine in the browser can make this film again, and others like it: of a whole run from a
    seed, in the ranges of the page.

    >>> config = {"seed": 7}
    >>> has_knobs(Film({"config": config}, {})), has_knobs(Film({"config": config | {"initialisation": "square"}}, {}))
    (True, False)
    """
    try:
        config = RunConfig.from_mapping({k: v for k, v in film.header["config"].items() if k != "kind"})
    except (ConfigError, AttributeError, KeyError):  # of a network, or of features
        return False
    return is_made_here(config) and not film.header.get("partial")


def is_made_here(config: RunConfig) -> bool:
    """Returns whether the engine in the browser can make the film of this run."""
    try:
        RUNS.check(config)
    except ConfigError:  # no page shows it
        return False
    return all(getattr(config, name) in choices for name, choices in HERE.items()) and not config.initial_digest


def _page(form: str, document: bytes, film: Film, title: str, watch: str = "", why: str = "") -> Carrying:
    """Returns the page; `watch` and `why` are HTML."""
    header = film.header
    body = text_of("standalone/lab.html").format(
        form=form,
        elsewhere=escape(ELSEWHERE),
        watch=watch,
        care=why,
        legend=legend(),
        title=escape(header["title"]),
        caption=escape(header["caption"]),
        late=escape(LATE),
        begins=picture(film, 0),
        ends=picture(film),
        sentences=paragraphs(header["sentences"]),
    )
    table = json.dumps(standalone_table(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Carrying(
        title=escape(title),
        style=text_of("standalone/lab.css") + text_of("standalone/knobs.css") + STYLE.text,
        body=body,
        main=joined("standalone/standalone.js"),
        scripts={"plotly": plotly_script()},
        data={"table": table.encode(), "film": document, "engine": worker_script().encode()},
        rules=RULES,
    )
