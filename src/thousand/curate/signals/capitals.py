"""the share of capital letters among the response's letters, outside code; null where it has no cased letters."""

import re
from string import ascii_lowercase, ascii_uppercase

import numpy as np

from thousand.curate.texts import Measured, Texts

_UPPER, _LOWER = ascii_uppercase.encode(), ascii_lowercase.encode()
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


def capitals(texts: Texts) -> Measured:
    return Measured(np.array([_share(prose) for prose in texts.prose], dtype=np.float64), ["no letters"] * len(texts))


def _share(text: str) -> float:
    plain = text.encode("ascii", "ignore")
    upper = len(plain) - len(plain.translate(None, _UPPER))
    lower = len(plain) - len(plain.translate(None, _LOWER))
    if len(plain) < len(text):
        others = "".join(_BEYOND_ASCII.findall(text))
        upper += sum(character.isupper() for character in others)
        lower += sum(character.islower() for character in others)
    return upper / (upper + lower) if upper + lower else np.nan
