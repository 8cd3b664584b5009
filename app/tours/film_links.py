"""The links of films: which screen, which keys, which file of features."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from app.page.networks import NETWORKS
from app.page.runs import RUNS
from app.page.saddles import LANDSCAPE
from app.page.spec import Spec
from app.tours.images import MB, Beside
from app.tours.limits import ADDRESS, FEATURES_BYTES
from ulpm_core.model.refusal import among, refuse, shown

SCREENS: Final[dict[str, Spec]] = {spec.screen: spec for spec in (RUNS, LANDSCAPE, NETWORKS)}
"""The screens whose links a film may have."""
DIGEST: Final = re.compile(r"[0-9a-f]{16,64}", re.ASCII)
EXAMPLE: Final = "classes=3&dimension=2&seed=7"


def split_link(text: str) -> tuple[str, dict[str, str]]:
    """Returns the screen and the keys of a link, written as an address or as what stands behind its question mark.

    >>> split_link("https://lab.example.org/here/networks?seed=7")
    ('networks', {'seed': '7'})
    >>> split_link("classes=3&seed=7"), split_link("landscape")
    (('playground', {'classes': '3', 'seed': '7'}), ('landscape', {}))
    """
    if len(text) > ADDRESS:
        raise refuse("film", text, f"has {len(text):,} characters", f"at most {ADDRESS:,}", EXAMPLE)
    try:
        url = urlsplit(text)
        path, query = (url.path, url.query) if url.query or "=" not in url.path else ("", url.path)
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=100)
    except ValueError:
        raise refuse("film", text, "is no link", "the one that Share gives", EXAMPLE) from None
    screen = path.rstrip("/").rpartition("/")[2]
    if not screen and (query or url.netloc):
        screen = RUNS.screen
    if screen not in SCREENS:
        raise refuse("film", text, f"opens no screen with films, but {shown(screen)}", among([*SCREENS]), EXAMPLE)
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise refuse(shown(key), text, "stands twice in the link", f"{shown(key)} once", None)
    return screen, dict(pairs)


def read_features(text: str, beside: Beside) -> Path:
    """Returns the path of a file of features, if it is the one that the document means: features=FILE.npz&digest=...

    Raises :class:`ConfigError` otherwise.
    """
    link = dict(parse_qsl(text, keep_blank_values=True))
    name, digest = link.pop("features"), link.pop("digest", "")
    if link:
        other = next(iter(link))
        raise refuse(shown(other), link[other], "is no key of own features", "features and digest", None)
    path = beside.path("features", name, "last-layer.npz")
    if path.suffix != ".npz":
        raise refuse("features", name, "is no npz file", "a features.npz", "last-layer.npz")
    if (size := path.stat().st_size) > FEATURES_BYTES:
        raise refuse("features", name, f"has {size / MB:,.0f} MB", f"at most {FEATURES_BYTES // MB} MB")
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise refuse("features", name, f"cannot be read ({error.strerror})", "a file that can be") from None
    if not DIGEST.fullmatch(digest) or not found.startswith(digest):
        why = "says no digest of 16 digits or more" if not digest else f"is not the file of digest {shown(digest)}"
        raise refuse("features", name, why, f"features={name}&digest={found[:16]}")
    return path
