"""Reads what was saved as the film of it."""

from __future__ import annotations

from ulpm_core.files.features import load_snapshots
from ulpm_core.files.npz import held_names
from ulpm_core.files.recording import load_recording
from ulpm_core.files.run import load_run
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.network import network_film
from ulpm_core.networks.images import shown_images


def film_of(saved: str) -> Film:
    """Builds the film of a saved file: of a features.npz, which has no config, a net.npz, which counts epochs, or a
    run.npz.
    """
    held = held_names(saved)
    if "config" not in held and {"H", "labels"} & held:
        return network_film(load_snapshots(saved))
    if "epoch" not in held:
        return build_film(load_run(saved))
    recording = load_recording(saved)
    return network_film(recording, shown_images(recording))
