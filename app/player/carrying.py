"""Makes pages that carry all they need inside, compressed: one file that asks nothing of any network."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.component.served import text_of
from app.player.modules import joined

POLICY: Final = {"style-src": "'unsafe-inline'", "img-src": "data: blob:"}
"""What such a page may do beside running its own scripts: it has no way to ask for anything."""
ARRIVES: Final = """document.getElementById("{name}").textContent="{text}";
document.dispatchEvent(new Event("carried"));
"""
"""The script that brings a part to a page whose parts are files of their own."""


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


@dataclass(frozen=True)
class Carrying:
    """A page that shows `body` at once, starts the script `main`, and carries `data` and `scripts` under their names
    for it: `carried.js` takes them out.

    `title`, `body` and `style` are HTML and CSS, `rules` are further ones of its policy: what script-src says of them
    stands beside the scripts, which it names one by one.
    """

    title: str
    style: str
    body: str
    main: str
    scripts: Mapping[str, str]
    data: Mapping[str, bytes]
    rules: Mapping[str, str] = field(default_factory=dict)

    def one_file(self) -> str:
        """Returns the page as one file, with all parts inside."""
        inside = {name: _element(name, text) for name, text in self._parts().items()}
        return self._page(inside.pop("main"), inside.values())

    def folder(self) -> dict[str, str]:
        """Returns the page as files for a static host, by their names: `index.html`, and each part as a script of its
        own under a name that changes with its content, so that it is fetched once.
        """
        files, asked, places = {}, [], []
        for name, text in self._parts().items():
            script = (
                f'document.getElementById("{name}").textContent="{text}";document.dispatchEvent(new Event("carried"));'
            )
            file = f"{name}-{hashlib.sha256(script.encode()).hexdigest()[:16]}.js"
            files[file] = script
            places.append(_element(name, ""))
            asked.append(f'<script src="{file}" defer></script>')
        return files | {"index.html": self._page("", [*places, *asked], "'self'")}

    def _parts(self) -> dict[str, str]:
        plain = {name: script.encode() for name, script in self.scripts.items()}
        return {name: packed(part) for name, part in {"main": self.main.encode(), **self.data, **plain}.items()}

    def _page(self, main: str, parts: Iterable[str], *sources: str) -> str:
        boot = joined("player/boot.js")
        named = map(source_of, (boot, self.main, *self.scripts.values()))
        also = self.rules.get("script-src", "").split()
        allowed = {"default-src": "'none'", "script-src": "", **POLICY, **self.rules}
        allowed |= {"script-src": " ".join([*named, *sources, *also])}
        return text_of("player/carrying.html").format(
            policy="; ".join(f"{name} {what}" for name, what in allowed.items()),
            title=self.title,
            style=self.style,
            body=self.body,
            main=main,
            boot=boot,
            parts="\n".join(parts),
        )


def _element(name: str, text: str) -> str:
    """Returns the element that carries a part; a browser neither shows nor runs it."""
    return f'<script id="{name}" type="text/plain">{text}</script>'
