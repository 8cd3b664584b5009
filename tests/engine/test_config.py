"""config.js: the same configs as Python's, and the same sentences for what cannot run."""

from __future__ import annotations

import json
import math
import re

from app.engine.table import table
from tests.engine.golden import golden
from tests.javascript import ROOT, run_node
from ulpm_core import ConfigError, RunConfig
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.saddles.gallery import SADDLES

CONFIG = "player/engine/config.js"
READ = """
const read = (fields) => {
  try {
    return Config.from(fields, given.parameters);
  } catch (refusal) {
    if (refusal.constructor.name !== "Refusal") throw refusal;
    return { field: refusal.field, message: refusal.message };
  }
};
"""
DERIVED = {
    "sizes": lambda c: list(c.sizes),
    "labels": lambda c: c.labels.tolist(),
    "sampleCount": lambda c: c.label_count,
    "entries": lambda c: c.entries,
    "decays": lambda c: list(c.decays),
    "bounds": lambda c: list(c.bounds),
    "isHeld": lambda c: c.is_held,
    "isUlpm": lambda c: c.is_ulpm,
    "stepTime": lambda c: c.step_time,
    "flowEnd": lambda c: c.flow_end,
    "flows": lambda c: c.flows,
    "simplexFits": lambda c: c.simplex_fits,
    "simplexIsIdeal": lambda c: c.simplex_is_ideal,
}
SOUND = [
    *(case["config"] for case in golden()),
    {"classes": "5", "learning_rate": " 0.3 ", "steps": "1,000", "seed": "4_2"},
    {"class_sizes": "5,5,5", "classes": 3}, {"class_sizes": "6.4.2", "per_class": 2}, {"class_sizes": [7, 7]},
    {"norm_bound_w": "none", "norm_bound_h": " none"}, {"norm_bound_w": 2, "norm_bound_h": "3"},
    {"weight_decay": 0.1, "weight_decay_h": "0.1"}, {"weight_decay_h": "-1"}, {"weight_decay_h": "0"},
    {"method": "gradient-flow", "fast_forward": 7}, {"fast_forward": "300"}, {"steps": "4e3"}, {"kind": "run"},
    {"initial_scale": "-0"}, {"initial_digest": "a" * 64}, {"seed": "+7"}, {"log_time": "-.5"}, {"log_time": "5."},
    {"method": "momentum", "momentum": "0.5"}, {"loss": "squared-error", "loss_reduction": "mean"},
    {"loss": "label-smoothing"}, {"loss": "label-smoothing", "smoothing": "0.25"}, {"smoothing": 0.1},
    {"feature_norm": "none"}, {"feature_norm": "5", "loss": "label-smoothing"},
    {"initialisation": "etf-perturbed", "dimension": 3}, {"class_sizes": "4,4"},
    {"loss": "squared-error", "method": "gradient-flow"}, {"weight_decay": 1, "method": "gradient-flow"},
    {"loss": "squared-error", "weight_decay": 1, "fast_forward": 1e8},
    {"loss": "label-smoothing", "method": "gradient-flow"},
]  # fmt: skip
LONG = "x" * 500
TEXTS = [
    "", " ", "x", "four", "0,3", "1,00", "nan", "inf", "-inf", "1e400", "-1e400", "0x10", "1__", "__", "4.5", "none",
    "1e10000", "1e99999", "9" * 40, "9" * 41, "-1", "99999999999", "1e-12", "\u0664", "1 2", "\x1c4\x85 ", "\ufeff4",
    "a\nb", "tab\there", "\u202etest", "\U0001f600" * 50, "<b>", LONG, "1\u00a0000", "null", "true", "[1,2]", ",", "1,",
    "5", "3,2.5", "3,,4", "0,4", "100001,2", "1000000000,2", ".5.5", "6,4,2,", "6;4;2",
    "1," * 1200 + "1", "2," * 999 + "2",
]  # fmt: skip
TOGETHER = [
    {"class_sizes": "6,4,2", "classes": 4}, {"class_sizes": "6,4,2", "per_class": 3},
    {"class_sizes": "5,5,5", "per_class": "4"}, {"class_sizes": "1,2," * 30 + "5", "classes": 7},
    {"classes": 1000, "dimension": 4096, "per_class": 100_000}, {"dimension": 4096, "per_class": "3,000"},
    {"class_sizes": "100000,99999,7", "dimension": 4096}, {"class_sizes": "5,100000," * 10 + "3", "dimension": 4096},
    {"initialisation": "etf-perturbed", "classes": 9}, {"weight_decay_h": -0.5}, {"weight_decay_h": "-1e-7"},
    {"weight_decay": 0.1, "norm_bound_w": 2}, {"weight_decay_h": 0.1, "norm_bound_h": "1234567.5"},
    {"weight_decay_h": 0.1, "norm_bound_h": "0.1234567"}, {"norm_bound_w": 1e3, "method": "gradient-flow"},
    {"norm_bound_h": 1, "fast_forward": "300.25"},
    {"norm_bound_h": 1, "method": "gradient-flow"}, {"loss": "squared-error", "norm_bound_h": 1, "fast_forward": 1e8},
    {"feature_norm": 2, "weight_decay": 0.1}, {"feature_norm": "0.1234567", "norm_bound_h": 1},
    {"feature_norm": 2, "method": "gradient-flow"}, {"feature_norm": 2, "fast_forward": 30},
    {"smoothing": "0.25"}, {"loss": "squared-error", "smoothing": 0.1234567},
    {"loss": "label-smoothing", "smoothing": 0}, {"norm_bound_w": 3, "method": "gradient-flow"},
    {"initial_digest": "abc"}, {"initial_digest": "A" * 64}, {"kind": "training"}, {"kind": ""},
]  # fmt: skip
UNKNOWN = ["class", "learningrate", "Seed", "clases", "stepss", "", "weight_decay_w", "constructor", "__proto__", LONG,
           "toString", "norm_bound", "time", "per class", "\u0000", "initial", "samples"]  # fmt: skip


