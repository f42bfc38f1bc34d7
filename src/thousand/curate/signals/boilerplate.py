"""how often the response speaks as a product would ("as an AI language model") or asks for a reader's favours."""

import re

from thousand.curate.texts import Texts, Values, count

_ITSELF = r"(?=\s*(?:[.,;:!?)]|\Z)|\s+(?:I|and|so|language|assistant|model|system|chatbot|program|developed|trained|created)\b)"
"""What follows "AI" where it is the speaker and not part of a trade, as in AI researcher."""
_BOILERPLATE = re.compile(
    rf"\bas an? (?:AI|artificial intelligence){_ITSELF}|\bas a (?:large )?language model\b|\bknowledge cut-?off\b|\bmy training data\b"
    rf"|\bI(?:['\u2019]m| am) (?:just |only )?an? (?:AI{_ITSELF}|(?:large )?language model\b|chatbot\b)|\bnoinput\b"
    r"|\b(?:click here|subscribe to (?:our|my|this channel|the channel|the newsletter)|sign up (?:now|today))\b"
    r"|\b(?:our terms of (?:use|service)|all rights reserved)\b",
    re.IGNORECASE,
)
_SCREEN = (
    r"\ban? (?:AI|artificial intelligence)\b|language model|knowledge cut|my training data|\ban? chatbot|noinput|click here|subscribe to"
    r"|sign up (?:now|today)|our terms of|all rights reserved"
)


def boilerplate(texts: Texts) -> Values:
    return count(texts.responses, _BOILERPLATE, _SCREEN)
