"""`sweep.npz`: a sweep on disk; and the same as a table with a line for each run, for other programs."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from ulpm_core.files.npz import held_names, read_npz, whole_file, write_npz
from ulpm_core.model.config import RunConfig
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.refusal import ConfigError, among, refuse, unfit
from ulpm_core.model.shapes import Array
from ulpm_core.studies.axes import SAMPLE, Axis
from ulpm_core.studies.cell import Cell
from ulpm_core.studies.study import Study
from ulpm_core.studies.sweep import NOT_MADE, Sweep

BESIDE: Final = ("axes", "config", "outcome", "study", "troubles")
"""Arrays of a sweep.npz that are no figures; nor are those whose names begin with `axis_` or `sample_`."""
TABLES: Final = (".csv", ".parquet")


def save_sweep(found: Sweep, path: str | Path) -> None:
    """Writes sweep.npz whole or not at all: `axes` (JSON, their names), `axis_NAME`, of draws `sample_NAME`, every
    figure (axes ..., runs), `outcome` likewise, `config` and the whole `study` (JSON), and `troubles` (JSON, by cell).

    >>> from tempfile import TemporaryDirectory
    >>> from ulpm_core.sweep import sweep
    >>> found = sweep(RunConfig(per_class=2, steps=5), {"dimension": [2, 3]}, runs=3)
    >>> with TemporaryDirectory() as folder:
    ...     save_sweep(found, f"{folder}/sweep.npz")
    ...     load_sweep(f"{folder}/sweep.npz").figures["gamma"].shape
    (2, 3)
    """
    arrays: dict[str, Any] = {f"axis_{name}": values for name, values in found.axes.items()}
    arrays |= {f"sample_{name}": values for name, values in found.drawn.items()}
    arrays |= {**found.figures, "outcome": found.outcome, "axes": json.dumps(list(found.axes))}
    arrays |= {"config": found.study.config.to_json(), "study": found.study.to_json()}
    arrays["troubles"] = json.dumps(dict(found.troubles))
    write_npz(path, arrays)


def load_sweep(path: str | Path) -> Sweep:
    """The sweep of a sweep.npz. Raises :class:`ConfigError` for a file that is damaged, hostile or none of a sweep.

    >>> from tempfile import TemporaryDirectory
    >>> from ulpm_core.sweep import sweep
    >>> found = sweep(RunConfig(per_class=2, steps=5), {"dimension": [2, 3]}, runs=3)
    >>> with TemporaryDirectory() as folder:
    ...     save_sweep(found, f"{folder}/sweep.npz")
    ...     load_sweep(f"{folder}/sweep.npz").outcomes
    {'done': 6}
    """
    arrays = read_npz(path, "sweep", "sweep.npz")
    try:
        study = _study(json.loads(str(arrays["study"])))
        troubles = {int(number): str(why) for number, why in json.loads(str(arrays["troubles"])).items()}
        shape = (*study.shape, study.runs)
        figures = {name: values for name, values in arrays.items() if _is_figure(name)}
        outcome = arrays["outcome"]
        if any(values.shape != shape or values.dtype != np.float64 for values in figures.values()):
            raise ValueError("an array of another shape or type")
        if outcome.shape != shape or outcome.dtype.kind != "U":
            raise ValueError("outcomes of another shape or type")
    except ConfigError:
        raise
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise unfit(
            "sweep", f"sweep is not as sweeps are ({error})", "give a file that sweep wrote", "sweep.npz"
        ) from None
    return Sweep(study, figures, outcome, troubles)


def _study(said: Any) -> Study:
    axes = tuple(_axis(str(each["name"]), each["parameters"]) for each in said["axes"])
    return Study(RunConfig.from_json(json.dumps(said["config"])), axes, int(said["runs"]))


def _axis(name: str, said: Any) -> Axis:
    parameters = {str(each): tuple(map(PARAMETERS[each].check, values)) for each, values in said.items()}
    if len({len(values) for values in parameters.values()}) != 1 or (name in PARAMETERS and list(parameters) != [name]):
        raise ValueError("an axis of several lengths or names")
    return Axis(name, parameters)


def _is_figure(name: str) -> bool:
    return name not in BESIDE and not name.startswith(("axis_", "sample_"))


def done_before(path: str | Path, study: Study) -> dict[int, Cell]:
    """The cells of this very study that a sweep.npz holds; none of another file or where there is none."""
    if "study" not in held_names(path):
        return {}
    try:
        found = load_sweep(path)
    except ConfigError:
        return {}
    if found.study.digest != study.digest:
        return {}
    outcomes = found.outcome.reshape(study.cells, study.runs)
    figures = {name: values.reshape(study.cells, study.runs) for name, values in found.figures.items()}
    return {
        number: Cell(
            number,
            tuple(map(str, outcomes[number])),
            {name: tuple(values[number].tolist()) for name, values in figures.items()},
            found.troubles.get(number, ""),
        )
        for number in range(study.cells)
        if NOT_MADE not in outcomes[number]
    }


def table_path(path: str | Path) -> Path:
    """The path of a table, once its kind is known to be one that there is. Raises :class:`ConfigError`."""
    table = Path(path)
    if table.suffix not in TABLES:
        raise refuse(
            "table", table, "is no kind of table that is known here", f"a name that ends in {among(TABLES)}", "t.csv"
        )
    return table


def save_table(found: Sweep, path: str | Path) -> None:
    """Writes a line for each run: the values on the axes, its seed and outcome, and every figure to the last bit.

    Raises :class:`ConfigError` for a name that ends in neither .csv nor .parquet.

    >>> from tempfile import TemporaryDirectory
    >>> from ulpm_core.sweep import sweep
    >>> found = sweep(RunConfig(per_class=2, steps=5), {"dimension": [2, 3]}, runs=3)
    >>> with TemporaryDirectory() as folder:
    ...     save_table(found, table := Path(folder) / "t.csv")
    ...     len(table.read_text().splitlines()), table.read_text()[:22]
    (7, 'dimension,seed,outcome')
    """
    table, columns = table_path(path), run_columns(found)
    with whole_file(table, table.suffix) as partial:
        if table.suffix == ".parquet":
            import pyarrow
            from pyarrow import parquet

            parquet.write_table(pyarrow.table(dict(columns)), partial)
        else:
            with partial.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow([name for name, _ in columns])
                writer.writerows(zip(*(values.tolist() for _, values in columns), strict=True))


def run_columns(found: Sweep) -> list[tuple[str, Array]]:
    """The columns of a table with a line for each run: the values on the axes, its seed and outcome, and every figure
    that it ended with.
    """
    study = found.study
    shape = (*study.shape, study.runs)
    places = np.indices(shape).reshape(len(shape), -1)
    columns = []
    for i, (name, values) in enumerate(found.axes.items()):
        columns.append((name, values[places[i]]))
        if name == SAMPLE:
            columns += [(each, drawn[places[i]]) for each, drawn in found.drawn.items()]
    seeds = dict(columns).get("seed", np.full(places.shape[1], study.config.seed)) + places[-1]
    columns = [each for each in columns if each[0] != "seed"] + [("seed", seeds)]
    return [*columns, ("outcome", found.outcome.ravel()), *((n, v.ravel()) for n, v in found.figures.items())]
