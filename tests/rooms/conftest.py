from __future__ import annotations

import pytest
from rooms.clients import Lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A server that all tests of a file share; none of them may leave a traceback."""
    lab = Lab(tmp_path_factory.mktemp("lab")).start()
    yield lab
    lab.stop()
    assert "Traceback" not in lab.log.read_text()
