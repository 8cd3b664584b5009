"""Words and tables under the film of the theory screen: slopes, the theorem's figures, the clock. HTML from plain
data.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape
from typing import Any, Final

from app.terms.explained import explained
from app.views.tables import cell, figure_or, table
from app.views.texts import Figure, Text
from ulpm_core.claims.claim import Claim
from ulpm_core.model.number_words import number, power_of_e, written

Claims = Mapping[str, Claim]
NO_CLAIMS: Final[Claims] = {}
QUANTITIES: Final = {
    "nc2_norms": "(a) lengths of class means, std / mean",
    "nc2_norms_w": "(a) lengths of classifiers, std / mean",
    "nc1_trace_ratio": "(b) Tr Σ_W / Tr Σ_B",
    "nc1": "(b) Tr(Σ_W pinv(Σ_B)) / K",
    "nc2_angles": "(c) cosines of class means off −1/(K−1)",
    "nc2_angles_w": "(c) cosines of classifiers off −1/(K−1)",
    "nc3": "(d) distance of classifiers from class means",
    "gamma_gap": "1 − γ, what the margin lacks",
    "nc2_norms_w_uncentred": "(a) lengths of classifiers, std / mean",
    "nc2_angles_w_uncentred": "(c) cosines of classifiers off −1/(K−1)",
    "nc3_uncentred": "(d) distance of classifiers from class means",
}
WHY: Final = {
    "figure-2": "Centred, all that is left of the start is of second order: y = C/log t, slope −1 on these axes.",
    "figure-2-uncentred": (
        "The flow never moves Σ w_k. Uncentred, that constant is first order beside ‖W‖ ~ √(log t): slope −1/2."
        " Centring takes it out."
    ),
}
SYMBOLS: Final = (
    "θ = (W, H) are classifiers and features together, L is the loss, ∇L its gradient; λ are the multipliers, one for"
    " each sample and wrong class, read off the gradient of the loss."
)
PROVED: Final = (
    (
        "Proved",
        "Once the loss is below log 2, the flow turns towards KKT points of the separation problem: the smallest W, H"
        " with every margin at least 1. Its solution is the collapsed simplex; at every other critical point some way"
        " leads down, it is a strict saddle (Ji et al., ICLR 2022).",
    ),
    (
        "Not proved by that",
        "That every start gets there, or how soon. Such a saddle lies infinitely far out and can hold a run for as long"
        " as anybody can wait: of 200 small starts of four classes in three dimensions, with one sample each, 15 % were"
        " still held at t = e^20; in eight dimensions, with five samples each, none.",
    ),
    (
        "Observed",
        "That the gaps close like 1/log t is what the paper reads off its Figure 2, in the caption. Why the slopes are"
        " −1, or −1/2 uncentred, is worked out in docs/theory.md of this lab and checked on runs.",
    ),
    (
        "Claimed since",
        "Garrod, Keating and Thrampoulidis (arXiv 2512.04006) claim a proof that this flow converges to the collapsed"
        " shape. We have not checked it.",
    ),
    (
        "In practice",
        "Zhao, Cheng, Masarczyk and Lucchi (arXiv 2602.16642) find that trainings of usual length collapse mainly with"
        " weight decay that is part of the gradient. These films have no decay and go on in log time: they show where"
        " the flow leads, far beyond any number of steps.",
    ),
)
"""Sentences on what is known of the limit, and how: docs/theory.md 8.1, 8.2 and 8.3."""
ROUNDS_FROM: Final = 1e6
"""log t beyond which the rounding of float64 shows in the multipliers: they are exponentials of differences of
margins.
"""
LOWER_BOUND: Final = "From this run's own multipliers: no W, H with margins 1 can be below."
SMOOTHED_MARGIN: Final = "−log(e^L − 1)/‖θ‖² must grow once L < log 2; the figure is its largest fall."
NO_ROOM: Final = (
    "With d = K − 1 no noise stays outside the frame, so (b) falls like a power of t. For its straight line:"
)
STEPS: Final = (
    (1e3, "a thousand steps"),
    (1e6, "a million steps"),
    (1e9, "a billion steps"),
    (4.35e26, "a billion steps a second since the Big Bang"),
)
"""Gradient descent on the flow's clock: t = rate × steps. The Big Bang was 13.8 billion years, 4.35 × 10^17 s, ago."""


