"""Where students find this server: the address that the teacher's own browser uses, or that of this machine on its
networks where that is one that no other machine can use.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from contextlib import suppress
from typing import Final

from starlette.requests import Request
from streamlit.config import get_option

from app.server.requests import prefix_of

HOST: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?P<port>:[0-9]{1,5})?", re.ASCII)
SCHEMES: Final = ("http", "https")
BEYOND: Final = ("192.0.2.1", "10.254.254.254", "172.31.254.254", "192.168.254.254", "169.254.254.254")
"""Addresses in the networks that there may be: one for examples, which is far away from all, and private ones."""
EVERYWHERE: Final = ("0.0.0.0", "::")
"""The values of `server.address` with which a server listens to every network of its machine."""
NEAR: Final = (
    "Phones have to be in the same network as this machine. If the address does not open on a phone, choose or write"
    " another one."
)
NO_NETWORK: Final = (
    "This machine is on no network that others could reach it by: connect it to the one of the class, and load this"
    " page again."
)
CLOSED: Final = (
    "This lab answers on this machine alone: start it again without --server.address, and a class can open it, too."
)


def ways_in(request: Request) -> tuple[list[str], str]:
    """Returns the addresses at which students may find the lab, the likeliest first, without a slash at the end, and a
    sentence for their teacher: what phones need, or why none of them can come.

    Where a teacher's browser uses a name or an address that other machines can use, it is that alone, as a proxy passes
    it on.
    """
    host = request.headers.get("x-forwarded-host") or request.headers.get("host", "")
    scheme = request.headers.get("x-forwarded-proto", request.scope["scheme"]).lower()
    if not (asked := HOST.fullmatch(host)) or scheme not in SCHEMES:
        return [], NO_NETWORK
    prefix = prefix_of(request)
    if not is_own(host):
        return [f"{scheme}://{host}{prefix}"], NEAR
    if is_own(listens := get_option("server.address") or "") and listens not in EVERYWHERE:
        return [], CLOSED
    found = [f"{scheme}://{address}{asked['port'] or ''}{prefix}" for address in network_addresses()]
    return found, NEAR if found else NO_NETWORK


def is_own(host: str) -> bool:
    """Returns whether a machine that uses this name finds only itself.

    >>> is_own("localhost:8501"), is_own("127.0.0.1"), is_own("[::1]:80"), is_own("::1"), is_own("192.168.1.7:8501")
    (True, True, True, True, False)
    """
    written = HOST.fullmatch(host)
    name = (written["name"].strip("[]") if written else host).lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def network_addresses() -> list[str]:
    """Returns the addresses of this machine in its networks, the one first from which it reaches the world.

    The system says from which of them it would send to others; nothing is sent. So it works without internet.
    """
    found = [address for other in BEYOND if (address := _towards(other))]
    with suppress(OSError):  # a machine whose name nobody knows
        found += [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    return [one for one in dict.fromkeys(found) if not is_own(one)]


def _towards(other: str) -> str:
    """Returns the address from which this machine would send to another; empty where it has no way there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((other, 9))
            return str(probe.getsockname()[0])
        except OSError:
            return ""
