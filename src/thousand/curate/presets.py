"""Sets of rules by name: a band of values for each signal. A recipe starts from one and changes what it needs to."""

from __future__ import annotations

from collections.abc import Mapping

from thousand.errors import RecipeError
from thousand.recipe import Band

GENERAL: Mapping[str, Band] = {
    "words": Band(least=10, most=1500),
    "first_person": Band(most=3),
    "other_answers": Band(most=0),
    "links": Band(most=0),
    "capitals": Band(most=0.5),
    "ended": Band(least=1),
    "open_fences": Band(most=0),
    "boilerplate": Band(most=0),
    "insults": Band(most=0),
    "repetition": Band(most=0.3),
    "echoed": Band(most=0.5),
}
"""For any pool: nothing here depends on a subject or a source."""

LIMA: Mapping[str, Band] = {
    **GENERAL,
    "words": Band(),
    "characters": Band(least=1200, most=4096),
    "score": Band(least=10),
    "first_person": Band(most=0),
}
"""The paper's filters for Stack Exchange answers (section 2.1) over the general ones."""

PRESETS: Mapping[str, Mapping[str, Band]] = {"general": GENERAL, "lima": LIMA, "none": {}}


def rules(preset: str, changes: Mapping[str, Band | None]) -> dict[str, Band]:
    """The rules in force: the preset's with the changes; None switches a rule off.

    Raises:
        RecipeError: there is no such preset.
    """
    if preset not in PRESETS:
        raise RecipeError(f"curate.preset: {preset!r} is not known.", f"There are: {', '.join(PRESETS)}.")
    merged = dict(PRESETS[preset]) | dict(changes)
    return {name: band for name, band in merged.items() if band is not None and (band.least is not None or band.most is not None)}