def slopes(rates: Sequence[Mapping[str, Any]], trap: str, curves: str, claims: Claims = NO_CLAIMS) -> str:
    """Returns a table of the fitted slopes beside the predicted ones, for the centred or the uncentred quantities, each
    with its claim if there is one.
    """
    uncentred = curves == "figure-2-uncentred"
    four_digits, law = (partial(written, form=form) for form in ("#.4g", ".4g"))  # a law is exact: −1, and no −1.000
    rows: list[tuple[Text, ...]] = []
    for rate in rates:
        if rate["name"].endswith("_uncentred") == uncentred:
            name = rate["name"]
            fitted, wide = (
                figure_or(rate[key], claims.get(f"{key}_{name}"), four_digits) for key in ("slope", "wide_slope")
            )
            rows.append((QUANTITIES[name], fitted, cell(rate["predicted"], law), wide, rate["why"]))
    slopes = table(("quantity", "slope fitted", "slope predicted", "fitted from log t = 100", "where"), rows)
    return f"<p>{explained(WHY[curves])}</p>{slopes}" + (f"<p>{explained(trap)}</p>" if trap and not uncentred else "")


def gauge(header: Mapping[str, Any], log_end: float, claims: Claims = NO_CLAIMS) -> str:
    """Returns a table of the theorem's quantities for the run of a film's header, each with what it means, and with its
    claim if there is one.
    """
    theory, config = header["theory"], header["config"]
    at, known = theory["theorem"], theory["optimum"]
    if at["gamma"] is None or at["objective"] is None:
        return "<p>The classes are not separated here, so the direction has no margin to scale to 1.</p>"
    best = "optimum" if known["certified"] else "best known"
    best = "" if known["value"] is None else f" ({best} {known['value']:.10g})"
    gap = "Stays open: where no simplex fits the bound is not tight. No certificate either way."
    if config["dimension"] >= config["classes"] - 1:
        gap = "0 would prove the direction optimal: weak duality, no theory of this model needed."
    if log_end > ROUNDS_FROM:
        gap += " With margins this large the multipliers have lost digits, and the gap and stationarity show that."
    alone = "the best geometry for these class sizes" if config.get("class_sizes") else "the collapsed simplex"
    lacks = figure_or(1.0 - at["gamma"], claims.get("gamma_gap"))

    def claim(name: str, write: Callable[[float], str] = number) -> str | Figure:
        return figure_or(at[name], claims.get(name), write)

    ten = "{:.10g}".format

    rows: list[tuple[Text, ...]] = [
        (
            "margin γ",
            claim("gamma", ten),
            (f"Against its bound 1, reached by {alone} alone: 1 − γ = ", lacks, "."),
        ),
        (
            "stationarity",
            claim("kkt_stationarity"),
            "Sine of the angle between θ and −∇L: 0 at a KKT direction.",
        ),
        (
            "complementarity",
            claim("kkt_complementarity"),
            "Multipliers rest on the smallest margins: 0 at KKT.",
        ),
        ("feasibility", claim("kkt_feasibility"), "Margins below 1: none, the direction is scaled to margin 1."),
        ("multiplier signs", claim("kkt_signs"), "Negative multipliers: none, softmax is positive."),
        (
            "objective",
            claim("objective", ten),
            f"(‖W‖² + ‖H‖²)/2 at smallest margin 1{best}. {known['words']}",
        ),
        ("lower bound", claim("dual_bound", ten), LOWER_BOUND),
        ("duality gap", claim("duality_gap"), gap),
        (
            "smoothed margin",
            claim("smoothed_margin_decrease", lambda fall: number(fall) if fall else "never fell"),
            SMOOTHED_MARGIN,
        ),
        (
            "drift",
            figure_or(theory["drift"], claims.get("drift")),
            "Relative change of WᵀW − HHᵀ, which the flow conserves.",
        ),
    ]
    return table(("figure", "value", "what it means"), rows) + f"<p>{explained(SYMBOLS)}</p>"


def proved() -> str:
    """Returns what is proved of the limit, what is not, what is observed and what is claimed, a paragraph each."""
    return "".join(f"<p><b>{escape(standing)}.</b> {explained(words)}</p>" for standing, words in PROVED)


def clock(rate: float, log_end: float) -> str:
    """Draws where numbers of steps of gradient descent lie on the log log axis from t = 1 to the end."""
    marks = [(math.log(rate * steps), words) for steps, words in STEPS if rate * steps > math.e]
    marks = [*(mark for mark in marks if mark[0] < log_end), (log_end, f"this film's end, t = {power_of_e(log_end)}")]
    low, high = math.log(0.5), math.log(max(log_end, math.e))
    dots, lines = "", ""
    for i, (log_time, words) in enumerate(marks, 1):
        share = (math.log(max(log_time, 0.5)) - low) / (high - low)
        dots += f'<b style="left:{100 * share:.2f}%">{i}</b>'
        lines += f"<li>{escape(words)}: log t = {number(log_time)}</li>"
    beyond = "" if len(marks) > len(STEPS) else "<p>The other marks lie beyond this film: give it more log time.</p>"
    return f'<div class="lab-clock" aria-hidden="true">{dots}</div><ol>{lines}</ol>{beyond}'
