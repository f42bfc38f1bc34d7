"""the number of code fences that are opened in the response and not closed."""

import re

import numpy as np

from thousand.curate.texts import Texts, Values

_FENCE = re.compile(r"`{3,}")  # anywhere in a line: people open a block and write on, and mark single words so


def open_fences(texts: Texts) -> Values:
    return np.array([len(_FENCE.findall(response)) % 2 if "```" in response else 0 for response in texts.responses], dtype=np.float64)
