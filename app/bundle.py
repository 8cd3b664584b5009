"""Makes what comes with the lab: the film of the default run, and for every preset of the Real networks screen its film
with the numbers that the screen's tables need.

`python -m app.bundle` writes `assets/first.film`, the README's moving picture, `assets/collapse.svg`, and
`assets/trainings`: it trains what the same code has not trained here already, and takes a minute and a half of one core
for all. `python -m app.bundle first` writes the first film and the picture alone, `python -m app.bundle phases` the
phase pictures of the default run, in `assets/phases`.
"""

from __future__ import annotations

import lzma
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from app.jobs.bundled import FIRST_FILM, FOLDER, configs, path_of
from app.jobs.phases import FOLDER as PHASES
from app.jobs.phases import SHIPPED
from app.page.runs import FAST_FORWARD_END
from app.player.moving_picture import moving_picture
from app.trainer.store import TrainingFiles
from app.views.networks import LOOKS
from app.views.phase_pictures import PICTURES, SHOWN
from ulpm_core import RunConfig, simulate
from ulpm_core.analysis.projection import shown_samples
from ulpm_core.files.npz import write_npz
from ulpm_core.files.recording import arrays_of
from ulpm_core.files.sweep import save_sweep
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.network import network_film
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.images import shown_images
from ulpm_core.networks.recording import Recording
from ulpm_core.sweep import sweep
from ulpm_core.terminal import BAD_INPUT

PICTURE: Final = FIRST_FILM.with_name("collapse.svg")
PER_CLASS: Final = 10
"""Samples of each class that are kept: a third of those of a training made here, for a third of the bytes."""
BITS: Final = 10
"""Bits of a coordinate's mantissa that are kept: a quarter of a pixel on a stage of 1,000. The zeros behind them cost
next to nothing.
"""
SMALLER: Final = {"H": np.float16, "W": np.float32, "means": np.float32}
"""Types of the arrays that the tables and the model beside need in fewer digits than a training holds."""


def record(config: NetworkConfig) -> None:
    """Trains this config, unless it was kept on this machine, and writes the file that comes with the lab."""
    from ulpm_core.networks.training import train  # imported late: to look at a film needs no torch

    traces = TrainingFiles(config)
    recording = traces.kept() or train(config)
    traces.end(recording)
    few = thinned(recording)
    film = network_film(few, shown_images(few))
    arrays = arrays_of(at(few, kept_snapshots(few)))
    smaller = {name: arrays[name].astype(dtype) for name, dtype in SMALLER.items()}
    document = lzma.compress(Film(film.header, dict(_rounded(film))).to_bytes())
    FOLDER.mkdir(exist_ok=True)
    write_npz(path_of(config), arrays | smaller | {"film": np.frombuffer(document, np.uint8)})


def thinned(recording: Recording) -> Recording:
    """Returns the recording with PER_CLASS samples of each class."""
    K = len(recording.names)
    kept = shown_samples(np.bincount(recording.labels).tolist(), K * PER_CLASS)
    few: dict[str, Any] = {
        "labels": recording.labels[kept],
        "samples": recording.samples[kept],
        "H": recording.H[:, :, kept],
    }
    return replace(recording, **few)


def kept_snapshots(recording: Recording) -> list[int]:
    """Returns the snapshots from which tables, sentences and the model beside are made: the start, zero error and the
    look before it, the hand-over, and the end, which for SGD means its last few snapshots.
    """
    T, zero = len(recording), recording.zero_error
    kept = {0, *range(T - LOOKS, T)} if recording.hand_over is None else {0, recording.hand_over, T - 1}
    return sorted(kept | ({zero - 1, zero} if zero else set()))


def at(recording: Recording, snapshots: list[int]) -> Recording:
    """Returns the recording of these snapshots alone."""
    every, rest = recording.snapshots(), ("config", "names", "counts", "labels", "samples", "outcome", "stop_reason")
    return Recording.of([every[t] for t in snapshots], **{name: getattr(recording, name) for name in rest})


def _rounded(film: Film) -> Iterator[tuple[str, np.ndarray]]:
    """Returns the film with the coordinates of its stage rounded to BITS."""
    for name, array in film.arrays.items():
        if array.dtype == np.float32:
            mantissa, exponent = np.frexp(array)
            array = np.ldexp(np.rint(np.ldexp(mantissa, BITS)), exponent - BITS)
        yield name, array


def paint() -> None:
    """Makes the phase pictures that come with the lab, each with the figures alone that it shows."""
    PHASES.mkdir(exist_ok=True)
    for name in SHIPPED:
        print(f"{name}: a phase picture", flush=True)
        study = PICTURES[name].study(RunConfig())
        found = sweep(study.config, study.axes, study.runs)
        few = {figure: values for figure, values in found.figures.items() if figure in SHOWN}
        save_sweep(replace(found, figures=few), PHASES / f"{name}.npz")


def main(words: Sequence[str]) -> int:
    """Writes the first film; unless that alone is asked for, the file of every training, too, and removes those that no
    preset shows any more.
    """
    if words not in ([], ["first"], ["phases"]):
        print("use python -m app.bundle, and first or phases behind it for a part", file=sys.stderr)
        return BAD_INPUT
    if words != ["first"]:
        paint()
    if words == ["phases"]:
        return 0
    FIRST_FILM.write_bytes(build_film(simulate(RunConfig())).to_bytes())
    print(f"{FIRST_FILM.name}: the default run", flush=True)
    whole = build_film(simulate(RunConfig(fast_forward=FAST_FORWARD_END)))  # to the end of the page's Fast-forward
    PICTURE.write_text(moving_picture(whole), encoding="utf-8")
    print(f"{PICTURE.name}: the same, and then log time", flush=True)
    if words:
        return 0
    for config in configs():
        print(f"{path_of(config).name}: {config.to_link() or 'the default'}", flush=True)
        record(config)
    wanted = {path_of(config) for config in configs()}
    for path in FOLDER.glob("*.npz"):
        if path not in wanted:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
