"""Reads the ziggurat of normal numbers out of NumPy itself; `python -m tests.engine.ziggurat` writes ziggurat.js.

NumPy shows no table of its layers, but the state of PCG64 can be set so that its next two words are any that one
wishes for: what `standard_normal` makes of a word then says how wide its layer is.
"""

from __future__ import annotations

import base64
import textwrap
from pathlib import Path
from typing import Final

import numpy as np

FILE: Final = Path(__file__).parents[2] / "app/player/engine/random/ziggurat.js"
MODULUS: Final = 2**128
MULTIPLIER: Final = 0x2360ED051FC65DA44385DF649FCCF645


def drawn(first: int, second: int) -> tuple[float, bool]:
    """The normal number that NumPy draws if the next two words are these, and whether the first was enough.

    A state below 2^64 shows itself as a word, and so does 2^64 plus a word with its last bit turned.
    """
    state, after = first, second
    if (after - state * MULTIPLIER) % 2 == 0:  # increments are odd
        after = 2**64 + (second ^ 1)
    increment = (after - state * MULTIPLIER) % MODULUS
    before = (state - increment) * pow(MULTIPLIER, -1, MODULUS) % MODULUS
    bits = np.random.PCG64()
    bits.state = {
        "bit_generator": "PCG64",
        "state": {"state": before, "inc": increment},
        "has_uint32": 0,
        "uinteger": 0,
    }
    number = np.random.Generator(bits).standard_normal()
    return float(number), bits.state["state"]["state"] == state


def word(layer: int, part: int) -> int:
    """The word that asks for so many of the 2^52 parts of a layer, with a positive sign."""
    return part << 9 | layer


def widths() -> np.ndarray:
    """What each of the 256 layers multiplies its parts with: the second word, 0, accepts the point of any layer."""
    return np.array([drawn(word(layer, 1), 0)[0] for layer in range(256)])


MODULE: Final = """\
// The widths of the ziggurat's 256 layers over 2^52, to the last bit: `python -m tests.engine.ziggurat` reads them out
// of NumPy.

const ZIGGURAT_WIDTHS = `
{lines}
`;
const WIDTH_BYTES = Uint8Array.from(atob(ZIGGURAT_WIDTHS), (byte) => byte.charCodeAt(0));

export const LAYER_WIDTHS = new Float64Array(WIDTH_BYTES.buffer);
"""


if __name__ == "__main__":
    text = base64.b64encode(widths().astype("<f8").tobytes()).decode()
    FILE.write_text(MODULE.format(lines="\n".join(textwrap.wrap(text, 120))), encoding="utf-8")
