"""The addresses that are served beside Streamlit's: films by their keys, scripts and style sheets by their content."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.component.served import Served, served
from app.jobs import films
from app.jobs.films import Packed
from app.jobs.tours import Page

FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
"""Headers for addresses whose content never changes: they hold its digest, Plotly's its version."""

FOR_NOBODY: Final = {"Cache-Control": "private, no-store"}
"""Headers for a film that a visitor brought: no proxy and no browser keeps it."""


def film(request: Request) -> Response:
    """Serves a film by its key, over plain HTTP, so that browsers and proxies keep it."""
    kept = films.published(request.path_params["key"])
    if kept is None:
        return PlainTextResponse(films.GONE, 404)
    if kept.private:
        return Response(kept.document, media_type="application/octet-stream", headers=FOR_NOBODY)
    return for_ever(request, "application/octet-stream", kept)


def code(request: Request) -> Response:
    """Serves a script or a style sheet of ours, compressed: Plotly takes 1.5 MB instead of 4.8."""
    found = served(request.path_params["name"])
    if found is None:
        return PlainTextResponse("This version of the lab is not served any more: reload the page.", 404)
    return for_ever(request, found.kind, found)


def for_ever(request: Request, kind: str, found: Packed | Served | Page) -> Response:
    """Returns an answer that may be kept for ever, compressed for those who can read it so."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.compressed, media_type=kind, headers={**FOR_EVER, "Content-Encoding": "gzip"})
    return Response(found.document, media_type=kind, headers=FOR_EVER)


ANYWHERE: Final = ("", "/{base:path}")
"""What may stand before our addresses: a base path of Streamlit's or of a proxy's, since pages ask for them relative to
themselves.
"""

ROUTES: Final = [
    Route(f"{base}/lab/{address}", answer)
    for base in ANYWHERE
    for address, answer in (("film/{key}", film), ("code/{name}", code))
]
