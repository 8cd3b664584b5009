"""Writes pictures as MP4 (H.264), WebM (VP9) or GIF, with the libraries of FFmpeg."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple


class Kind(NamedTuple):
    """A kind of video: its container and codec, the codec's form of pixels and options, and the size and the pictures a
    second of one that nobody chose.
    """

    container: str
    codec: str
    pixels: str
    options: Mapping[str, str]
    size: tuple[int, int] = (1280, 720)
    fps: int = 24


KINDS: Final[dict[str, Kind]] = {
    ".mp4": Kind("mp4", "libx264", "yuv420p", {"crf": "18", "tune": "animation"}),
    ".webm": Kind("webm", "libvpx-vp9", "yuv420p", {"crf": "24", "b": "0", "row-mt": "1", "cpu-used": "4"}),
    ".gif": Kind("gif", "gif", "pal8", {}, (640, 360), 12),
}
"""By the endings of files. 4:2:0, which every player shows, takes even sizes; lines stay sharp at these qualities."""
PALETTE: Final = "stats_mode=full"
DITHER: Final = "dither=none:diff_mode=rectangle"
"""Of a GIF: one palette from all pictures, and even grounds, which dots would make large and restless."""
BT709: Final = 1
"""The number of the colours of high-definition video, in FFmpeg's tables."""


def encode(
    path: Path,
    kind: Kind,
    size: tuple[int, int],
    fps: int,
    pictures: Iterable[bytes],
    about: Mapping[str, str],
) -> None:
    """Writes a video of so many pixels: `pictures` are PNG, one for each moment; `about` stands in the file's metadata.

    A GIF has one palette of 256 colours for all its pictures, found from all of them.
    """
    import av  # here: an extra, and films as pages need none of it

    with av.open(str(path), "w", format=kind.container) as container:
        container.metadata.update(about)
        stream: Any = container.add_stream(kind.codec, rate=fps, options=dict(kind.options))
        stream.width, stream.height, stream.pix_fmt = *size, kind.pixels
        frames: Iterable[Any] = (_frame(picture, size) for picture in pictures)
        if kind.codec == "gif":
            frames = _in_few_colours(frames, size, fps)
        else:
            stream.codec_context.color_primaries = stream.codec_context.color_trc = BT709
            stream.codec_context.colorspace = BT709
        for number, frame in enumerate(frames):
            if kind.codec != "gif":
                frame.pict_type = av.video.frame.PictureType.NONE  # a PNG is a whole picture, the next need not be one
                frame = frame.reformat(format=kind.pixels, dst_colorspace="ITU709", dst_color_range="MPEG")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _frame(picture: bytes, size: tuple[int, int]) -> Any:
    import av

    (frame,) = av.CodecContext.create("png", "r").decode(av.Packet(picture))
    return frame.reformat(*size, format="rgb24", interpolation="AREA")


def _in_few_colours(frames: Iterable[Any], size: tuple[int, int], fps: int) -> Iterable[Any]:
    """Gives the frames in one palette of 256 colours, which is known after the last."""
    import av

    graph, colours = av.filter.Graph(), av.VideoFormat("rgb24", *size)
    source = graph.add_buffer(width=size[0], height=size[1], format=colours, time_base=Fraction(1, fps))
    both, found = graph.add("split"), graph.add("palettegen", PALETTE)
    used, sink = graph.add("paletteuse", DITHER), graph.add("buffersink")
    source.link_to(both)
    both.link_to(used, 0, 0)
    both.link_to(found, 1, 0)
    found.link_to(used, 0, 1)
    used.link_to(sink)
    graph.configure()
    for number, frame in enumerate(frames):
        frame.pts, frame.time_base = number, Fraction(1, fps)
        source.push(frame)
    source.push(None)
    while True:
        try:
            yield sink.pull()
        except (av.error.EOFError, av.error.BlockingIOError):
            return
