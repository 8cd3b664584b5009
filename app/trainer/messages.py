"""The messages of a training process to its server: one line of JSON, then the bytes that it counts. Nothing is
unpickled.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import IO

import numpy as np

from ulpm_core.files.recording import arrays_of, load_recording
from ulpm_core.networks.recording import Recording


@dataclass(frozen=True)
class News:
    """A message on a training: how far it is; at times with a new film, at the end with the recording, or with why
    there is none.

    `begun` is a sentence where the training did not begin from scratch.
    """

    fraction: float = 0.0
    words: str = ""
    begun: str = ""
    film: bytes | None = field(default=None, repr=False)
    recording: Recording | None = field(default=None, repr=False)
    refusal: str = ""
    failure: str = ""


def send(out: IO[bytes], news: News) -> bool:
    """Sends news. Returns whether the server could be told."""
    film, recording = news.film or b"", b"" if news.recording is None else _bytes_of(news.recording)
    said = vars(news) | {"film": len(film), "recording": len(recording)}
    try:
        out.write(json.dumps(said).encode() + b"\n" + film + recording)
        out.flush()
    except OSError:
        return False
    return True


def receive(source: IO[bytes]) -> News:
    """Returns the next news. Raises EOFError where the stream ends, also in the middle of a message.

    >>> pipe = io.BytesIO()
    >>> send(pipe, News(0.5, "epoch 5 of 10", film=b"bytes"))
    True
    >>> pipe.seek(0), receive(pipe).words, pipe.read()
    (0, 'epoch 5 of 10', b'')
    """
    line = source.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    said = json.loads(line)
    film, recording = (_whole(source, said.pop(name)) for name in ("film", "recording"))
    measured = load_recording(io.BytesIO(recording)) if recording else None
    return News(**said, film=film or None, recording=measured)


def _whole(source: IO[bytes], count: int) -> bytes:
    found = source.read(count)
    if len(found) < count:
        raise EOFError
    return found


def _bytes_of(recording: Recording) -> bytes:
    held = io.BytesIO()
    np.savez(held, allow_pickle=False, **arrays_of(recording))
    return held.getvalue()
