"""Where students find this server, and what their teacher is told where they cannot."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from app.server import reached


def asked_as(host):
    """A request of a browser that found the lab under this name."""
    return Request(
        {"type": "http", "scheme": "http", "path": "/", "headers": [(b"host", host.encode())], "path_params": {}}
    )


@pytest.mark.parametrize(
    ("listens", "host", "networks", "bases", "words"),
    [
        (None, "localhost:8501", ["10.0.0.7"], ["http://10.0.0.7:8501"], reached.NEAR),
        ("0.0.0.0", "localhost:8501", ["10.0.0.7"], ["http://10.0.0.7:8501"], reached.NEAR),
        (None, "localhost:8501", [], [], reached.NO_NETWORK),
        ("localhost", "localhost:8501", ["10.0.0.7"], [], reached.CLOSED),
        ("127.0.0.1", "127.0.0.1:8501", ["10.0.0.7"], [], reached.CLOSED),
        ("::1", "[::1]:8501", ["10.0.0.7"], [], reached.CLOSED),
        (None, "[:::]", ["10.0.0.7"], ["http://[:::]"], reached.NEAR),
        (None, "localhost:99999", ["10.0.0.7"], ["http://10.0.0.7:99999"], reached.NEAR),
        ("127.0.0.1", "school.example", ["10.0.0.7"], ["http://school.example"], reached.NEAR),  # a proxy leads there
    ],
)
def test_a_lab_that_listens_to_no_network_names_no_address_and_says_how_to_open_it(
    monkeypatch, listens, host, networks, bases, words
):
    monkeypatch.setattr(reached, "get_option", {"server.address": listens}.get)
    monkeypatch.setattr(reached, "network_addresses", lambda: networks)
    assert reached.ways_in(asked_as(host)) == (bases, words)
