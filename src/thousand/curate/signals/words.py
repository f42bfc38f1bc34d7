"""the number of words in the response."""

import numpy as np

from thousand.curate.texts import Texts, Values


def words(texts: Texts) -> Values:
    return np.array([len(response) for response in texts.words], dtype=np.float64)
