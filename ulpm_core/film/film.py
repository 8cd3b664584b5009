"""`Film`: what is shown of a run, as one self-contained byte document.

Layout, little endian: the magic "ULPMFILM", a uint32 header length, a JSON header padded so that what follows is
aligned to 8 bytes, then the arrays, each aligned to 8 bytes. `app/player/film.js` reads the same layout.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from ulpm_core.analysis.analysis import Analysis, analyse
from ulpm_core.analysis.crowd import block_cosines, blocks_of
from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.panels import FLOW_SETS
from ulpm_core.analysis.projection import Stage, View
from ulpm_core.analysis.target import Target
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.film import crowd, words
from ulpm_core.film import escape as escape_film
from ulpm_core.film.curves import defined_for, guide, laid_out
from ulpm_core.film.events import events
from ulpm_core.film.header import READ, film_header
from ulpm_core.model.brief import brief
from ulpm_core.model.refusal import shown, unfit
from ulpm_core.model.shapes import Labels, Shaped
from ulpm_core.model.shown import Shown, Table

MAGIC: Final = b"ULPMFILM"


@dataclass(frozen=True, eq=False, repr=False)
class Film(Shown):
    """A JSON header and named arrays; `to_bytes` and `from_bytes` are inverse to each other.

    >>> film = Film({"format": 2, "digest": "of its config"}, {"loss": np.arange(3.0)})
    >>> again = Film.from_bytes(film.to_bytes())
    >>> again.digest, again.arrays["loss"].tolist()
    ('of its config', [0.0, 1.0, 2.0])
    """

    header: dict[str, Any]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The digest of the run's config."""
        return str(self.header["digest"])

    def __repr__(self) -> str:
        said = f"{brief(self.header.get('title', ''))}, {self.header.get('frames', 0)} frames"
        return f"Film({said}, {len(self.arrays)} arrays)"

    def table(self) -> Table:
        """The last point of every curve, by its label."""
        ends = [
            (str(curve["label"]), self.arrays[curve["name"]][-1])
            for curve in self.header.get("curves", ())
            if curve["name"] in self.arrays
        ]
        sentences = [str(sentence) for sentence in self.header.get("sentences", ())]
        return Table(str(self.header.get("title", "A film")) + ".", sentences, ["curve", "at the end"], ends)

    def to_bytes(self) -> bytes:
        """The document: magic, header, arrays."""
        layout, chunks, offset = {}, [], 0
        for name, array in self.arrays.items():
            raw = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()
            layout[name] = {"dtype": array.dtype.name, "shape": list(array.shape), "offset": offset}
            padded = raw + b"\0" * (-len(raw) % 8)
            chunks.append(padded)
            offset += len(padded)
        text = json.dumps({**self.header, "arrays": layout}, allow_nan=False, ensure_ascii=False).encode()
        text += b" " * (-(len(text) + len(MAGIC) + 4) % 8)
        return b"".join([MAGIC, struct.pack("<I", len(text)), text, *chunks])

    @classmethod
    def from_bytes(cls, document: bytes) -> Film:
        """Reads a film. Raises :class:`ConfigError` for bytes that are none, and for a film of another format."""
        try:
            if document[:8] != MAGIC:
                raise ValueError("it does not start with ULPMFILM")
            (length,) = struct.unpack("<I", document[8:12])
            header = json.loads(document[12 : 12 + length], parse_constant=_never)
            arrays = {}
            for name, a in header.pop("arrays").items():
                if a["dtype"] not in ("float32", "float64"):
                    raise ValueError(f"dtype {a['dtype']}")
                for number in (a["offset"], *a["shape"]):
                    if type(number) is not int or not 0 <= number <= len(document):
                        raise ValueError(f"array {shown(name)} with {shown(number)}")
                start, count = 12 + length + a["offset"], math.prod(a["shape"])
                arrays[name] = np.frombuffer(document, a["dtype"], count, start).reshape(a["shape"])
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, struct.error) as error:
            raise unfit(
                "film", f"this is not a film ({shown(error)})", "make one with python -m app film run.npz"
            ) from None
        _refuse_other_formats(header.get("format"))
        return cls(header, arrays)


def _refuse_other_formats(found: object) -> None:
    if found in READ and type(found) is int:
        return
    newer = type(found) is int and found > READ[-1]
    what = f"is of the newer format {shown(found)}" if newer else f"is of no format that is known ({shown(found)})"
    how = "update Collapse Lab" if newer else "make one with python -m app film run.npz"
    raise unfit("film", f"film {what}", f"formats {READ[0]} to {READ[-1]} are read here; {how}")


