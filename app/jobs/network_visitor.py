"""`NetworkVisit`: what one visitor asked to be trained, and sees: the trainings under way, the last film."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from app.jobs import trainings
from app.jobs.films import FilmRef
from app.jobs.visitor import Visit, Visiting
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.recording import Recording


class NetworkVisit(Visiting[NetworkConfig, trainings.Training]):
    """Lives in the session of one browser tab. Nothing is trained that nobody asked for."""

    def __init__(self, visitor: str) -> None:
        super().__init__(visitor)
        self._configs: tuple[NetworkConfig, ...] = ()

    @classmethod
    def of(cls, session: MutableMapping[Any, Any]) -> NetworkVisit:
        """The visit of this session, begun if need be."""
        if "network-visit" not in session:
            session["network-visit"] = cls(Visit.of(session).visitor)
        visit: NetworkVisit = session["network-visit"]
        return visit

    def look_at(self, *configs: NetworkConfig) -> None:
        """Leaves every other training; joins those that others watch already, and reads those that were kept."""
        self._leave_others(configs)
        if configs != self._configs:
            self._configs, self.busy = configs, ""
        for config in configs:
            if config in self._jobs or config in self._cancelled or trainings.trained(config):
                continue
            if trainings.under_way(config) or trainings.kept(config):
                self._start(config)

    def train(self, *configs: NetworkConfig) -> None:
        """Trains those that are not known; a cancelled one goes on."""
        self.busy = ""
        self._cancelled -= set(configs)
        for config in configs:
            if trainings.trained(config) is None:
                self._start(config)

    def _start(self, config: NetworkConfig) -> None:
        try:
            self._jobs[config] = trainings.start(config, self.visitor)
        except trainings.Busy as busy:
            self.busy = str(busy)

    def job(self) -> trainings.Training | None:
        """The training that is under way, if one is; asking says that it is still wanted."""
        waited_for = self._waited_for()
        return next((job for job in waited_for if not job.waiting), waited_for[0] if waited_for else None)

    @property
    def stopping(self) -> bool:
        """Whether a cancelled training is about to hand over its last film."""
        jobs = [self._jobs[config] for config in self._cancelled if config in self._jobs]
        return any(job.process is not None and job.unwatched and not job.done.is_set() for job in jobs)

    def film(self, config: NetworkConfig) -> FilmRef | None:
        """The whole film of this training, else as far as it has grown, else the last film."""
        self._last = self.own_film(config) or self._last
        return self._last

    def own_film(self, config: NetworkConfig | None) -> FilmRef | None:
        """The film of this training alone, as far as it has grown."""
        if config is None:
            return None
        known = trainings.trained(config)
        return known.film if known else self._jobs[config].film if config in self._jobs else None

    @staticmethod
    def recording(config: NetworkConfig) -> Recording | None:
        """What was recorded of this training, once it is whole."""
        known = trainings.trained(config)
        return known.recording if known else None

    def begun(self, config: NetworkConfig) -> str:
        """How the training began where that was not from scratch, in one sentence."""
        return self._jobs[config].begun if config in self._jobs else ""
