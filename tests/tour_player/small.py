"""A small tour with every kind of question, and its data."""

from __future__ import annotations

from functools import lru_cache

from app.tour_player.data import Played, tour_data
from app.tours.document import read_tour
from app.tours.made import FilmMaker

RUN = "classes=3&dimension=2&per_class=4&steps=60&seed=3"
SMALL = f"""\
---
title: Small & <b>bold</b>
minutes: 2
for: whoever tests
---
# One <script>
At the start the loss is {{loss at start}}. Go [on](#two).

```film
{RUN}
until: step=20
then: step=40
show: loss, nc1_trace_ratio
camera: 0.4,1.2,1.6
```

```question
Which one?
- this
* that `<i>`
Because the loss at the end is {{loss at end}}.
```

```question number
How much is it at step 40?
= 100 * loss at step=40 within 10%
It is {{100 * loss at step=40}}.
```

```notes
Say *nothing*.
```

# Two
```film
classes=3&dimension=2&per_class=4&steps=30&seed=3&at=step:10
{RUN}
until: end
knobs: seed
```

# Three
```film
{RUN}
until: start
```

```question several
Which two?
* a
- b
* c
Because.
```

```question draw nc2_angles
How does it go on?
Because it falls.
```

```question place
Where do they go?

Because.
```

# Four
Only words.
"""


@lru_cache(1)
def small() -> Played:
    return tour_data(read_tour(SMALL.encode(), "small.md"), FilmMaker().take)
