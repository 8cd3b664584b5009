"""Makes pages that carry all they need inside, compressed: one file that asks nothing of any network."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Mapping
from typing import Final

from app.component.served import text_of
from app.player.modules import joined

POLICY: Final = {"default-src": "'none'", "style-src": "'unsafe-inline'", "img-src": "data: blob:"}
"""What such a page may do, beside its own scripts: it has no way to ask for anything."""


def packed(data: bytes) -> str:
    """Returns bytes compressed, as text that may stand in any HTML.

    >>> gzip.decompress(base64.b64decode(packed(b"abc")))
    b'abc'
    """
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode("ascii")


def source_of(script: str) -> str:
    """Returns how a policy names a script that may run as it is.

    >>> source_of("doSomething();")
    "'sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def policy(*scripts: str, **others: str) -> str:
    """Returns the Content-Security-Policy of a page that may run these scripts and no others. `others` are further
    rules, with _ for a hyphen; what they say of script_src stands beside the scripts.

    >>> policy("doSomething();", worker_src="blob:").rpartition("=';")[2]
    " style-src 'unsafe-inline'; img-src data: blob:; worker-src blob:"
    """
    sources = POLICY | {name.replace("_", "-"): allowed for name, allowed in others.items()}
    runs = " ".join([*map(source_of, scripts), *others.get("script_src", "").split()])
    ordered = {"default-src": "", "script-src": ""} | sources | {"script-src": runs}
    return "; ".join(f"{name} {allowed}" for name, allowed in ordered.items())


def carrying_page(
    title: str, style: str, body: str, main: str, scripts: Mapping[str, str], data: Mapping[str, bytes], **others: str
) -> str:
    """Returns a page that shows `body` at once, starts the script `main`, and carries `scripts` and `data` under their
    names for it: `carried.js` takes them out. `title` is text, the rest HTML, CSS and JavaScript of ours; `others` goes
    to :func:`policy`.
    """
    boot = joined("player/boot.js")
    parts = {name: script.encode() for name, script in scripts.items()} | dict(data)
    return text_of("player/carrying.html").format(
        policy=policy(boot, main, *scripts.values(), **others),
        title=title,
        style=style,
        body=body,
        main=element("main", packed(main.encode())),
        boot=boot,
        parts="\n".join(element(name, packed(part)) for name, part in parts.items()),
    )


def element(name: str, text: str) -> str:
    """Returns the element that carries a part; a browser neither shows nor runs it."""
    return f'<script id="{name}" type="text/plain">{text}</script>'
