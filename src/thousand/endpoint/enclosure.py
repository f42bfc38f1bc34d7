"""Texts that a model is to read as data, not as instructions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def enclose(texts: Mapping[str, str], *, digits: int = 12) -> tuple[str, str]:
    """The texts as `enclosures` has them, one after the other; and the code, for the instruction that says what the lines mean."""
    enclosed, code = enclosures(texts, digits=digits)
    return "\n\n".join(enclosed.values()), code


def enclosures(texts: Mapping[str, str], *, digits: int = 12) -> tuple[dict[str, str], str]:
    """Each text between two lines with its name and a code that stands in none of them.

    The code is a digest of the texts, so no text can close its own enclosure, and equal texts make equal questions.

    Args:
        digits: of the code; it has more where one of the texts happens to hold it.

    Returns:
        The enclosed texts by name, and the code.
    """
    digest = hashlib.sha256("\x1e".join(texts.values()).encode("utf-8", "surrogatepass")).hexdigest()
    code = next(digest[:length] for length in range(digits, len(digest) + 1) if not any(digest[:length] in each for each in texts.values()))
    return {name: f"[begin {name} {code}]\n{text}\n[end {name} {code}]" for name, text in texts.items()}, code
