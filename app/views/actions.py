"""The buttons under a run's film in words, the same on the page and in the lab in one file. Plain data."""

from __future__ import annotations

from typing import Final, NamedTuple


class Action(NamedTuple):
    """A button: its words, and what it does, said beside it."""

    label: str
    help: str


CONTINUE: Final = Action("Continue 10×", "Ten times {what}, from the last state on; at most {most}.")
AS_FAR: Final = {"log_time": "as far in log t", "steps": "as many steps"}
"""What is ten times as long, by the knob that says how long a run is."""
FAST_FORWARD: Final = Action(
    "Fast-forward",
    "From the last state, gradient flow goes on to t = e^1,000 in log time: one film, the hand-over marked.",
)
NO_FLOW: Final = (
    "Gradient flow follows the gradient of one value alone: for it take away the bounds, the feature norm, or the decay"
    " beside the step."
)
GAVE_WAY: Final = "Gradient flow follows the gradient of one value alone, so this was taken back: {what}."
CUT_SHORT: Final = "The film ends there, before its end."
"""Said of a run that was cancelled."""
STEPS_ONLY: Final = Action("Steps only", "Back to the steps alone.")
PIN: Final = Action("Pin as A", "Keeps this run as A. Turn one knob, and both play on one clock, from the same start.")
UNPIN: Final = Action("Unpin A", "")
DOWNLOAD: Final = Action("Download film", "One file with this film and its player: plays in any browser, offline.")
GO_ON: Final = Action("Go on", "Takes the cancelled run up again.")
TALK: Final = Action("Talk mode", "For a talk: only the stage, its clock and one line of words")
LEAVE_TALK: Final = Action("Leave talk mode", "")
RESET: Final = Action("Reset", "Back to the run with which this page begins.")
CANCEL: Final = Action("Cancel", "")
DICE: Final = Action("Dice", "Roll the dice: another random start.")
WHAT_IS: Final = "What {label} is"
"""The button that tells what a knob does."""
