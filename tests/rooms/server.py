"""A server of the lab with rooms, as a process of its own: `python tests/rooms/server.py PORT FILE`.

Its tours are outlines written as JSON, so that what is tested here does not rest on how documents are read.
"""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
import uvicorn
from starlette.middleware import Middleware

from app.rooms.rooms import Rooms
from app.rooms.tour import Outline
from app.server.departures import Departures
from app.server.html_head import HtmlHead
from app.server.rooms import keeping, room_routes
from app.server.routes import ROUTES
from app.server.spelling import Spelling
from ulpm_core import ConfigError

ROOT = Path(__file__).parents[2]


class Outlines:
    """Tours that are their outlines."""

    def __init__(self, served: dict[str, str]):
        self.served = served

    def source(self, tour: str) -> str | None:
        return self.served.get(tour)

    def outline(self, source: str) -> Outline:
        try:
            return Outline.from_json(source)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ConfigError("tour", "lesson.md:1: this is no tour.") from None


def main(port: int, file: Path) -> None:
    from rooms.clients import LESSON

    rooms = Rooms(lambda: file, Outlines({"angles": LESSON.to_json()}))

    @asynccontextmanager
    async def lifespan(_):
        async with keeping(rooms):
            yield {}

    lab = st.App(
        ROOT / "app" / "lab.py",
        routes=[*ROUTES, *room_routes(rooms)],
        middleware=[Middleware(Departures), Middleware(Spelling), Middleware(HtmlHead)],
        lifespan=lifespan,
    )
    uvicorn.run(lab, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    main(int(sys.argv[1]), Path(sys.argv[2]))
