"""Reads links: which state of the page an address asks for. A link is hostile until every value in it has been
checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeVar

from app.page.look import LOOK_KEYS, read_look
from app.page.spec import Config, PageSpec
from app.page.state import PageState, pin_of
from ulpm_core import ConfigError
from ulpm_core.model.parameter import WHY as OF_A_VALUE
from ulpm_core.model.refusal import among, refuse, shown, span

T = TypeVar("T")
LONGEST_QUESTION: Final = 300
WHY: Final = {
    "key": "is not a key of {link}",
    "another-key": "{name} = {value} is not a key of {link} either.",
    "choice": OF_A_VALUE["choice"],
    "pin": "is refused ({why})",
    "pin-holds": "names and values",
    "twice": "it names {name}, twice",
    "unknown": "it names {name}, which is no parameter",
    "control": "names {name}, which is no control",
    "controls": "none, or some of {names}",
    "long": "has {count} letters",
}
"""Why a part of a link is refused, and what is allowed in its place; the lab in one file says the same."""
MOST_REFUSALS: Final = 4
MORE: Final = ("{count} more part of this link was refused.", "{count} more parts of this link were refused.")
"""Sentences for one refusal that is not shown, and for several."""
EXAMPLES: Final = {"controls": "controls=classes,seed", "question": '"What happens at d = 2?"'}


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
    others = other_keys(spec)
    unknown = [name for name in link if name not in spec.knobs and name not in others]
    refusals = _unknown_keys(spec, {name: link[name] for name in unknown})

    def read(name: str, reader: Callable[[str], T]) -> T | None:
        return _attempt(reader, link[name], refusals) if name in link else None

    state = PageState(
        _config(spec, {name: link[name] for name in spec.knobs if name in link}, refusals),
        pinned=read("pin", partial(_pinned, spec)),
        controls=read("controls", partial(_controls, spec)),
        talk=read("talk", partial(_choice, "talk", ("0", "1"))) == "1",
        choices=spec.unusual(
            {name: read(name, partial(_choice, name, tuple(words))) for name, words in spec.choices.items()}
        ),
        question=read("question", _question) or "",
        look=read_look(link, refusals),
    )
    return state, refusals


def _unknown_keys(spec: PageSpec[Config], link: Mapping[str, str]) -> list[str]:
    """Returns a sentence for each key that is none; the keys there are stand in the first one alone."""
    why, known = WHY["key"].format(link=spec.a_link), among((*spec.linked, *other_keys(spec)))
    said = [str(refuse(shown(name), text, why, known)) for name, text in list(link.items())[:1]]
    for name, text in list(link.items())[1:]:
        written = shown(text) or "''"
        said.append(WHY["another-key"].format(name=shown(name), value=written, link=spec.a_link))
    return said


def _attempt(reader: Callable[[str], T], text: str, refusals: list[str]) -> T | None:
    """Returns what a part of a link says; None, and a sentence more in `refusals`, for a part that is refused."""
    try:
        return reader(text)
    except ConfigError as refusal:
        refusals.append(str(refusal))
        return None


def _config(spec: PageSpec[Config], texts: Mapping[str, str], refusals: list[str]) -> Config:
    read = {name: _attempt(spec.parameters[name].parse, text, refusals) for name, text in texts.items()}
    values = {name: value for name, value in read.items() if value is not None}
    defaults = {name: parameter.default for name, parameter in spec.parameters.items()}
    while True:
        implied = {name: value for name, value in spec.settle(defaults | values).items() if value != defaults[name]}
        try:
            return spec.check(spec.config.from_mapping(implied | values))
        except ConfigError as refusal:  # each value alone is fine, together they are not
            if str(refusal) not in refusals:
                refusals.append(str(refusal))
            del values[next(name for name in (refusal.field, *spec.gives_way, *values) if name in values)]


def _pinned(spec: PageSpec[Config], text: str) -> Config:
    """Returns the pinned config of a link. One bad part refuses the whole pin, since half of it would be another
    run.
    """
    pairs = [pair.partition(":")[::2] for pair in text.split(",") if text != "default"]
    names = [name for name, _ in pairs]
    troubles = [
        WHY["twice" if name in spec.knobs else "unknown"].format(name=shown(name) or "nothing")
        for name in names
        if name not in spec.knobs or names.count(name) > 1
    ]
    if not troubles:
        lists = {name for name, p in spec.parameters.items() if p.kind in (str, tuple) and not p.choices}
        texts = {name: value.replace(".", ",") if name in lists else value for name, value in pairs}
        config = _config(spec, texts, troubles)
    if troubles:
        why = WHY["pin"].format(why=troubles[0].removesuffix("."))
        raise refuse("pin", text, why, WHY["pin-holds"], f"pin={pin_of(spec.example)}")
    return config


def _controls(spec: PageSpec[Config], text: str) -> tuple[str, ...]:
    """Returns the knobs that a link leaves visible."""
    asked = [] if text == "none" else text.split(",")
    for name in asked:
        if name not in spec.turnable:
            why = WHY["control"].format(name=shown(name) or "nothing")
            known = WHY["controls"].format(names=", ".join(spec.turnable))
            raise refuse("controls", text, why, known, EXAMPLES["controls"])
    return spec.in_order(asked)


def _choice(name: str, known: tuple[str, ...], text: str) -> str:
    """Returns the value of a further key."""
    if text not in known:
        raise refuse(name, text, WHY["choice"], among(known), known[-1])
    return text


def _question(text: str) -> str:
    """Returns a teacher's question as one line of printable text."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(text) > LONGEST_QUESTION:
        why, allowed = WHY["long"].format(count=f"{len(text):,}"), span(0, LONGEST_QUESTION)
        raise refuse("question", text, why, allowed, EXAMPLES["question"])
    return text
