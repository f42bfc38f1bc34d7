"""1 where the response comes to an end (a sentence, a code block, a list, a table), 0 where it breaks off."""

import re

import numpy as np

from thousand.curate.texts import Texts, Values

_STOPS = ".!?\u2026\u3002\uff01\uff1f\u0964\u061f\u06d4"  # of Latin, Chinese and Japanese, Hindi, Arabic and Urdu
_CLOSERS = "\"'*_)\\]\u201d\u2019\u00bb\uff09\u300d\u300f\u300b"
_SMILES = "\u2600-\u27bf\U0001f300-\U0001faff"
_ENDED = re.compile(rf"(?:[{_STOPS}][{_CLOSERS}]*|```|:-?\)|[{_SMILES}]\ufe0f?|\|)\s*\Z")
_LAST_LINE_OF_A_LIST = re.compile(r"^\s*(?:[-*\u2022]|\d+[.)])\s+\S.*\Z")


def ended(texts: Texts) -> Values:
    return np.array([_has_ended(response) for response in texts.responses], dtype=np.float64)


def _has_ended(text: str) -> bool:
    if _ENDED.search(text):
        return True
    last = text.rstrip().rsplit("\n", 1)[-1]
    return bool(_LAST_LINE_OF_A_LIST.match(last))
