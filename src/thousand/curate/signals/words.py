"""the number of words in the response."""

import numpy as np

from thousand.curate.texts import Texts, Values
from thousand.curate.texts import words as split


def words(texts: Texts) -> Values:
    return np.array([len(split(response)) for response in texts.responses], dtype=np.float64)
