"""how often the response speaks as a product would ("as an AI language model") or asks for a reader's favours."""

import re

import numpy as np

from thousand.curate.texts import Texts, Values

_BOILERPLATE = re.compile(
    r"\bas an? (?:AI|artificial intelligence|(?:large )?language model)\b|\bknowledge cut-?off\b|\bmy training data\b"
    r"|\bI(?:'m| am) (?:just |only )?an? (?:AI|language model|chatbot)\b|\bnoinput\b"
    r"|\b(?:click here|subscribe to|sign up (?:now|today)|terms of (?:use|service)|all rights reserved)\b",
    re.IGNORECASE,
)


def boilerplate(texts: Texts) -> Values:
    return np.array([len(_BOILERPLATE.findall(response)) for response in texts.responses], dtype=np.float64)
