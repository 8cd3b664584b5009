"""The tables of the page against the configs that they describe: no field or parameter is without its row."""

from __future__ import annotations

from dataclasses import fields

import pytest

from app.page.networks import NETWORKS
from app.page.runs import RUNS
from app.page.widgets import CHOICE, LADDER, SLIDER

SPECS = pytest.mark.parametrize("spec", [RUNS, NETWORKS], ids=lambda spec: spec.what)
TEXT = {"initial_digest"}
"""Fields that are no parameters."""


@SPECS
def test_every_field_has_its_parameter_and_every_parameter_its_row_in_the_same_order(spec):
    table = spec.config.PARAMETERS
    assert {field.name: field.default for field in fields(spec.config) if field.name not in TEXT} == {
        name: parameter.default for name, parameter in table.items()
    }
    assert [row.name for row in spec.rows] == list(table)
    assert all(row.core is table[row.name] for row in spec.rows)


@SPECS
def test_the_page_is_narrower_than_the_command_line_never_wider(spec):
    for row in spec.rows:
        narrow, wide = row.parameter, row.core
        assert wide.low <= narrow.low <= narrow.high <= wide.high, row.name
        assert set(narrow.choices) <= set(wide.choices), row.name
        assert narrow.check(narrow.default) == narrow.default, row.name
    assert spec.check(spec.config()) == spec.config()


@SPECS
def test_a_widget_has_what_its_kind_needs(spec):
    for row in spec.rows:
        p = row.parameter
        if row.widget is LADDER:
            assert row.ladder, row.name
        if row.widget is SLIDER:
            assert p.high - p.low <= 200, row.name
        if row.widget is CHOICE:
            assert set(p.choices) <= set(row.words), row.name
        assert list(row.ladder) == sorted({p.check(rung) for rung in row.ladder}), row.name


@SPECS
def test_what_a_widget_holds_is_the_value_again(spec):
    for config in (spec.config(), spec.example, *(preset.config for preset in spec.presets)):
        for row in spec.rows:
            value = getattr(config, row.name)
            assert row.widget.value(row.widget.held(value)) == value, row.name


@SPECS
def test_what_a_spec_names_is_there(spec):
    assert set(spec.usual) <= set(spec.turnable)
    assert {*spec.gives_way, *spec.unseen} <= set(spec.knobs)
    assert not set(spec.unseen) & set(spec.turnable)
    assert not set(spec.choices) & set(spec.knobs)
    for preset in spec.presets:
        for config in filter(None, (preset.config, preset.pinned)):
            assert spec.check(config) == config, preset.name


def test_the_two_pages_share_no_key_of_the_session():
    assert RUNS.key != NETWORKS.key
    assert not {RUNS.prefix + name for name in RUNS.turnable} & {NETWORKS.prefix + name for name in NETWORKS.turnable}
