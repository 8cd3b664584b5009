"""What a room does not do, in one sentence and with the status that HTTP has for it."""

from __future__ import annotations

from typing import Final

WRONG, FORBIDDEN, UNKNOWN, CONFLICT, TOO_LARGE, TOO_MUCH, ELSEWHERE = 400, 403, 404, 409, 413, 429, 503
STATUSES: Final = (WRONG, FORBIDDEN, UNKNOWN, CONFLICT, TOO_LARGE, TOO_MUCH, ELSEWHERE)
"""All that a client of rooms has to know beside success."""


class Refused(Exception):  # noqa: N818  (a room refuses; nothing is in error)
    """A refusal: its status, and a sentence for whoever asked."""

    def __init__(self, status: int, sentence: str):
        super().__init__(sentence)
        self.status = status
