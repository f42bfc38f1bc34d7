"""What a pool's files hold, as hashes: the same files anywhere are the same pool."""

from __future__ import annotations

from collections.abc import Sequence

from thousand import registry, tables
from thousand.gather.files import matches
from thousand.gather.gather import FORMS
from thousand.recipe import Choice


def fingerprint(sources: Sequence[Choice]) -> dict[str, str]:
    """A digest for every file of a pool, by form, place in the recipe and file name.

    Raises:
        RecipeError: a form is not known, or an option of it does not fit.
        DataError: a file is missing, or is of a kind that its form does not read.
    """
    found: dict[str, str] = {}
    for place, choice in enumerate(sources):
        where = f"pool.{place}"
        registry.bind(registry.find(FORMS, choice.name, where), choice.options, f"{where}.{choice.name}")()  # finds its files
        given = choice.options["path"]
        patterns = [given] if isinstance(given, str) else given
        for pattern in patterns:
            for path in matches(pattern):
                found[f"{where}.{choice.name}: {path.name}: {len(found)}"] = tables.digest_bytes(path)
    return found
