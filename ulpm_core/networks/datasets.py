"""Real images: the digits beside this file, and four larger sets fetched from openml.org once.

Nothing is unpickled: what openml.org sends is parsed as text, and all are kept as plain arrays.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ulpm_core.files.npz import read_npz, write_npz
from ulpm_core.model.refusal import refuse, shown
from ulpm_core.model.shapes import Labels, Shaped
from ulpm_core.networks.config import NetworkConfig

Images = NDArray[np.float32]

DIGITS: Final = Path(__file__).with_name("digits.npz")
"""The handwritten digits of E. Alpaydin and C. Kaynak (UCI, 1998, CC BY 4.0) as scikit-learn has them, in its random
order that is stratified by class, with the paper's number on arXiv as the seed: importing scikit-learn takes longer
than a short training.
"""


class Source(NamedTuple):
    """A data set: how many images it has for training, their channels and size, its name on openml.org (version 1; the
    digits come with the lab), its classes, and how many images at its end are for testing: as published, or a fifth of
    the 1,797 digits.
    """

    training: int
    shape: tuple[int, int, int]
    name: str = ""
    classes: str = "0,1,2,3,4,5,6,7,8,9"
    tests: int = 10_000


CLOTHES: Final = "T-shirt,trouser,pullover,dress,coat,sandal,shirt,sneaker,bag,ankle boot"
THINGS: Final = "airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck"
SOURCES: Final = {
    "digits": Source(1437, (1, 8, 8), tests=360),
    "mnist": Source(60_000, (1, 28, 28), "mnist_784"),
    "fashion-mnist": Source(60_000, (1, 28, 28), "Fashion-MNIST", CLOTHES),
    "kmnist": Source(60_000, (1, 28, 28), "Kuzushiji-MNIST", "お,き,す,つ,な,は,ま,や,れ,を"),
    "cifar-10": Source(50_000, (3, 32, 32), "CIFAR_10", THINGS),
}


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training images x (N, C, S, S) with pixels in [0, 1] and labels y (N,) from 0 to K - 1, grouped: all of class 0
    first; test images and labels likewise; and the name of each class.

    Classes may have different sizes.
    """

    x: Images
    y: Shaped[Labels, "N"]
    test_x: Images
    test_y: Shaped[Labels, "M"]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        for array in (self.x, self.y, self.test_x, self.test_y):
            array.setflags(write=False)


def load_dataset(config: NetworkConfig) -> Dataset:
    """The data set of a config, with the classes and at most `per_class` training images of each that it asks for.

    Raises :class:`ConfigError` where it must be fetched and there is no network.

    >>> digits = load_dataset(NetworkConfig())
    >>> digits.x.shape, digits.test_x.shape, float(digits.x.max())
    ((1437, 1, 8, 8), (360, 1, 8, 8), 1.0)
    """
    source = SOURCES[config.dataset]
    x, y = _read(config.dataset, source)
    training, test = np.split(np.arange(len(x)), [len(x) - source.tests])
    names = source.classes.split(",")

    def grouped(images: Labels, most: int | None) -> tuple[Images, Labels]:
        of_class = [images[y[images] == number][:most] for number in config.class_numbers]
        pixels = x[np.concatenate(of_class)] / np.float32(x.max())
        return pixels.astype(np.float32), np.repeat(np.arange(config.class_count), [len(one) for one in of_class])

    kept = (*grouped(training, config.per_class or None), *grouped(test, None))
    return Dataset(*kept, tuple(names[number] for number in config.class_numbers))


def _read(dataset: str, source: Source) -> tuple[np.ndarray, Labels]:
    """Images and labels, those for testing at the end; where they do not come with the lab, fetched once, then read
    from the cache.
    """
    path = cache_folder() / f"{dataset}.npz" if source.name else DIGITS
    if source.name and not path.exists():
        _fetch(dataset, source, path)
    arrays = read_npz(path, "dataset", "digits", names=("x", "y"))
    x, y = arrays.get("x", np.zeros(0)), arrays.get("y", np.zeros(0))
    if x.dtype != np.uint8 or x.shape[1:] != source.shape or y.dtype != np.int64 or y.shape != x.shape[:1]:
        raise refuse("dataset", dataset, f"is kept in {path}, which is damaged", "digits", do="delete it, or use")
    return x, y


def cache_folder() -> Path:
    """Returns the folder of fetched data sets: $COLLAPSE_LAB_DATA, or one in the user's cache."""
    given = os.environ.get("COLLAPSE_LAB_DATA")
    return Path(given) if given else Path.home() / ".cache" / "collapse-lab"


def _fetch(dataset: str, source: Source, cached: Path) -> None:
    from sklearn.datasets import fetch_openml

    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        pixels, classes = fetch_openml(
            source.name, version=1, return_X_y=True, as_frame=False, parser="liac-arff", cache=False, n_retries=0
        )
        arrays = {
            "x": np.asarray(pixels, dtype=np.uint8).reshape(-1, *source.shape),
            "y": np.asarray(classes, dtype=np.int64),
        }
        write_npz(cached, arrays)
    except Exception as error:  # noqa: BLE001 - no network, a proxy, a full disk: urllib, http and OpenML all have their own
        raise refuse(
            "dataset",
            dataset,
            f"is not here yet and could not be fetched from openml.org ({shown(error)})",
            "digits",
            do="connect this machine to the network once, or use",
        ) from None
