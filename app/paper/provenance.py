"""What a figure says of itself in its file: the config, its digest, versions, the command, and the paper to cite."""

from __future__ import annotations

import json
import platform
import shlex
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final, NamedTuple, Self

from app.paper.shows import USUAL_WIDTH

BIBTEX: Final = """@inproceedings{ji2022unconstrained,
  title         = {An Unconstrained Layer-Peeled Perspective on Neural Collapse},
  author        = {Ji, Wenlong and Lu, Yiping and Zhang, Yiliang and Deng, Zhun and Su, Weijie J.},
  booktitle     = {International Conference on Learning Representations},
  year          = {2022},
  eprint        = {2110.02796},
  archivePrefix = {arXiv}
}"""
"""The paper whose theory is shown."""
PACKAGES: Final = ("collapse-lab", "numpy", "matplotlib")


class Provenance(NamedTuple):
    """Whence a figure comes: the configs of its runs (None of features, which have none) and the digests of what was
    shown, the command that makes it again, line by line, and its caption.
    """

    title: str
    caption: str
    command: str
    configs: Sequence[Mapping[str, Any] | None]
    digests: Sequence[str]

    def written(self, width: str, out: str) -> Self:
        """Returns the provenance of the figure in a file of this name and width.

        >>> Provenance("", "", "python -m app figure run.npz --show stage", [], []).written("100", "fig.pdf").command
        'python -m app figure run.npz --show stage --width 100 --out fig.pdf'
        """
        wide = [] if width == USUAL_WIDTH else ["--width", width]
        words = shlex.join([*wide, "--out", out])
        return self._replace(command=f"{self.command} {words}" if self.command else "")

    @property
    def creator(self) -> str:
        return f"Collapse Lab {version('collapse-lab')}"

    @property
    def versions(self) -> dict[str, str]:
        return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}

    @property
    def document(self) -> str:
        """All of it as one JSON document."""
        return json.dumps(
            {
                "caption": self.caption,
                "command": self.command,
                "configs": list(self.configs),
                "digests": list(self.digests),
                "versions": self.versions,
                "bibtex": BIBTEX,
            },
            ensure_ascii=False,
            allow_nan=False,
        )
