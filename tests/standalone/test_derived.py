"""Derived knobs of the lab in one file, held to the page's own: what they read, offer and write."""

from __future__ import annotations

import json

from app.page.derived import DERIVED
from app.page.runs import RUNS
from app.standalone.table import page_table
from tests.javascript import run_node
from ulpm_core import ConfigError, RunConfig
from ulpm_core.model.parameters import PARAMETERS

TABLE = json.loads(json.dumps(page_table()))
CONFIGS = (
    RunConfig(),
    RunConfig(classes=7, dimension=3, per_class=11),
    RunConfig(classes=2, dimension=1),
    RunConfig(class_sizes=(25, 25, 10), weight_decay=0.2),
    RunConfig(class_sizes=(1000, 2, 2, 2), loss="squared-error"),
    RunConfig(class_sizes=(7, 3), norm_bound_h=2.0),
    RunConfig(class_sizes=(6, 4, 2), loss="label-smoothing", weight_decay=0.1),
    RunConfig(method="gradient-flow", fast_forward=0.0),
    RunConfig(fast_forward=300.0),
    RunConfig(feature_norm=2.0, loss="squared-error"),
)
TURNS = {
    "rule": [name for name, _ in TABLE["derived"][0]["options"]],
    "ratio": ["1.0", "3.0", "1000.0"],
    "majority": ["1", "3"],
    "minority_size": ["1", "5"],
}
CODE = """for (const { fields, turns } of given.cases) {
  const config = Config.from(fields, given.table.parameters);
  const rows = given.table.derived.map((row) => {
    const here = derivedValue(row.name, config);
    const options = derivedOptions(row, config, here);
    const turned = turns[row.name].map((text) => {
      try {
        return turnedTo(config, derivedValues(row.name, text, config, given.table), given.table).toJSON();
      } catch (error) { return error.message; }
    });
    return { name: row.name, here, options, shown: holdsOf(row.needs, config), turned };
  });
  say(rows);
}"""
MODULES = ("standalone/derived.js", "standalone/facts.js", "player/engine/config.js")


def in_python(config, knob, text):
    value = text if knob.kind == "choice" else type(knob.read(config))(float(text))
    values = knob.write(config, value)
    try:
        turned = RUNS.turned(config, values)
        if knob.read(turned) != value:
            turned = RUNS.turned(config, values | {name: PARAMETERS[name].default for name in knob.falls_back})
        return turned
    except ConfigError as refusal:
        return str(refusal)


def test_they_read_offer_and_write_what_the_page_does(tmp_path):
    cases = [{"fields": config.to_link(), "turns": TURNS} for config in CONFIGS]
    answers = run_node(tmp_path, CODE, *MODULES, cases=cases, table=TABLE)
    for config, rows in zip(CONFIGS, answers, strict=True):
        for knob, row in zip(DERIVED, rows, strict=True):
            case = f"{knob.name} of {config.to_link()}"
            here = knob.read(config)
            assert row["here"] == str(here), case
            expected = sorted({*knob.options(config), here}) if knob.kind == "ladder" else list(knob.options(config))
            assert [value for value, _ in row["options"]] == [str(value) for value in expected], case
            assert row["shown"] == knob.matters(config), case
            for text, turned in zip(TURNS[knob.name], row["turned"], strict=True):
                mine = in_python(config, knob, text)
                assert isinstance(mine, str) == isinstance(turned, str), f"{case} turned to {text}: {mine} {turned}"
                if isinstance(mine, RunConfig):
                    assert RunConfig.from_mapping(turned) == mine, f"{case} turned to {text}"
