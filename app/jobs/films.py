"""Films as the server keeps and sends them: compressed once, and published under a key by which browsers get them."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final
from weakref import WeakValueDictionary

from app.jobs.cache import Cache
from ulpm_core.film.film import Film

PAGE_SECONDS: Final = 300.0
"""Most seconds, as foretold, that a person may wait for a film on a page. The command line has no such limit."""
GONE: Final = "This film is no longer kept: reload the page to compute it again."
"""The words in place of a film that was let go of."""


@dataclass(frozen=True, eq=False)
class FilmRef:
    """All that a page knows of a film: its header, and the key under which browsers get its bytes while these are kept.
    The key changes whenever the bytes do. Sessions hold this alone, so that nobody's tab holds a film for ever.
    """

    header: dict[str, Any]
    key: str


def key_of(header: dict[str, Any], document: bytes) -> str:
    """Returns the key of a film: the digest of its config, and that of its bytes."""
    return f"{header['digest'][:16]}-{hashlib.sha256(document).hexdigest()[:16]}"


@dataclass(frozen=True, eq=False)
class Packed:
    """A film as it is kept and sent: compressed once, at the fastest level, since coordinates hardly shrink."""

    ref: FilmRef
    compressed: bytes = field(repr=False)
    private: bool = False
    """True of a film that a visitor brought: no proxy and no browser keeps it."""

    @classmethod
    def of(cls, film: Film, private: bool = False) -> Packed:
        return cls.of_document(film.header, film.to_bytes(), private)

    @classmethod
    def of_document(cls, header: dict[str, Any], document: bytes, private: bool = False) -> Packed:
        return cls(FilmRef(header, key_of(header, document)), gzip.compress(document, 1, mtime=0), private)

    @property
    def document(self) -> bytes:
        """The bytes of the film, for the few browsers that cannot read them compressed, and for files."""
        return gzip.decompress(self.compressed)


def lend(packed: Packed) -> Packed:
    """Puts a film where :func:`published` finds it as long as somebody else holds it. Returns it, or the same film
    that was lent already.
    """
    with _lending:  # of two threads that read one film, both hold the first one's
        return _lent.setdefault(packed.ref.key, packed)


def publish(packed: Packed) -> FilmRef:
    """Puts a film where :func:`published` finds it, as the latest, unless it is there. Returns its reference."""
    return (published(packed.ref.key) or _published.put(packed.ref.key, packed)).ref


def published(key: str) -> Packed | None:
    """Returns the film of a key, while it is kept or lent; to ask for a kept one makes it the latest."""
    return _published.get(key) or _lent.get(key)


_published: Cache[Packed] = Cache()
_lent: WeakValueDictionary[str, Packed] = WeakValueDictionary()
_lending = Lock()
