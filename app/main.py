"""What `streamlit run` is given: the lab, our routes beside it, and our words for what nobody foresaw."""

from __future__ import annotations

import gzip
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app import runs, uploads
from app.head import Head
from app.player.player import plotly_address, plotly_script

FOR_EVER = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Encoding",
}
"""For addresses whose content never changes: a film's key holds a digest of its bytes, Plotly's its version."""

FOR_NOBODY = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
"""For what a visitor brought: no proxy and no browser keeps it."""


def film(request: Request) -> Response:
    """A film by its key; plain HTTP, so that browsers and proxies keep it."""
    key = request.path_params["key"]
    own = uploads.published(key)
    if own is not None:
        return Response(own.document, media_type="application/octet-stream", headers=FOR_NOBODY)
    shown = runs.published(key)
    if shown is None:
        return PlainTextResponse("This film is no longer kept: reload the page to compute it again.", 404)
    return _kept(request, "application/octet-stream", lambda: shown.document, lambda: shown.compressed)


def plotly(request: Request) -> Response:
    """plotly.min.js of the installed package: 1.5 MB instead of 4.8."""
    if request.url.path != f"/{plotly_address()}":
        return PlainTextResponse("This version of Plotly is not installed here: reload the page.", 404)
    return _kept(request, "text/javascript", plotly_script().encode, _compressed_plotly)


@lru_cache(1)
def _compressed_plotly() -> bytes:
    return gzip.compress(plotly_script().encode(), 6)


def _kept(request: Request, kind: str, plain: Callable[[], bytes], compressed: Callable[[], bytes]) -> Response:
    """An answer to be kept for ever, compressed for those who can read it so."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(compressed(), media_type=kind, headers={**FOR_EVER, "Content-Encoding": "gzip"})
    return Response(plain(), media_type=kind, headers=FOR_EVER)


def _warm_up() -> None:
    _compressed_plotly()
    runs.warm_up()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    yield {}


def say_what_happened(error: Exception) -> bool:
    """Our words instead of a traceback; the traceback goes to the log."""
    logging.getLogger(__name__).error("The page failed", exc_info=error)
    st.error("Something went wrong on our side. Your settings are in the link: reload the page to go on.")
    return True


app = st.App(
    "lab.py",
    routes=[Route("/lab/film/{key}", film), Route("/lab/plotly-{version}.min.js", plotly)],
    middleware=[Middleware(Head)],
    lifespan=lifespan,
    on_script_error=say_what_happened,
)
