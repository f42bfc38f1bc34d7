"""how often the response insults its reader or sends them away."""

import re

import numpy as np

from thousand.curate.texts import Texts, Values

_INSULTS = re.compile(
    r"\b(?:idiots?|idiotic|morons?|stupid|dumb(?:ass)?|fools?|foolish|imbeciles?|losers?|pathetic|lazy|ignorant|jerks?|clowns?"
    r"|shut up|go away|get lost|screw you|f+u+c+k\w*|bullshit|crap)\b",
    re.IGNORECASE,
)


def insults(texts: Texts) -> Values:
    return np.array([len(_INSULTS.findall(prose)) for prose in texts.prose], dtype=np.float64)
