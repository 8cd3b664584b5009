"""Hostile links: any keys, any values, the edges of every range, and what clashes only together."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from ulpm_core.model.parameter import Parameter

NONSENSE = (
    "", " ", "nan", "-inf", "1e999", "-1", "1e9", "0x10", "1,000", "1_0", "𝟗", "٣", "0.5", "2", "20", "64", "200",
    "\x00", "<script>alert(1)</script>", "' OR 1=1 --", "{{7*7}}", "../../etc/passwd", "None", "[]", "x" * 5000,
    "\u202e", "%00",
)  # fmt: skip


def hostile_links(
    page: Mapping[str, Parameter], others: Mapping[str, Sequence[str]], count: int, seed: int = 0
) -> Iterator[dict[str, str]]:
    """Links from values of each parameter's whole range, values of the other keys, and nonsense."""
    chance = random.Random(seed)
    for _ in range(count):
        link = {name: _value(page[name], chance) for name in chance.sample([*page], chance.randint(0, 8))}
        for name, values in others.items():
            if chance.random() < 0.15:
                link[name] = chance.choice([*values, *NONSENSE])
        if chance.random() < 0.2:
            pairs = (f"{name}:{_value(page[name], chance)}" for name in chance.sample([*page], chance.randint(1, 4)))
            link["pin"] = ",".join(pairs)
        if chance.random() < 0.1:
            link[chance.choice(NONSENSE)] = chance.choice(NONSENSE)
        yield link


def _value(p: Parameter, chance: random.Random) -> str:
    if chance.random() < 0.1:
        return chance.choice(NONSENSE)
    if p.choices:
        return chance.choice(p.choices)
    if isinstance(p.default, tuple):
        between = chance.choice(",.")
        return between.join(str(chance.randint(0, int(p.high) + 1)) for _ in range(chance.randint(1, 21)))
    if isinstance(p.default, str):
        return ",".join(map(str, chance.sample(range(12), chance.randint(1, 6))))
    within = p.low + (p.high - p.low) * chance.random() ** chance.choice((1, 1, 8))
    value = chance.choice((p.low, p.high, p.default, within, within))
    return str(int(value)) if p.kind is int else repr(float(value))