def _never(word: str) -> None:
    raise ValueError(f"{word} in its header")


def build_film(run: Trajectory, analysis: Analysis | None = None) -> Film:
    """The film of a trajectory, laid out from its analysis, which is made here where none is given: at most 240 frames,
    evenly thinned samples, the frame fixed by the end state. Of more than 64 classes as many are on stage, one of each
    block; cosines are means over blocks, and curves of all.

    >>> from ulpm_core import RunConfig, simulate
    >>> film = build_film(simulate(RunConfig(classes=3, dimension=2, per_class=4, steps=50)))
    >>> film.header["title"], film.arrays["means"].shape
    ('3 classes in 2 dimensions', (45, 3, 2))
    """
    analysis = analyse(run) if analysis is None else analysis
    run = replace(run, metrics=analysis.seen.metrics)
    config, stage, left = run.config, analysis.stage, analysis.left
    K, d, flows, axes = config.classes, config.dimension, config.flows, stage.view.features.shape[-1]
    beside = {"", "runs", config.step_rule.geometry} | ({"regularised"} if run.minimised.regulariser else set())
    known = [curve for curve in CURVES.values() if curve.beside in beside and curve.known(run)]
    known += escape_film.curves(left) if left else []
    sizes, dots = np.array(config.sizes), np.bincount(run.labels[stage.samples], minlength=K)
    if stage.classes is not None:
        known += crowd.spectrum_curves(analysis.seen.centred, stage.frames)
        sizes, dots = sizes[stage.classes], dots[stage.classes]
    sets = ["run", *(("escape",) if left else ()), *(FLOW_SETS if config.endless else ())]
    fits = config.simplex_is_ideal and not analysis.unframed
    panels, curves = laid_out(
        [defined_for(config, curve) for curve in known], sets, config.endless, fits, config.is_ulpm
    )
    values = {curve.name: curve.of(run)[stage.frames] for curve in curves}
    header = film_header(
        run,
        stage,
        digest=config.digest,
        title=words.title(K, d, config.class_sizes),
        per_class=config.per_class,
        clock="log_time" if flows else "step",
        curves=curves,
        values=values,
        panels=panels,
        guides=[guide(law, flows) for law in analysis.laws],
        events=events(run, analysis.marks, stage.frames),
        caption=words.caption(
            K, d, axes, stage.view.hidden, config.class_sizes, analysis.target is not None, analysis.unframed
        ),
        sentences=[*((escape_film.sentence(run, left),) if left else ()), *words.sentences(run, analysis)],
        note=" ".join(filter(None, (crowd.note(stage), words.note(sizes.tolist(), dots)))),
        fits=fits,
        flow_from=_flow_from(run, stage.frames) if flows else None,
        theory=analysis.theory,
        escape=escape_film.header(left) if left else None,
        **({"class_sizes": list(config.class_sizes)} if config.class_sizes else {}),
        **({"target": _target(analysis.target, stage)} if analysis.target else {}),
        **({} if stage.classes is None else {"names": [str(k + 1) for k in stage.classes]}),
    )
    return Film(header, geometry(stage.view) | values)


def _target(target: Target, stage: Stage) -> dict[str, Any]:
    """The ideal frame that is no simplex, for the player: the cosines at which its matrix is blank, row after row."""
    blocks = stage.blocks or blocks_of(len(target.means), len(target.means))
    found = (block_cosines(vectors[None], blocks)[0] for vectors in (target.means, target.classifiers))
    means, classifiers = (np.where(np.isfinite(c), c, 0.0).ravel().round(6).tolist() for c in found)
    return {"kind": target.kind, "cosines": means, "cosines_w": classifiers}


def _flow_from(run: Trajectory, frames: Shaped[Labels, "F"]) -> int:
    """The first frame that gradient flow reached; `frames` many where the steps before it are still under way."""
    if run.config.method == "gradient-flow":
        return 0
    return len(frames) if run.hand_over is None else int(np.searchsorted(frames, run.hand_over.frame, side="right"))


def geometry(view: View) -> dict[str, np.ndarray]:
    """The arrays that the stage draws, in float32."""
    arrays = view._asdict().items()
    return {name: array.astype(np.float32) for name, array in arrays if isinstance(array, np.ndarray)}
