"""What the lab opens with: one question over the film, which the film answers, and why anybody should care."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from importlib.util import find_spec
from typing import Any, Final

from app.terms.explained import explained

QUESTIONS: Final = {
    "zero-training-error": "Your classifier is right on every example at {when}. Why keep training?",
    "diverged": "This training blew up at {when}. Which knob would you turn?",
}
"""What is asked of a film in which this event happens, the first that does."""
ASKED_OF_ANY: Final = "Where will the dots of one class end: together, or apart?"
"""The question over any other film, and over one that a class gets without a question of its teacher's."""
TOUR: Final = "Take the tour (5 minutes)"
TOUR_ADDRESS: Final = "lessons?tour=five-minutes"
PLAYS_TOURS: Final = find_spec("app.screens.lessons") is not None
"""Whether there is a screen to take the tour on."""
CARE: Final = (
    ("Transfer", "features that collapse can serve classes they were never trained on (Galanti and others); yet to keep"
     " some spread in pre-training can transfer better (Li and others)."),
    ("Robustness", "in a network trained as usual the shape breaks under small adversarial changes of the input; in one"
     " trained to resist them it holds (Su and others)."),
    ("Imbalance", "classes with few images get less room (Thrampoulidis and others), and where lengths are bounded they"
     " can fall together (Fang and others)."),
    ("Out of distribution", "what belongs to no class can be noticed by where it lies beside the class means (Ammar and"
     " others)."),
    ("Fixed classifiers", "if we know where the arrows end, we need not train them (Zhu and others; Yang and others)."),
)  # fmt: skip
"""Why a practitioner should care, each claim with its source (`app/terms/sources.py`)."""
WHENCE: Final = (
    "Papyan, Han and Donoho saw neural collapse in real networks. The model of this lab, in which features move freely,"
    " and the theorem on where it tends, are from Ji and others."
)

DISPUTED: Final = (
    "Whether collapse needs weight decay is disputed. In 3,900 trainings Zhao, Cheng, Masarczyk and Lucchi saw it come"
    " mainly with decay that is coupled into the gradient, and claim that adaptive optimisers with decoupled decay do"
    " not collapse; Ji and others prove it without any decay, but only in the limit: at a decay of 0 the flow in log"
    " time shows how slow that is."
)
"""The words of the opening where weight decay is on stage."""


def question(header: Mapping[str, Any]) -> str:
    """Returns the question that a film is opened with, true of the film with this header.

    >>> question({"events": [{"id": "zero-training-error", "when": "step 11"}]})
    'Your classifier is right on every example at step 11. Why keep training?'
    >>> question({"events": []})
    'Where will the dots of one class end: together, or apart?'
    """
    when = {event["id"]: event["when"] for event in header["events"]}
    return next((words.format(when=when[name]) for name, words in QUESTIONS.items() if name in when), ASKED_OF_ANY)


def asked(header: Mapping[str, Any], watch: str) -> str:
    """Returns the words over a film as HTML: its question, and what to watch."""
    return f"<b>{escape(question(header))}</b> {escape(watch)}"


def opening(header: Mapping[str, Any], watch: str) -> str:
    """Returns the same, and the way into the tour."""
    tour = f' <a class="lab-tour" href="{TOUR_ADDRESS}" target="_self">{TOUR}</a>' if PLAYS_TOURS else ""
    return asked(header, watch) + tour


def care() -> str:
    """Returns why a practitioner should care, and where all this comes from, as HTML."""
    why = " ".join(f"<b>{escape(what)}:</b> {explained(words)}" for what, words in CARE)
    lead = "The last layer decides what else a network is good for."
    return (
        f'<h2>Why should you care?</h2><p class="lab-care">{lead} {why}</p><p class="lab-care">{explained(WHENCE)}</p>'
    )


def disputed(hidden: bool = False) -> str:
    """Returns what the literature disputes of weight decay, with its sources, as HTML; `hidden` until a script shows
    it.
    """
    return f'<p class="lab-care lab-disputed"{" hidden" * hidden}>{explained(DISPUTED)}</p>'
