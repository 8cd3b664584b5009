"""The pages of rooms: the door with a field for the code, a student's page, and the two of a teacher. Each is ordinary
HTML without a session; what it needs beside has addresses that may be kept for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from html import escape
from io import BytesIO
from typing import Final

import segno
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from app.component.served import Served, text_of
from app.player.modules import joined
from app.player.offline import PLOTLY
from app.rooms.codes import meant
from app.rooms.refused import UNKNOWN, WRONG, Refused
from app.server.policy import ROOM_PAGE, TEACHERS_PAGE
from app.server.reached import HOST, SCHEMES, ways_in
from app.server.room_tours import Tours
from app.server.rooms import UNKEPT
from app.server.routes import ANYWHERE, FOR_EVER
from app.tour_player.served_parts import ENGINE, TABLE, TOUR_STYLE

STUDENT: Final = Served("student.js", lambda: joined("tour_player/room/student.js"))
TEACHER: Final = Served("teacher.js", lambda: joined("tour_player/room/teacher.js"))
OPENING: Final = Served("opening.js", lambda: joined("tour_player/room/opening.js"))
LOOKS: Final = Served("room.css", lambda: TOUR_STYLE.text + text_of("tour_player/room/room.css"))
ENDED: Final = "This room has ended. Thank you for taking part."
NO_CODE: Final = "A code has five letters, such as KFQXW."
GONE: Final = 410
LONGEST_ADDRESS: Final = 300
QR_MARGIN: Final = 4
"""Light modules around a code that cameras ask for."""
Page = Callable[[Tours, Request], Awaitable[Response]]


async def door(tours: Tours, request: Request) -> Response:
    """Shows the field for a code, or leads whoever has filled it in to the room."""
    written = request.query_params.get("code")
    if written is None:
        return _door("")
    code = meant("".join(written.split()))
    return RedirectResponse(f"room/{code}", 303, UNKEPT) if code else _door(NO_CODE, WRONG, written)


async def student(tours: Tours, request: Request) -> Response:
    """Shows a student the room, or the field for a code where there is none."""
    try:
        room = await tours.rooms.room(request.path_params["code"])
    except Refused as refusal:
        return _door(str(refusal), refusal.status, request.path_params["code"], up="../")
    if room.hub.state.ended:
        return _door(ENDED, GONE, up="../")
    body = _filled("student", title=room.outline.title, code=room.code, up="../", **_computing())
    return _page(f"{room.outline.title} · Collapse Lab", "room", body, STUDENT, up="../")


async def opening(tours: Tours, request: Request) -> Response:
    """Shows a teacher the tours on which to open a room."""
    rows = [
        _filled(
            "listed",
            tour=cover.tour,
            title=cover.title,
            words=f"{cover.minutes} minutes. {f'For {cover.audience}.' if cover.audience else ''}",
        )
        for cover in await asyncio.to_thread(tours.library.covers)
    ]
    body = text_of("tour_player/room/teach.html").format(up="", tours="\n".join(rows))
    return _page("Open a room · Collapse Lab", "teach", body, OPENING, policy=TEACHERS_PAGE)


async def teacher(tours: Tours, request: Request) -> Response:
    """Shows a teacher's page. It holds nothing of hers: her browser brings the secret."""
    try:
        room = await tours.rooms.room(request.path_params["code"])
    except Refused as refusal:
        return _door(str(refusal), refusal.status, request.path_params["code"], up="../")
    bases, reach = ways_in(request)
    where = "".join(f'<option value="{escape(base)}">' for base in bases)
    texts = {"title": room.outline.title, "reach": reach, **_computing()}
    fields = {name: escape(value) for name, value in texts.items()}
    spelled = " ".join(room.code)
    body = text_of("tour_player/room/teacher.html").format(
        code=room.code, spelled=spelled, up="../", bases=where, **fields
    )
    return _page(f"{room.code} · Collapse Lab", "teach", body, TEACHER, "../", TEACHERS_PAGE)


def qr(request: Request) -> Response:
    """Draws the address of a room as a QR code."""
    scheme, _, rest = request.query_params.get("of", "").partition("://")
    host, _, path = rest.partition("/")
    parts = path.split("/")
    named = len(parts) > 1 and parts[-2] == "room" and meant(parts[-1])
    if scheme not in SCHEMES or not HOST.fullmatch(host) or not named or len(rest) > LONGEST_ADDRESS:
        return PlainTextResponse("This is the address of no room.", WRONG)
    drawn = BytesIO()
    code = segno.make(f"{scheme}://{rest}", error="m", micro=False)
    code.save(drawn, kind="svg", border=QR_MARGIN, light="#fff", omitsize=True)
    return Response(drawn.getvalue(), 200, FOR_EVER, "image/svg+xml")


def _computing() -> dict[str, str]:
    """Returns the addresses of what computes in a browser."""
    return {"engine": ENGINE.address, "table": TABLE.address}


def _door(why: str, status: int = 200, code: str = "", up: str = "") -> Response:
    heading = "There is no such room" if status == UNKNOWN else "The class is over" if status == GONE else "Join a room"
    body = _filled("door", why=why, code=code[:12], heading=heading, up=up)
    return _page("Join a room · Collapse Lab", "room", body, None, up, status=status)


def _filled(template: str, **fields: str) -> str:
    """Returns a part of a page with texts in it, whatever they say."""
    return text_of(f"tour_player/room/{template}.html").format(**{name: escape(text) for name, text in fields.items()})


def _page(
    title: str,
    kind: str,
    body: str,
    script: Served | None,
    up: str = "",
    policy: str = ROOM_PAGE,
    status: int = 200,
) -> Response:
    scripts = f'<script src="{up}{PLOTLY.address}" async data-plotly></script>\n' if script else ""
    scripts += f'<script type="module" src="{up}{script.address}"></script>' if script else ""
    page = text_of("tour_player/room/page.html").format(
        title=escape(title), style=f"{up}{LOOKS.address}", scripts=scripts, kind=kind, body=body
    )
    return HTMLResponse(page, status, {**UNKEPT, "Content-Security-Policy": policy})


def page_routes(tours: Tours) -> list[Route]:
    """Returns the addresses of these pages."""
    pages: list[tuple[str, Page]] = [
        ("room", door),
        ("room/{code}", student),
        ("teach", opening),
        ("teach/{code}", teacher),
    ]

    def showing(page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def show(request: Request) -> Response:
            return await page(tours, request)

        return show

    found = [Route(f"{base}/{address}", showing(page)) for base in ANYWHERE for address, page in pages]
    return [*found, *(Route(f"{base}/lab/qr", qr) for base in ANYWHERE)]