def from_python(fields):
    """What Python makes of a config's JSON: its fields, or its refusal."""
    try:
        kind = fields.get("kind", "run")
        if kind != "run":
            return RunConfig.from_json(json.dumps(fields))
        return RunConfig.from_mapping({name: value for name, value in fields.items() if name != "kind"})
    except ConfigError as refusal:
        return {"field": refusal.field, "message": str(refusal)}


def said_by_both(tmp_path, cases):
    code = READ + "for (const fields of given.cases) say(read(fields));"
    said = run_node(tmp_path, code, CONFIG, parameters=table()["parameters"], cases=cases)
    return list(zip(cases, said, map(from_python, cases), strict=True))


def test_configs_are_pythons(tmp_path):
    code = """
        const plain = (x) => {
          if (ArrayBuffer.isView(x) || Array.isArray(x)) return [...x].map(plain);
          return Number.isFinite(x) || typeof x !== "number" ? x : String(x);
        };
        for (const fields of given.cases) {
          const config = Config.from(fields, given.parameters);
          say(Object.fromEntries([...given.names, ...given.derived].map((name) => [name, plain(config[name])])));
        }"""
    names = [*PARAMETERS, "initial_digest"]
    said = run_node(
        tmp_path, code, CONFIG, parameters=table()["parameters"], cases=SOUND, names=names, derived=list(DERIVED)
    )
    for fields, found in zip(SOUND, said, strict=True):
        config = from_python(fields)
        wanted = {name: getattr(config, name) for name in names} | {name: of(config) for name, of in DERIVED.items()}
        assert found == {name: plain(value) for name, value in wanted.items()}, fields


def test_the_types_name_the_fields_of_python():
    """All of them, but for what only a saddle or another engine needs."""
    types = (ROOT / "app/player/engine/types.d.ts").read_text(encoding="utf-8")
    named = re.findall(r"^  (\w+):", types.partition("interface RunFields {")[2].partition("}")[0], re.MULTILINE)
    elsewhere = {"margin", "push", "push_along", "engine", "device", "dtype"}
    assert set(named) == {*PARAMETERS, "initial_digest"} - elsewhere


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'-' * (value < 0)}Infinity"
    return value


def test_a_text_is_read_or_refused_as_python_does(tmp_path):
    """Each text for each parameter, as a link may hold it: over a thousand sentences."""
    names = [name for name in PARAMETERS if name not in ("engine", "device", "dtype")]
    for fields, said, wanted in said_by_both(tmp_path, [{name: text} for name in names for text in TEXTS]):
        if isinstance(wanted, dict):
            assert said == wanted, fields
        else:
            assert "message" not in said, fields


def test_random_texts_and_names_are_read_or_refused_as_python_does(tmp_path, rng):
    """Texts of what numbers and lists are made of, and names with two letters changed."""
    letters = list("0123456789.,eE+-_ ")
    texts = ["".join(rng.choice(letters, rng.integers(1, 9))) for _ in range(400)]
    cases = [{name: text} for text in texts for name in ("steps", "learning_rate", "norm_bound_w", "class_sizes")]
    for name in [*PARAMETERS] * 3:
        typed = list(name)
        for at in rng.integers(0, len(typed), 2):
            typed[at] = str(rng.choice(list("aeirstw_")))
        cases.append({"".join(typed): "3"})
    read = 0
    for fields, said, wanted in said_by_both(tmp_path, cases):
        if isinstance(wanted, dict):
            assert said == wanted, fields
        else:
            ((name, _),) = fields.items()
            assert said == kept_json(wanted), fields
            read += 1
    assert read > 100


