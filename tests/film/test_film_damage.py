"""What a film makes of hostile bytes: another film, or a refusal."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from film.films import parts
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import refused

from ulpm_core import ConfigError
from ulpm_core.film.film import Film


@pytest.fixture(scope="module")
def good(films) -> bytes:
    return films["plane"].to_bytes()


def with_header(good: bytes, change) -> bytes:
    """The film with its header changed by `change` and written as it is, NaN and all."""
    header, start = parts(good)
    header = change(header) or header
    text = json.dumps(header).encode()
    text += b" " * (-(len(text) + 12) % 8)
    return good[:8] + struct.pack("<I", len(text)) + text + good[start:]


def rejected(document: bytes) -> None:
    with refused("film", "this is not a film", "python -m app film run.npz"):
        Film.from_bytes(document)


@pytest.mark.parametrize("length", [0, 1, 7, 8, 11, 12, 13, 100, 5000, -1, -8, -1000])
def test_a_film_cut_short_is_refused(good, length):
    rejected(good[:length])


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"ULPMFILN",
        b"PK\x03\x04aaaa",
        b"ULPMFILM\xff\xff\xff\xff",
        b"ULPMFILM\x00\x00\x00\x00",
        b"ULPMFILM\x02\x00\x00\x00[]",
        b"ULPMFILM\x02\x00\x00\x00{}",
        b"ULPMFILM\x02\x00\x00\x00\xff\xfe",
    ],
)
def test_other_bytes_are_refused(start):
    rejected(start)
    rejected(start + b"\0" * 100)


ODD = [None, True, "3", [], {}, -1, -8, 7.5, 10**9, 2**63, 10**30, float("inf"), -float("inf"), float("nan"), 1e300]


@pytest.mark.parametrize("value", ODD, ids=repr)
@pytest.mark.parametrize("key", ["offset", "shape", "shape[0]", "dtype"])
def test_an_impossible_layout_is_refused(good, key, value):
    def change(header):
        layout = header["arrays"]["means"]
        if key == "shape[0]":
            layout["shape"][0] = value
        else:
            layout[key] = value

    if (key, value) == ("shape", []):
        assert Film.from_bytes(with_header(good, change)).arrays["means"].shape == ()  # one number: allowed
    else:
        rejected(with_header(good, change))


@pytest.mark.parametrize("dtype", ["object", "O", "<f8", "int64", "complex128", "float128", "V8", "U5", "float16", ""])
def test_another_dtype_is_refused(good, dtype):
    rejected(with_header(good, lambda h: h["arrays"]["means"].update(dtype=dtype)))


@pytest.mark.parametrize(
    "shape", [[0, 10**30], [2**31, 2**31, 2**31], [-1, -1], [-1], [1] * 200, [[1]], ["1"]], ids=str
)
def test_an_impossible_shape_is_refused(good, shape):
    rejected(with_header(good, lambda h: h["arrays"]["means"].update(shape=shape)))


def test_a_header_without_arrays_or_with_others_is_refused(good):
    rejected(with_header(good, lambda h: h.pop("arrays") and None))
    rejected(with_header(good, lambda h: h.update(arrays=[1, 2])))
    rejected(with_header(good, lambda h: h.update(arrays={"means": 5})))
    rejected(with_header(good, lambda h: h.update(arrays={"means": {}})))
    rejected(with_header(good, lambda h: [h]))


def test_a_deeply_nested_header_is_refused():
    rejected(b"ULPMFILM" + struct.pack("<I", 200_000) + b"[" * 200_000)
    rejected(b"ULPMFILM" + struct.pack("<I", 500_000) + b'{"a":' * 100_000)


def test_a_header_no_browser_reads_is_refused(good):
    rejected(with_header(good, lambda h: h.update(hidden=float("nan"))))
    rejected(with_header(good, lambda h: h.update(hidden=float("inf"))))


@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8), st.booleans(), st.floats(0, 1)
)
@settings(max_examples=300)
def test_any_damage_is_a_film_or_a_refusal(good, changes, in_header, cut):
    document, (_, start) = bytearray(good), parts(good)
    for where, byte in changes:
        document[int(where * ((start if in_header else len(document)) - 1))] = byte
    kept = bytes(document) if cut > 0.3 else bytes(document[: int(len(document) * cut / 0.3)])
    try:
        film = Film.from_bytes(kept)
    except ConfigError as refusal:
        assert "this is not a film" in str(refusal)
    else:
        assert all(a.dtype in (np.float32, np.float64) for a in film.arrays.values())
        assert Film.from_bytes(film.to_bytes()).header == film.header


values = st.recursive(
    st.sampled_from(ODD) | st.integers() | st.text(max_size=9), lambda v: st.lists(v, max_size=4), max_leaves=6
)


@given(st.sampled_from(["dtype", "shape", "offset", "new"]), values, st.sampled_from(["features", "loss", "means"]))
@settings(max_examples=200)
def test_any_layout_is_a_film_or_a_refusal(good, key, value, name):
    document = with_header(good, lambda h: h["arrays"][name].update({key: value}))
    try:
        film = Film.from_bytes(document)
    except ConfigError as refusal:
        assert "this is not a film" in str(refusal)
    else:
        assert sum(a.nbytes for a in film.arrays.values()) <= 2 * len(document)
