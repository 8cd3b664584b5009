"""Images of a tour: png and jpeg files from beside the document, taken in as data."""

from __future__ import annotations

import base64
import struct
from pathlib import Path
from typing import Final

from app.tours.limits import ALL_IMAGES_BYTES, IMAGE_BYTES, IMAGE_SIDE
from ulpm_core.model.refusal import refuse, span

KINDS: Final = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
"""An svg is a document of its own, with scripts and links: it is refused, not cleaned."""
WORKS: Final = "a png or jpeg file beside the document"
EXAMPLE: Final = "angles.png"
MB: Final = 2**20


class Beside:
    """The folder of a document, None where a document comes alone, and how much of it was taken in already."""

    def __init__(self, folder: Path | None):
        self.folder, self.bytes_taken = folder, 0

    def path(self, key: str, name: str, example: str) -> Path:
        """Returns the path of a file beside the document. Raises :class:`ConfigError` for any other place."""
        if self.folder is None:
            raise refuse(key, name, "is a file, and this document came without its folder", "python -m app tour", None)
        home = self.folder.resolve()
        try:
            found = (home / name).resolve()
            is_file = found.is_file()
        except (OSError, ValueError, RuntimeError):
            found, is_file = home, False
        if not found.is_relative_to(home):
            raise refuse(key, name, "is not beside the document", "a file in its folder", example)
        if not is_file:
            raise refuse(key, name, "was not found beside the document", "the name of a file in its folder", example)
        return found

    def take_image(self, name: str) -> str:
        """Returns an image as the address that holds its data. Raises :class:`ConfigError`."""
        kind = KINDS.get(Path(name).suffix.lower())
        if kind is None:
            raise refuse("image", name, "is of no kind that is shown here", WORKS, EXAMPLE)
        path = self.path("image", name, EXAMPLE)
        size = path.stat().st_size
        if size > IMAGE_BYTES:
            raise refuse("image", name, f"has {size / MB:.1f} MB", f"at most {IMAGE_BYTES // MB} MB", EXAMPLE)
        self.bytes_taken += size
        if self.bytes_taken > ALL_IMAGES_BYTES:
            why = f"makes more than {ALL_IMAGES_BYTES // MB} MB of images in one tour"
            raise refuse("image", name, why, "fewer or smaller ones", EXAMPLE)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise refuse("image", name, f"cannot be read ({error.strerror})", WORKS, EXAMPLE) from None
        refuse_other_bytes(name, kind, data)
        return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def refuse_other_bytes(name: str, kind: str, data: bytes) -> None:
    """Raises :class:`ConfigError` for bytes that are no image of this kind, or one of too many pixels."""
    size = _png_size(data) if kind == "image/png" else _jpeg_size(data)
    if size is None:
        raise refuse("image", name, f"holds no {kind.removeprefix('image/')}", WORKS, EXAMPLE)
    if not 1 <= max(size) <= IMAGE_SIDE:
        raise refuse("image", name, f"is {size[0]:,} by {size[1]:,} pixels", f"{span(1, IMAGE_SIDE)} a side", EXAMPLE)


def _png_size(data: bytes) -> tuple[int, int] | None:
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < 24:
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Returns width and height from the frame header, which stands behind segments that each say their length."""
    if data[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, (length,) = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        if length < 2:
            return None
        at += 2 + length
    return None
