"""how many links and images the response holds, outside code (LIMA, section 2.1, removes them)."""

import re

from thousand.curate.texts import Texts, Values, count

_LINK = re.compile(r"\b(?:https?://|www\.)\w\S*|!?\[[^\[\]\n]*\]\([^()\n]+\)|<(?:a\s[^<>]*href|img\s)", re.IGNORECASE)
_SCREEN = r"https?://|www\.|\]\(|<a|<img"


def links(texts: Texts) -> Values:
    return count(texts.prose, _LINK, _SCREEN)
