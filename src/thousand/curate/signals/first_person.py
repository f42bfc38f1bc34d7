"""how often the response speaks in the first person, outside code (LIMA, section 2.1, allows none)."""

import re

import numpy as np

from thousand.curate.texts import Texts, Values

# Each begins with its letters and looks behind them afterwards: so the search goes from one such letter to the next.
_FIRST_PERSON = (
    re.compile(
        r"I(?<!\wI)\b(?![./):]|-\w| ?=)(?<!War I)(?<![Tt]ype I)(?<!Part I)(?<!Phase I)(?<!Class I)(?<!Step I)"
        # not World War I, I.e., I/O, I = V/R
    ),
    re.compile(r"my(?<!\wmy)(?:self)?\b"),
    re.compile(r"My(?<!\wMy)(?:self)?\b"),
    re.compile(r"of mine(?<!\wof mine)\b"),  # not a gold mine
)


def first_person(texts: Texts) -> Values:
    return np.array([sum(len(each.findall(prose)) for each in _FIRST_PERSON) for prose in texts.prose], dtype=np.float64)
