"""The model beside a network: gradient flow of the model from the network's own features and classifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from app.jobs import films
from app.jobs.cache import Cache
from app.jobs.films import PAGE_SECONDS, FilmRef, Packed
from app.jobs.job import Job
from app.jobs.question import Question
from app.jobs.runs import LONG
from app.views.networks import Ends
from ulpm_core import Outcome, Progress, RunConfig, Trajectory, simulate
from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.metrics import metrics
from ulpm_core.dynamics.engines.cost import refuse_beyond
from ulpm_core.film.film import Film, build_film
from ulpm_core.model.number_words import power_of_e
from ulpm_core.model.shapes import Array, Labels
from ulpm_core.networks.recording import Recording

SHORTEST: Final = 100.0
"""log t to which the model is followed at least: a network trained by SGD alone ends long before the limit is in
sight.
"""
SNAPSHOTS: Final = 120
TITLE: Final = "The model"


class Beside(NamedTuple):
    """The model's film on the network's clock, and how both end."""

    film: FilmRef
    ends: Ends


def moments(recording: Recording) -> dict[str, int]:
    """Returns where the model can start: for each such moment in words, its snapshot."""
    found = {
        "where log time takes over": recording.hand_over,
        "at zero training error": recording.zero_error,
        "at the start": 0,
    }
    return {
        name: snapshot for name, snapshot in found.items() if snapshot is not None and snapshot < len(recording) - 1
    }


def beside(recording: Recording, snapshot: int) -> Question[Beside]:
    """Asks where the model goes from that snapshot; this takes a second or two. There is no answer where the last layer
    has a bias, and where the flow would take too long for a page.
    """
    key = f"{recording.config.digest if recording.config else ''}-{snapshot}"
    find = lambda job: _publish_model(recording, snapshot, job)  # noqa: E731
    return Question("beside", key, find, LONG, _known, lambda found: films.published(found.film.key) is not None)


def _publish_model(recording: Recording, snapshot: int, job: Job) -> Beside | None:
    """Follows the model from that snapshot and publishes its film. Returns None where nobody waits any more."""
    start = recording.state(snapshot)
    K, d, n = start.shape
    end = max(SHORTEST, float(recording.log_time[-1]))
    config = RunConfig(method="gradient-flow", classes=K, dimension=d, per_class=n, log_time=end, snapshots=SNAPSHOTS)
    refuse_beyond(config, PAGE_SECONDS)

    def tell(progress: Progress[Trajectory]) -> bool:
        job.tell(progress.fraction, progress.words)
        return not job.abandon_unwatched()

    flow = simulate(config, start, progress=tell)
    if flow.outcome is Outcome.CANCELLED:
        return None
    network = recording.state()
    ends = [_figures(W, H, config.labels) for W, H in ((flow.W[-1], flow.H[-1]), (network.W, network.H))]
    with np.errstate(invalid="ignore"):
        shifted = np.logaddexp(flow.log_time, recording.log_time[snapshot])  # the network's clock ran before
    film = films.publish(Packed.of(_film(replace(flow, log_time=shifted), recording.names)))
    return Beside(film, Ends(power_of_e(float(shifted[-1])), *ends))


def _figures(W: Array, H: Array, labels: Labels) -> dict[str, float]:
    """Returns the metrics of one moment by their names."""
    return {name: float(value) for name, value in metrics(W, H, labels, of="networks").items()}


def _film(flow: Trajectory, names: Sequence[str]) -> Film:
    """Returns the model's film with the network's names of the classes, and with the curve that networks have in place
    of γ: γ (‖W‖/‖H‖ + ‖H‖/‖W‖) / 2.
    """
    made = build_film(flow)
    uneven = made.arrays["norm_w"] / made.arrays["norm_h"]
    arrays = made.arrays | {"gamma_balanced": made.arrays["gamma"] * (uneven + 1.0 / uneven) / 2.0}
    curves = [*made.header["curves"], CURVES["gamma_balanced"].header()]
    return Film(made.header | {"names": list(names), "title": TITLE, "curves": curves}, arrays)


_known: Cache[Beside] = Cache()
