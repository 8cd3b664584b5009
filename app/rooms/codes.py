"""The names of rooms, which are read out in a classroom, and the secrets of teachers, which nobody reads."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Container
from typing import Final

LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
"""Capitals without vowels, so that no code is a word; I and O, which look like digits, are among those."""
LENGTH: Final = 5
CODES: Final = len(LETTERS) ** LENGTH
"""3.2 million: of a hundred rooms, one in 32,000 guesses finds one."""
SECRET_BYTES: Final = 16


def new_code(taken: Container[str]) -> str:
    """Draws a code that no other room has, from the system's own source of randomness."""
    while True:
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        if code not in taken:
            return code


def meant(text: str) -> str:
    """Returns the code that someone wrote, whatever the case; empty where no room can have it.

    >>> meant("kfqxw"), meant("KFQXW"), meant("KFQXI"), meant("KFQX"), meant("ﬁrst")
    ('KFQXW', 'KFQXW', '', '', '')
    """
    code = text.upper() if text.isascii() else ""
    return code if len(code) == LENGTH and all(letter in LETTERS for letter in code) else ""


def new_secret() -> str:
    """Draws a secret of 128 bits, as text for a header."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest_of(secret: str) -> bytes:
    """Returns what is kept of a secret or of a tab's token. Both are random and long, so one round of SHA-256 is not
    undone by trying.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def screen_key(kept: bytes) -> str:
    """Returns the key by which a teacher's screens listen, from the digest of her secret. It stands in an address,
    which logs may keep, so it moves nothing.
    """
    return hmac.new(kept, b"watch", hashlib.sha256).hexdigest()


def is_screen_key(given: str, kept: bytes) -> bool:
    """Returns whether this is the key of the teacher of whose secret we keep the digest.

    >>> kept = digest_of("a secret")
    >>> is_screen_key(screen_key(kept), kept), is_screen_key("1", kept), is_screen_key("é", kept)
    (True, False, False)
    """
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), screen_key(kept).encode())


def is_secret(given: str, kept: bytes) -> bool:
    """Returns whether this is the secret of which we keep the digest, in the same time for every wrong one."""
    return hmac.compare_digest(digest_of(given), kept)
