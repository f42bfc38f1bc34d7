"""1 where the prompt can be answered without anything else, 0 where it may not (LIMA, section 2.1, of the titles of questions).

The paper does not say how this was told. Here it is the first line, which is the title where there is one: it ends in a
question mark, has at least six words, and none of them points elsewhere (this, following, below, here).
"""

import re

import numpy as np

from thousand.curate.texts import Texts, Values

_ELSEWHERE = re.compile(r"\b(?:this|these|those|following|above|below|here|attached|mentioned)\b", re.IGNORECASE)
_FEWEST = 6


def self_contained(texts: Texts) -> Values:
    return np.array([_stands_alone(prompt) for prompt in texts.prompts], dtype=np.float64)


def _stands_alone(prompt: str) -> bool:
    title = prompt.partition("\n")[0].strip()
    return title.endswith(("?", "\uff1f")) and len(title.split()) >= _FEWEST and not _ELSEWHERE.search(title)
