"""the share of the response's words that only repeat the prompt, word for word and in its order, at its start."""

import numpy as np

from thousand.curate.texts import Texts, Values, words


def echoed(texts: Texts) -> Values:
    return np.array([_share(words(p), words(r)) for p, r in zip(texts.prompts, texts.responses, strict=True)], dtype=np.float64)


def _share(prompt: list[str], response: list[str]) -> float:
    if not response:
        return np.nan
    same = 0
    for asked, said in zip(prompt, response, strict=False):
        if asked != said:
            break
        same += 1
    return same / len(response)
