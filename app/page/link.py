"""Reads links: which state of the page an address asks for. A link is hostile until every value in it has been
checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.page.look import LOOK_KEYS, read_look
from app.page.spec import Config, PageSpec
from app.page.state import PageState, pin_of
from ulpm_core import ConfigError
from ulpm_core.model.parameter import Value
from ulpm_core.model.refusal import among, refuse, shown, span

LONGEST_QUESTION: Final = 300


def other_keys(spec: PageSpec[Config]) -> tuple[str, ...]:
    """Returns the keys that a page's link may have beside the names of parameters."""
    return ("pin", "controls", "question", "talk", *spec.choices, *LOOK_KEYS)


def read_link(spec: PageSpec[Config], link: Mapping[str, str]) -> tuple[PageState[Config], list[str]]:
    """Returns the state that a link asks for, and a sentence for each part of it that was refused and left at its
    default.

    >>> from app.page.runs import RUNS
    >>> lab, refusals = read_link(RUNS, {"classes": "1e9", "seed": "7"})
    >>> lab.config.classes, lab.config.seed
    (4, 7)
    >>> refusals
    ['classes = 1e9 is out of range: use 2 to 20, for example 4.']
    """
    refusals: list[str] = []
    others = other_keys(spec)
    for name in link:
        if name not in spec.knobs and name not in others:
            why, known = f"is not a key of {spec.a_link}", among((*spec.turnable, *others))
            refusals.append(str(refuse(shown(name), link[name], why, known)))
    config = _config(spec, {name: link[name] for name in spec.knobs if name in link}, refusals)
    pinned = _pinned(spec, link["pin"], refusals) if "pin" in link else None
    controls = _controls(spec, link["controls"], refusals) if "controls" in link else None
    talk = _choice(link, "talk", ("0", "1"), refusals) == "1"
    chosen = {name: _choice(link, name, known, refusals) for name, known in spec.choices.items()}
    choices = {name: choice for name, choice in chosen.items() if choice != spec.choices[name][0]}
    question = _question(link.get("question", ""), refusals)
    return PageState(config, pinned, controls, question, talk, read_look(link, refusals), choices), refusals


def _config(spec: PageSpec[Config], texts: Mapping[str, str], refusals: list[str]) -> Config:
    values: dict[str, Value] = {}
    for name, text in texts.items():
        try:
            values[name] = spec.parameters[name].parse(text)
        except ConfigError as refusal:
            refusals.append(str(refusal))
    defaults = {name: parameter.default for name, parameter in spec.parameters.items()}
    while True:
        implied = {name: value for name, value in spec.settle(defaults | values).items() if value != defaults[name]}
        try:
            return spec.check(spec.config.from_mapping(implied | values))
        except ConfigError as refusal:  # each value alone is fine, together they are not
            if str(refusal) not in refusals:
                refusals.append(str(refusal))
            given = next((name for name in (refusal.field, *spec.gives_way) if name in values), None)
            if given is None:
                return spec.config()
            del values[given]


def _pinned(spec: PageSpec[Config], text: str, refusals: list[str]) -> Config | None:
    """Returns the pinned config of a link. One bad part refuses the whole pin, since half of it would be another
    run.
    """
    pairs = [] if text == "default" else [pair.partition(":")[::2] for pair in text.split(",")]
    names = [name for name, _ in pairs]
    wrong = next((name for name in names if name not in spec.knobs or names.count(name) > 1), None)
    troubles: list[str] = []
    config = None
    if wrong is not None:
        why = "twice" if wrong in spec.knobs else "which is no parameter"
        troubles.append(f"it names {shown(wrong) or 'nothing'}, {why}")
    else:
        lists = {name for name, p in spec.parameters.items() if p.kind in (str, tuple) and not p.choices}
        texts = {name: t.replace(".", ",") if name in lists else t for name, t in pairs}
        config = _config(spec, texts, troubles)
    if not troubles:
        return config
    why = troubles[0].removesuffix(".")
    like = f"pin={pin_of(spec.example)}"
    refusals.append(str(refuse("pin", text, f"is refused ({why})", "names and values", like)))
    return None


def _controls(spec: PageSpec[Config], text: str, refusals: list[str]) -> tuple[str, ...] | None:
    """Returns the knobs that a link leaves visible, None for all."""
    asked = [] if text == "none" else text.split(",")
    wrong = [name for name in asked if name not in spec.turnable]
    if wrong:
        why = f"names {shown(wrong[0]) or 'nothing'}, which is no control"
        known = f"none, or some of {', '.join(spec.turnable)}"
        refusals.append(str(refuse("controls", text, why, known, "controls=classes,seed")))
        return None
    return tuple(name for name in spec.turnable if name in asked)


def _choice(link: Mapping[str, str], name: str, known: tuple[str, ...], refusals: list[str]) -> str:
    """Returns the value of a further key, if it is one of the known ones, else the first of these, and refuses."""
    chosen = link.get(name, known[0])
    if chosen in known:
        return chosen
    refusals.append(str(refuse(name, chosen, "is not a known choice", among(known), known[-1])))
    return known[0]


def _question(text: str, refusals: list[str]) -> str:
    """Returns a teacher's question as one line of printable text."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(text) > LONGEST_QUESTION:
        why, allowed = f"has {len(text):,} letters", span(0, LONGEST_QUESTION)
        refusals.append(str(refuse("question", text, why, allowed, '"What happens at d = 2?"')))
        return ""
    return text
