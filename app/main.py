"""What `streamlit run` is given: the lab, our routes beside it, and our words for what nobody foresaw."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app import leftovers, runs, served, uploads
from app.departures import Departures
from app.head import Head
from app.kept import EVERYTHING, SETTING, USUAL, memory_bytes
from app.player.player import PLOTLY
from app.spelling import Spelling
from app.stage import GONE
from ulpm_core import ConfigError

try:
    EVERYTHING.room = memory_bytes(os.environ.get(SETTING) or str(USUAL))
except ConfigError as refusal:
    sys.exit(f"Collapse Lab: {refusal}")

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
"""For addresses whose content never changes: they hold its digest, Plotly's its version."""

FOR_NOBODY = {"Cache-Control": "private, no-store"}
"""For what a visitor brought: no proxy and no browser keeps it."""


def film(request: Request) -> Response:
    """A film by its key; plain HTTP, so that browsers and proxies keep it."""
    key = request.path_params["key"]
    own = uploads.published(key)
    if own is not None:
        return Response(own.document, media_type="application/octet-stream", headers=FOR_NOBODY)
    kept = runs.published(key)
    if kept is None:
        return PlainTextResponse(GONE, 404)
    return _kept(request, "application/octet-stream", lambda: kept.document, lambda: kept.compressed)


def code(request: Request) -> Response:
    """A script or a style sheet of ours: Plotly in 1.5 MB instead of 4.8."""
    found = served.served(request.path_params["name"])
    if found is None:
        return PlainTextResponse("This version of the lab is not served any more: reload the page.", 404)
    return _kept(request, found.kind, found.text.encode, lambda: found.compressed)


def _kept(request: Request, kind: str, plain: Callable[[], bytes], compressed: Callable[[], bytes]) -> Response:
    """An answer to be kept for ever, compressed for those who can read it so."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(compressed(), media_type=kind, headers={**FOR_EVER, "Content-Encoding": "gzip"})
    return Response(plain(), media_type=kind, headers=FOR_EVER)


def _warm_up() -> None:
    _ = PLOTLY.compressed
    try:
        runs.warm_up()
    finally:
        leftovers.all_is_loaded()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    collecting = asyncio.create_task(leftovers.collect_when_due())
    yield {}
    collecting.cancel()


def say_what_happened(error: Exception) -> bool:
    """Our words instead of a traceback; the traceback goes to the log."""
    logging.getLogger(__name__).error("The page failed", exc_info=error)
    st.error("Something went wrong on our side. Your settings are in the link: reload the page to go on.")
    return True


ANYWHERE: Final = ("", "/{base:path}")
"""Before our addresses a base path may stand, Streamlit's or a proxy's: pages ask for them relative to themselves."""

app = st.App(
    Path(__file__).with_name("lab.py"),
    routes=[
        Route(f"{base}/lab/{address}", answer)
        for base in ANYWHERE
        for address, answer in (("film/{key}", film), ("code/{name}", code))
    ],
    middleware=[Middleware(Departures), Middleware(Spelling), Middleware(Head)],
    lifespan=lifespan,
    on_script_error=say_what_happened,
)
