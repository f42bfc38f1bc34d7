"""the number of turns in which the user speaks (LIMA, section 6, adds 30 conversations of several)."""

import numpy as np

from thousand.curate.texts import Texts, Values


def turns(texts: Texts) -> Values:
    return np.array([sum(turn["role"] == "user" for turn in turns) for turns in texts.conversations], dtype=np.float64)
