"""the number of characters in the response (LIMA, section 2.1, asks for 1,200 to 4,096 of Stack Exchange)."""

import numpy as np

from thousand.curate.texts import Texts, Values


def characters(texts: Texts) -> Values:
    return np.array([len(response) for response in texts.responses], dtype=np.float64)
