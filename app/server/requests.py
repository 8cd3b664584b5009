"""What the addresses of rooms ask of every request: where it comes from, how large it is, and that it is JSON."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request

from app.rooms.limits import BODY_SECONDS
from app.rooms.refused import FORBIDDEN, TOO_LARGE, WRONG, Refused

DRAINED_BYTES: Final = 64 * 2**20
"""What is read, and thrown away, of a body that is too large: a browser that is cut short never sees why."""
PREFIX: Final = re.compile(r"(/[\w.~-]+)*/?", re.ASCII)
OWN: Final = ("same-origin", "none")


def check_origin(request: Request) -> None:
    """Raises :class:`Refused` where another site's page asks. Programs, which say nothing of it, may."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        own = site in OWN
    elif origin is not None:
        hosts = (request.headers.get("x-forwarded-host"), request.headers.get("host"))
        own = origin.partition("://")[2].lower() in [host.lower() for host in hosts if host]
    else:
        own = True
    if not own:
        raise Refused(FORBIDDEN, "Another site's page asks for this: open the room itself.")


def prefix_of(request: Request) -> str:
    """Returns the path below which this browser finds the lab, such as /course/lab; empty where that is the root.

    It is what stands before our address as it came here, and before that what a proxy says that it took away.
    """
    said = request.headers.get("x-forwarded-prefix", "")
    taken = said.rstrip("/") if PREFIX.fullmatch(said) else ""
    parts = [part for part in request.path_params.get("base", "").split("/") if part]
    return taken + "".join(f"/{quote(part)}" for part in parts)


async def body_of(request: Request, most: int) -> bytes:
    """Returns a body of at most so many bytes. Raises :class:`Refused` for a larger one, and one that does not come."""
    too_large = Refused(TOO_LARGE, f"This is too large: at most {most:,} bytes are taken here.")
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > DRAINED_BYTES:
        raise too_large
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > DRAINED_BYTES:
                    raise too_large
                parts.append(part)
                if size > most:
                    parts.clear()
    except (TimeoutError, ClientDisconnect):
        raise Refused(WRONG, "The rest of this request did not come.") from None
    if size > most:
        raise too_large
    return b"".join(parts)


async def json_of(request: Request, most: int) -> Any:
    """Returns what a body of JSON says. Raises :class:`Refused` for one that is none: NaN is not, either."""
    try:
        return json.loads(await body_of(request, most), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused(WRONG, "This is not JSON.") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def fields_of(body: Any, *names: str) -> list[Any]:
    """Returns what an object holds under these names. Raises :class:`Refused` where one is missing."""
    if not isinstance(body, dict) or any(name not in body for name in names):
        raise Refused(WRONG, f"This takes an object with {', '.join(names)}.")
    return [body[name] for name in names]


def secret_of(request: Request) -> str:
    """Returns the secret in the header `Authorization: Bearer ...`; empty where there is none."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""
