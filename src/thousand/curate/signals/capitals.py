"""the share of capital letters among the response's letters, outside code; null where it has no cased letters."""

import numpy as np

from thousand.curate.texts import Texts, Values


def capitals(texts: Texts) -> Values:
    return np.array([_share(prose) for prose in texts.prose], dtype=np.float64)


def _share(text: str) -> float:
    upper = sum(character.isupper() for character in text)
    lower = sum(character.islower() for character in text)
    return upper / (upper + lower) if upper + lower else np.nan