def kept_json(config):
    """The fields of a config that are not at their defaults, as the engine's JSON has them."""
    kept = {name: getattr(config, name) for name in PARAMETERS if getattr(config, name) != PARAMETERS[name].default}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}


def test_numbers_out_of_range_are_refused_as_python_does(tmp_path):
    numbers = [-1, 0.5, 10**10, 123456789012, -2.5e-7, 1e16 + 2, 1.5e300, -1e-5, 0.1 + 0.2, 2**53, -20.5, 5000000000.5]
    cases = [{name: number} for name, row in PARAMETERS.items() for number in numbers if not row.choices]
    for fields, said, wanted in said_by_both(tmp_path, cases):
        if isinstance(wanted, dict):
            assert said == wanted, fields
        else:
            assert "message" not in said, fields


def test_fields_that_do_not_go_together_are_refused_in_pythons_words(tmp_path):
    for fields, said, wanted in said_by_both(tmp_path, TOGETHER):
        assert isinstance(wanted, dict), fields
        assert said == wanted, fields


def test_an_unknown_name_is_refused_with_the_one_that_was_meant(tmp_path):
    for fields, said, wanted in said_by_both(tmp_path, [{name: 1} for name in UNKNOWN]):
        assert said == wanted, fields


def test_values_of_other_types_are_refused_by_their_field(tmp_path):
    code = (
        READ
        + """
        const hostile = [
          null, true, [], {}, [1], () => 1, Symbol("s"), 10n, NaN, Infinity, Object.create(null), new Date(0),
          { toString() { throw new Error("no"); } }, { toString: () => "4" }, ["a", {}], new Array(5), [1.5, 2],
          ["6", "4"],
        ];
        for (const name of given.names) {
          for (const value of hostile) {
            const said = read({ [name]: value });
            if (said instanceof Config) say([name, "", String(value)]);
            else say([name, said.field, said.message]);
          }
        }
        for (const fields of [null, undefined, 3, "text", [1], true]) {
          const { field, message } = read(fields);
          say(["config", field, message]);
        }"""
    )
    said = run_node(tmp_path, code, CONFIG, parameters=table()["parameters"], names=list(PARAMETERS))
    for name, field, message in said:
        if field == "":
            assert (name, message) in {
                ("class_sizes", ""),
                ("norm_bound_w", "Infinity"),
                ("norm_bound_h", "Infinity"),
                ("feature_norm", "Infinity"),
            }
        else:
            assert field == name
            assert message.startswith(f"{name} = ")
            assert message.isprintable()
            assert "use " in message or "write it like" in message
            assert len(message) < 400


def test_what_only_the_full_lab_has_is_said(tmp_path):
    elsewhere = [{"initialisation": name} for name in SADDLES] + [
        {"dtype": "float32"}, {"device": "cuda"}, {"engine": "batched"},
    ]  # fmt: skip
    for fields, said, _ in said_by_both(tmp_path, elsewhere):
        ((name, value),) = fields.items()
        assert said["field"] == name
        assert said["message"].startswith(f"{name} = {value} is only in the full lab")
        example = said["message"].removesuffix(".").split("example ")[-1].split("use ")[-1]
        assert RunConfig.from_mapping({name: example})


def test_changes_make_a_new_config(tmp_path):
    code = READ + """
        const config = read({ class_sizes: "6,4,2", steps: 5, norm_bound_w: 3 });
        say(config.with({ class_sizes: [3, 3] }));
        say(config.with({ steps: "7" }));
        say([config.digest, config.with({}).digest, config.with({ steps: 6 }).digest]);
        say(Object.isFrozen(config));
        try { config.with({ classes: 5 }); } catch (refusal) { say(refusal.message); }"""  # fmt: skip
    said = run_node(tmp_path, code, CONFIG, parameters=table()["parameters"])
    changed, longer, (digest, same, other), frozen, refused = said
    assert changed == {"classes": 2, "per_class": 3, "steps": 5, "norm_bound_w": 3}
    assert longer == {"class_sizes": [6, 4, 2], "classes": 3, "per_class": 2, "norm_bound_w": 3, "steps": 7}
    assert digest == same != other
    assert frozen
    assert refused.startswith("classes = 5 contradicts class_sizes = 6,4,2")
