"""how often the response speaks in the first person, outside code (LIMA, section 2.1, allows none)."""

import re

import numpy as np

from thousand.curate.texts import Texts, Values

_FIRST_PERSON = re.compile(r"\b(?:I|I['\u2019](?:m|ve|d|ll)|[Mm]y|[Mm]yself|[Mm]ine)\b(?!\.e\.)")


def first_person(texts: Texts) -> Values:
    return np.array([len(_FIRST_PERSON.findall(prose)) for prose in texts.prose], dtype=np.float64)
