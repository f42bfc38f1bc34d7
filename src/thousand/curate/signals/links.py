"""how many links and images the response holds, outside code (LIMA, section 2.1, removes them)."""

import re

import numpy as np

from thousand.curate.texts import Texts, Values

_LINK = re.compile(r"\b(?:https?://|www\.)\w\S*|!?\[[^\[\]\n]*\]\([^()\n]+\)|<(?:a\s[^<>]*href|img\s)", re.IGNORECASE)


def links(texts: Texts) -> Values:
    return np.array([len(_LINK.findall(prose)) for prose in texts.prose], dtype=np.float64)
