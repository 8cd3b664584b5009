"""The application that `streamlit run` serves: the page of `lab.py`, our own addresses beside it, and words instead of
a traceback.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from streamlit.config import get_option

from app.jobs import runs
from app.jobs.cache import EVERYTHING, SETTING, USUAL, memory_bytes
from app.jobs.warming import compile_all
from app.player.offline import PLOTLY
from app.rooms.library import Folders
from app.rooms.rooms import Rooms
from app.server.departures import Departures
from app.server.html_head import HtmlHead
from app.server.leftovers import leftovers
from app.server.room_pages import page_routes
from app.server.room_tours import Tours, tour_routes
from app.server.rooms import keeping, room_routes
from app.server.routes import ROUTES
from app.server.spelling import Spelling
from app.tours.shelf import tour_folders
from app.trainer.store import lab_folder
from ulpm_core import ConfigError

try:
    EVERYTHING.room = memory_bytes(os.environ.get(SETTING) or str(USUAL))
    folders = tour_folders()
except ConfigError as refusal:
    sys.exit(f"Collapse Lab: {refusal}")


def rooms_file() -> Path:
    """Returns the file of rooms: the one that several copies of the lab share, or else this server's own. Another
    server on this machine listens at another port.
    """
    shared = os.environ.get("COLLAPSE_LAB_ROOMS", "")
    return Path(shared) if shared else lab_folder() / f"rooms-{get_option('server.port')}.sqlite3"


library = Folders(folders)
rooms = Rooms(rooms_file, library)
tours = Tours(rooms, library)


def _warm_up() -> None:
    _ = PLOTLY.compressed
    try:
        runs.warm_up()
    finally:
        leftovers.has_loaded()
    compile_all()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    collecting = asyncio.create_task(leftovers.collect_when_due())
    async with keeping(rooms):
        yield {}
    collecting.cancel()


def say_what_happened(error: Exception) -> bool:
    """Says on the page, in our words, that it failed; the traceback goes to the log."""
    logging.getLogger(__name__).error("The page failed", exc_info=error)
    st.error("Something went wrong on our side. Your settings are in the link: reload the page to go on.")
    return True


app = st.App(
    Path(__file__).with_name("lab.py"),
    routes=[*ROUTES, *room_routes(rooms), *tour_routes(tours), *page_routes(tours)],
    middleware=[Middleware(Departures), Middleware(Spelling), Middleware(HtmlHead)],
    lifespan=lifespan,
    on_script_error=say_what_happened,
)
