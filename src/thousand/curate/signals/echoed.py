"""the share of the response's words that only repeat the prompt, word for word and in its order, at its start."""

import numpy as np

from thousand.curate.texts import Measured, Texts, words_one_by_one


def echoed(texts: Texts) -> Measured:
    shares = [_share(prompt, response) for prompt, response in zip(texts.prompts, texts.words, strict=True)]
    return Measured(np.array(shares, dtype=np.float64), ["no words"] * len(texts))


def _share(prompt: str, response: list[str]) -> float:
    if not response:
        return np.nan
    same = 0
    for asked, said in zip(words_one_by_one(prompt), response, strict=False):
        if asked != said:
            break
        same += 1
    return same / len(response)
