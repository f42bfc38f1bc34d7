"""Sets of rules by name: a band of values for each signal. A recipe starts from one and changes what it needs to."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass

from thousand.curate.measure import SIGNALS
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
    "refusal": Band(most=0.8),
    "repetition": Band(most=0.3),
    "echoed": Band(most=0.5),
    "language": Band(least=0.1),
    "placeholders": Band(most=0),
}
"""For any pool in English: nothing here depends on a subject or a source."""

_FORUM = ["stackexchange"]

LIMA: Mapping[str, Band] = {
    **GENERAL,
    "self_contained": Band(least=1, only=_FORUM),
    "score": Band(least=10, only=_FORUM),
    "characters": Band(least=1200, most=4096, only=_FORUM),
    "first_person": Band(most=0, only=_FORUM),
    "other_answers": Band(most=0, only=_FORUM),
    # The other sources of the paper have manners of their own: articles are longer than any bound that fits a chat, tasks ask for a
    # word or two, stories speak in the first person and swear, and are asked for without a question.
    "words": Band(least=10, most=1500, only=["chat", "authored"]),
    "insults": Band(most=0, only=["stackexchange", "chat", "authored", "wikihow", "natural_instructions"]),
}
"""The paper's filters for Stack Exchange over the general rules, and for each other source those that suit it."""

PRESETS: Mapping[str, Mapping[str, Band]] = {"general": GENERAL, "lima": LIMA, "none": {}}

_LIMA = "LIMA (Zhou et al. 2023, arXiv 2305.11206), section 2.1"
_GOPHER = "Gopher (Rae et al. 2021, arXiv 2112.11446), appendix A.1.1"
_OURS = "Thousand: read off real pools, see docs/curate.md"
_SOURCES: Mapping[str, str] = {
    "words": f"{_GOPHER}, has 50 to 100,000 for pages; the bounds are ours",
    "first_person": f"{_LIMA}, allows none in answers of Stack Exchange; the general bound is ours",
    "other_answers": _LIMA,
    "links": _LIMA,
    "self_contained": f"{_LIMA}; how it is told is ours",
    "score": _LIMA,
    "characters": _LIMA,
    "capitals": _OURS,
    "ended": f"FineWeb (Penedo et al. 2024, arXiv 2406.17557), section 3, of lines that end in punctuation; {_OURS}",
    "open_fences": _OURS,
    "boilerplate": _OURS,
    "insults": _OURS,
    "refusal": "LIMA, section 2.2, keeps refusals that explain why; that bare ones go, and the wordings, are ours",
    "repetition": f"{_GOPHER}, table A1: at most 0.3 of the lines may be duplicates",
    "echoed": _OURS,
    "placeholders": f"LIMA, section 2.1, takes prompts that are self-contained; {_OURS}",
    "language": "langid.py (Lui & Baldwin 2012); C4 (Raffel et al. 2020), section 2.2, keeps English alone; the bound is ours",
}


@dataclass(frozen=True)
class Rule:
    """A rule of a preset, for people to read.

    Attributes:
        name: of the signal, and the reason in the ledger of what breaks the rule.
        sentence: what the signal is.
        source: where the rule is from.
        least, most: the values that are allowed; an open end is None.
        only: the sources that the rule is for; empty for all.
    """

    name: str
    sentence: str
    source: str
    least: float | None
    most: float | None
    only: tuple[str, ...]

    @property
    def bounds(self) -> str:
        """The values that are allowed, in words: "10 to 1,500", "at most 0.5"."""
        match self.least, self.most:
            case None, float(most):
                return f"at most {most:,g}"
            case float(least), None:
                return f"at least {least:,g}"
            case least, most:
                return f"{least:,g} to {most:,g}"


def catalogue(preset: str) -> list[Rule]:
    """The rules of a preset.

    Raises:
        RecipeError: there is no such preset.
    """
    return [
        Rule(name, _sentence(name), _SOURCES[name], band.least, band.most, tuple(band.only))
        for name, band in sorted(rules(preset, {}).items())
    ]


def rules(preset: str, changes: Mapping[str, Band | None]) -> dict[str, Band]:
    """The rules in force: the preset's with the changes; None switches a rule off.

    Raises:
        RecipeError: there is no such preset.
    """
    if preset not in PRESETS:
        raise RecipeError(f"curate.preset: {preset!r} is not known.", f"There are: {', '.join(PRESETS)}.")
    merged = dict(PRESETS[preset]) | dict(changes)
    return {name: band for name, band in merged.items() if band is not None and (band.least is not None or band.most is not None)}


def _sentence(signal: str) -> str:
    """The first line of the signal's module, as a sentence."""
    first = (inspect.getdoc(importlib.import_module(f"{SIGNALS}.{signal}")) or "").split("\n", 1)[0].rstrip(".")
    return f"{first[:1].upper()}{first[1:]}."
