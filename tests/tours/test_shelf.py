"""Which tours a server has: those that come with the lab, and those of a folder that it is given."""

from __future__ import annotations

import pytest

from app import asset
from app.tours import shelf
from app.tours.limits import DOCUMENT_BYTES
from app.tours.mistakes import TourError
from app.tours.shelf import Cover, Shelf, tour_folder, tour_folders
from app.tours.shipped import SHIPPED
from ulpm_core import ConfigError

OWN = b"---\ntitle: Angles\nminutes: 4\nfor: my class\n---\n# One\n"


def test_shipped_tours_come_first_in_their_order_and_own_ones_by_their_titles(tmp_path):
    (tmp_path / "z.md").write_bytes(OWN)
    (tmp_path / "a.md").write_bytes(b"\xff\xfe no text")
    (tmp_path / "b c.md").write_bytes(OWN)
    (tmp_path / "the-collapse.md").write_bytes(OWN)
    covers = Shelf([asset("lessons"), tmp_path, tmp_path / "missing"]).covers()
    assert [cover.tour for cover in covers[:-2]] == list(SHIPPED)
    assert all(cover.title != cover.tour and int(cover.minutes) and cover.audience for cover in covers[:-2])
    assert covers[-2:] == [Cover("z", "Angles", "4", "my class"), Cover("a", "a", "", "")]


def test_a_document_that_is_no_text_or_too_large_is_refused_by_its_line(tmp_path):
    (tmp_path / "a.md").write_bytes(OWN + b"\xff")
    (tmp_path / "b.md").write_bytes(OWN + b" " + "°".encode() * DOCUMENT_BYTES)
    held = Shelf([tmp_path])
    assert held.source("c") is None
    for tour, why in (("a", r"^a\.md:7: .* is no UTF-8 from byte 53 on"), ("b", r"^b\.md:1: .* larger than 256 kB")):
        with pytest.raises(TourError, match=why):
            held.source(tour)


def test_a_folder_of_tours_is_taken_or_refused_before_anything_is_served(tmp_path, monkeypatch):
    monkeypatch.delenv(shelf.SETTING, raising=False)
    assert tour_folders() == [asset("lessons")]
    (tmp_path / "angles.md").write_bytes(OWN)
    monkeypatch.setenv(shelf.SETTING, str(tmp_path))
    assert tour_folders() == [asset("lessons"), tmp_path]
    (tmp_path / "my angles.md").write_bytes(OWN)
    for text, why in (
        (str(tmp_path), "tours = my angles.md cannot stand in an address"),
        (str(tmp_path / "no"), "cannot be read"),
        ("a\x00b", "cannot be read"),
        (str(tmp_path / "angles.md"), "cannot be read"),
    ):
        with pytest.raises(ConfigError, match=why) as refused:
            tour_folder(text)
        assert refused.value.field == "tours"
