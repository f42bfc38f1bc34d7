"""how many different words the response has that the prompt has not: what it adds; repeating itself or the question adds nothing."""

import numpy as np

from thousand.curate.texts import Texts, Values, words


def substance(texts: Texts) -> Values:
    pairs = zip(texts.prompts, texts.words, strict=True)
    return np.array([len(set(response) - set(words(prompt))) for prompt, response in pairs], dtype=np.float64)
