"""how often the response speaks in the first person, outside code (LIMA, section 2.1, allows none)."""

import re

import numpy as np

from thousand.curate.texts import Texts, Values

_FIRST_PERSON = re.compile(
    r"(?<!War )(?<![Tt]ype )(?<!Part )(?<!Phase )(?<!Class )(?<!Step )\bI\b(?![./):]|-\w| ?=)"  # not World War I, I.e., I/O, I = V/R
    r"|\b[Mm]y(?:self)?\b|\bof mine\b"  # not a gold mine
)


def first_person(texts: Texts) -> Values:
    return np.array([len(_FIRST_PERSON.findall(prose)) for prose in texts.prose], dtype=np.float64)
