"""`Curve` and `Panel`: a quantity that is drawn against time, and a frame that holds several."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from ulpm_core.analysis.collapse import Sums
from ulpm_core.model.shapes import Array, Shaped


class Measured(Protocol):
    """The source of curves: a measured trajectory, or the recording of a network."""

    @property
    def metrics(self) -> Mapping[str, Shaped[Array, "T"]]: ...


class Panel(NamedTuple):
    """A panel of a set: "run" stands beside every film, the others beside a flow or an escape. `no_ideal` is the title
    where no simplex is best, if it is another one.
    """

    set: str
    title: str
    no_ideal: str = ""


class Curve(NamedTuple):
    """One quantity, how it is measured and how it is shown.

    `label` and `definition` are for people; `words` say the same to whoever has had one course in deep learning, and
    `formula` is the definition in TeX. `on` says what it is of: "features", "classifiers", or "run" for both.
    With `measure`, which reads it from sums over samples, it is a metric, saved under its name; `values` reads (T,)
    from what was measured, by default that metric. Values below `floor` are rounding. `scale` is "log", "linear" for a
    share, or "signed". `panels` draw it, of runs and networks alike unless `beside` is "runs", "regularised" for runs
    with a regulariser alone, "entries" or "spectral" for those by a rule of that geometry, "networks", or "uneven" for
    class sizes that differ; a metric beside networks alone is not measured of runs, one beside "uneven" of runs and
    features of such sizes alone. `figure` is its name and formula in a table of figures. `angles` says that it measures
    from the angles of a simplex.
    """

    name: str
    label: str
    definition: str
    on: str = "run"
    measure: Callable[[Sums], Shaped[Array, "*T"]] | None = None
    values: Callable[[Any], Shaped[Array, "T"]] | None = None
    floor: float = 0.0
    scale: str = "log"
    panels: tuple[Panel, ...] = ()
    beside: str = ""
    figure: tuple[str, str] | None = None
    angles: bool = False
    words: str = ""
    formula: str = ""

    def of(self, measured: Measured) -> Shaped[Array, "T"]:
        """The curve of a run or a network."""
        return measured.metrics[self.name] if self.values is None else self.values(measured)

    def known(self, measured: Measured) -> bool:
        """Returns whether it was measured: a file may be older than a metric, a run may leave the theorem out."""
        return self.values is not None or self.name in measured.metrics

    def header(self) -> dict[str, str | float]:
        """Returns the part of a film's header that describes this curve to the player."""
        return {key: getattr(self, key) for key in ("name", "label", "definition", "scale", "on", "floor")}
