"""the share of the prompt's words, weighed by rarity, that the response's first sentence takes up.

LIMA's authors wrote their answers so: acknowledge the question, then answer it (section 2.2), and held that this one
format helps the model.
"""

from math import fsum

import numpy as np

from thousand.curate.texts import Pool, Texts, Values, sentences, words


def acknowledged(texts: Texts, pool: Pool) -> Values:
    return np.array([_share(pool, p, r) for p, r in zip(texts.prompts, texts.responses, strict=True)], dtype=np.float64)


def _share(pool: Pool, prompt: str, response: str) -> float:
    first = sentences(response)[:1]
    asked = {word: pool.rarity(word) for word in words(prompt)}
    total = fsum(asked.values())
    if not first or not total:
        return np.nan
    return fsum(asked.get(word, 0.0) for word in set(words(first[0]))) / total  # exact: a set has no order to sum in
