"""Documents of tours for tests: a sound one, and how a single part of it is made wrong."""

from __future__ import annotations

from app.tours.document import read_with_mistakes
from app.tours.mistakes import Mistake

SOUND = """---
title: A lesson
minutes: 12
for: everybody
---
# Three clusters
Words with a number, {nc2_angles at end}.

```film
classes=3&dimension=2&per_class=4&steps=60&seed=3
until: step=20
then: end
show: loss, nc1_trace_ratio
knobs: learning_rate
camera: 0.4,1.2,1.6
```

```question
Where will they end?
- at 90°
* at 120°
Because of this.
```

```question number
By what factor?
= nc1_trace_ratio at start / nc1_trace_ratio at end within 10%
It falls.
```
"""


def changed(before: str, after: str) -> str:
    """Returns the sound document with one part replaced, which must be there once."""
    assert SOUND.count(before) == 1, before
    return SOUND.replace(before, after)


def mistakes_of(text: str | bytes) -> list[Mistake]:
    """Returns all that is wrong with a document."""
    return read_with_mistakes(text if isinstance(text, bytes) else text.encode())[1].found
