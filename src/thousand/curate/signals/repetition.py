"""the share of the response's sentences that it has said before."""

import numpy as np

from thousand.curate.texts import Texts, Values, sentences


def repetition(texts: Texts) -> Values:
    return np.array([_share(prose) for prose in texts.prose], dtype=np.float64)


def _share(text: str) -> float:
    said = [sentence.lower() for sentence in sentences(text)]
    return 1 - len(set(said)) / len(said) if said else np.nan
