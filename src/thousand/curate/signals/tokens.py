"""the number of tokens in the response, by the base's tokenizer (LIMA, section 3, trims at 2,048)."""

from typing import Any

import numpy as np

from thousand.curate.texts import Texts, Values


def tokens(texts: Texts, tokenizer: Any) -> Values:
    if not len(texts):
        return np.zeros(0)
    ids = tokenizer(list(texts.responses), add_special_tokens=False, return_attention_mask=False, verbose=False)["input_ids"]
    return np.array([len(each) for each in ids], dtype=np.float64)
