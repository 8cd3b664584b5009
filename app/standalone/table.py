"""The table of the lab in one file: knobs, presets, words and links, as the page's own tables say them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from app.engine.cost import costs
from app.engine.parameters import HERE, parameters
from app.engine.table import table
from app.page import look
from app.page.copyable import COPIED, COPY, SELECTED
from app.page.derived import DERIVED, LARGEST_SIZE, Derived, Rule, with_rule
from app.page.derived import RULES as RULES_OF_RUNS
from app.page.difference import DIFFER, LENGTHS, SAME
from app.page.facts import GOES_ON_BY_FLOW, OF_RANDOM_STARTS, When
from app.page.link import EXAMPLES, LONGEST_QUESTION, MORE, MOST_REFUSALS, WHY, other_keys
from app.page.run_widgets import LARGEST_SEED, LEARNING_RATE, SEED, START
from app.page.runs import BESIDE_A_GRADIENT, FAST_FORWARD_END, RUNS
from app.page.session import REPEATED
from app.page.spec import Knob
from app.page.state import pin_of
from app.page.widgets import CHOICE, LADDER, NUMBER, SLIDER, rung_words
from app.player.picture import LABEL
from app.views import actions, sharing, words
from app.views.opening import ASKED_OF_ANY, QUESTIONS
from app.views.presets import Preset
from ulpm_core import RunConfig
from ulpm_core.dynamics.stop_reason import STOPPED, WHERE
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.rules.known import RULES

KINDS: Final = (
    (SLIDER, "slider"), (LADDER, "ladder"), (LEARNING_RATE, "ladder"), (CHOICE, "choice"), (START, "choice"),
    (NUMBER, "number"), (SEED, "seed"),
)  # fmt: skip
"""What a knob's widget is called here; the page's other widgets need what only a server has."""
FLOW_CURVES: Final = (
    "shows what the flow of cross-entropy alone has",
    "method=gradient-flow and nothing beside that loss with it",
)
"""Why a link to another run is refused a set of curves, and what to do."""
PANELS: Final = {"run": "This run", **RUNS.choices["curves"]}
"""The sets of curves that may stand beside the stage, the usual one first."""


def standalone_table() -> dict[str, Any]:
    """Returns all that the lab in one file says and offers, which JSON can hold: the engine's table, and the page's."""
    return {"engine": table(), "page": page_table()}


def page_table() -> dict[str, Any]:
    """Returns the page's part of the table.

    `parameters` have the page's ranges, and `cost` says which runs take too long. `rows` say how each is turned, `kind`
    None where only a link does, and `needs` are the facts of a run in which it plays a part. `link` is how links are
    read, `words` are those of buttons and sentences.
    """
    rows = [_row(row) for row in RUNS.rows if _plays_a_part(row)]
    return {
        "parameters": parameters(RUNS.parameters),
        "cost": costs(RUNS.seconds),
        "rows": rows,
        "derived": [_derived(knob) for knob in DERIVED],
        "rules": {rule.name: _rule(rule) for rule in RULES_OF_RUNS},
        "largest_size": LARGEST_SIZE,
        "falls_back": list(DERIVED[0].falls_back),
        "presets": [_preset(preset) for preset in RUNS.presets],
        "panels": list(PANELS.items()),
        "beside_a_gradient": list(BESIDE_A_GRADIENT),
        "gives_way": list(RUNS.gives_way),
        "lengths": list(LENGTHS),
        "flows_from": {"needs": list(GOES_ON_BY_FLOW.facts), "log_time": FAST_FORWARD_END},
        "largest_seed": LARGEST_SEED,
        "usual_controls": list(RUNS.usual),
        "link": _link([row["name"] for row in rows]),
        "words": _words(),
    }


def _plays_a_part(row: Knob[RunConfig]) -> bool:
    """Returns whether a parameter can make a difference to the runs of this page, which begin at no saddle."""
    needs = row.matters.facts if isinstance(row.matters, When) else ()
    return "saddle" not in needs and len(HERE.get(row.name, "any")) > 1 and row.name not in RUNS.unseen


def _row(row: Knob[RunConfig]) -> dict[str, Any]:
    needs = row.matters.facts if isinstance(row.matters, When) else ()
    write: Callable[[Any], str] = row.parameter.write
    rungs = [row.parameter.kind(rung) for rung in row.ladder]
    return {
        "name": row.name,
        "kind": next((name for widget, name in KINDS if widget is row.widget), None),
        "ladder": [[write(rung), row.words.get(rung) or rung_words(rung)] for rung in rungs],
        "words": [[choice if row.parameter.choices else write(choice), said] for choice, said in row.words.items()],
        "needs": [fact for fact in needs if fact not in OF_RANDOM_STARTS],
        "advanced": row.advanced,
        "unfolded": list(row.unfolded.facts) if isinstance(row.unfolded, When) else None,
    }


def _derived(knob: Derived) -> dict[str, Any]:
    """Returns a knob without a parameter of its own; `options` of a ladder are rungs as a link would write them, None
    where a run decides them.
    """
    options = knob.options(RunConfig())
    return {
        "name": knob.name,
        "label": knob.label,
        "help": knob.help,
        "kind": knob.kind,
        "after": knob.after,
        "needs": [fact for fact in knob.matters.facts if fact not in OF_RANDOM_STARTS],
        "options": None if isinstance(options, range) else [[str(one), _called(knob, one)] for one in options],
        "said": {str(value): said for value, said in knob.said.items()},
    }


def _rule(rule: Rule) -> dict[str, Any]:
    values = with_rule(RunConfig(), rule.name)
    values.pop("dimension", None)
    return {"sets": {name: RUNS.parameters[name].write(value) for name, value in values.items()}, "room": rule.room}


def _called(knob: Derived, value: Any) -> str:
    return str(knob.words.get(value) or rung_words(value))


def _preset(preset: Preset[RunConfig]) -> dict[str, Any]:
    pinned = pin_of(preset.pinned) if preset.pinned else None
    return {"name": preset.name, "watch": preset.watch, "link": preset.config.to_link(), "pin": pinned}


def _link(parameters: list[str]) -> dict[str, Any]:
    """Returns what a link may hold beside the knobs, and why parts of it are refused."""
    others = [name for name in other_keys(RUNS) if name not in RUNS.choices]
    return {
        "keys": [*parameters, *others, "curves"],
        "pin_example": f"pin={pin_of(RUNS.example)}",
        "why": WHY | {"twice-in-link": REPEATED, "flow-curves": FLOW_CURVES, "more": list(MORE)},
        "a_link": RUNS.a_link,
        "most_refusals": MOST_REFUSALS,
        "examples": EXAMPLES,
        "longest_question": LONGEST_QUESTION,
        "look": {
            "choices": look.CHOICES,
            "paces": look.PACES,
            "number": look.NUMBER,
            "event": look.EVENT.pattern,
            "longest_event": look.LONGEST_EVENT,
            "eye": [look.NEAREST, look.FARTHEST],
            "why": {name: why for name, (_, *why) in look.PARTS.items()},
        },
    }


def _words() -> dict[str, Any]:
    named = {name.lower(): action for name, action in vars(actions).items() if isinstance(action, actions.Action)}
    return {
        "actions": {name: action._asdict() for name, action in named.items()},
        "as_far": actions.AS_FAR,
        "no_flow": actions.NO_FLOW,
        "gave_way": actions.GAVE_WAY,
        "where": WHERE,
        "cut_short": actions.CUT_SHORT,
        "cancelled": STOPPED["cancelled"],
        "opening": {"questions": QUESTIONS, "of_any": ASKED_OF_ANY},
        "setting": words.SETTING,
        "counts": list(words.COUNTS),
        "kinds": {name: rule.kind for name, rule in RULES.items()},
        "losses": {name: loss.label.lower() for name, loss in LOSSES.items()},
        "what_is": actions.WHAT_IS,
        "picture": LABEL,
        "share": {
            name.lower(): said for name, said in vars(sharing).items() if isinstance(said, str) and name.isupper()
        }
        | {"copy": COPY, "copied": COPIED, "selected": SELECTED, "asks": RUNS.asks},
        "same": SAME.format(what=RUNS.what),
        "differ": DIFFER,
    }
