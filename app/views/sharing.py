"""What the panel of links to what is on screen says, on the page and in the lab in one file. Plain data."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Share"
RUN: Final = "This run, as it is seen now"
RUN_LINK: Final = "the link of this run"
CLASS: Final = "For a class: keep some controls, ask a question"
CLASS_LINK: Final = "the link for a class"
CONTROLS: Final = "Controls to keep"
QUESTION: Final = "Question"
LONG: Final = "The question has {count} letters, and a link holds {most}: leave some out."
DISK: Final = (
    "This page is a file on this machine, and so are its links. For others, open it from a web address, or send them"
    " the file and what stands after #."
)
"""Said where the lab in one file was opened from a disk."""
FRAME: Final = (
    "This page stands inside another one and has no address of its own. What stands here opens the same behind the"
    " address of any copy of it."
)
"""Said where the lab in one file stands in another page's own text: `about:srcdoc` leads nowhere."""
