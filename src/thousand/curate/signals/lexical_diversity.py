"""the share of different words in every ``window`` words of the response, on average; null where there are fewer.

The moving-average type-token ratio (Covington & McFall 2010, "Cutting the Gordian Knot"). The plain ratio of different words
to words falls as a text grows; this one does not, so that long and short responses can be compared.
"""

import numpy as np

from thousand.curate.texts import Measured, Texts
from thousand.errors import RecipeError


def lexical_diversity(texts: Texts, *, window: int = 50) -> Measured:
    if window < 2:
        raise RecipeError(f"curate.signals.lexical_diversity.window: {window} words cannot be different.", "Give 2 or more; 50 is usual.")
    return Measured(np.array([_moving(words, window) for words in texts.words]), [f"fewer than {window} words"] * len(texts))


def _moving(words: list[str], window: int) -> float:
    if len(words) < window:
        return np.nan
    _, number = np.unique(words, return_inverse=True)
    # Word i is new in every window from its own place back to the last place where it stood before.
    last = np.full(number.max() + 1, -1)
    before = np.empty(len(words), np.int64)
    for place, each in enumerate(number.tolist()):
        before[place] = last[each]
        last[each] = place
    windows = len(words) - window + 1
    first = np.maximum(np.arange(len(words)) - window + 1, np.maximum(before + 1, 0))
    until = np.minimum(np.arange(len(words)), windows - 1)
    return float(np.maximum(until - first + 1, 0).sum() / (windows * window))
