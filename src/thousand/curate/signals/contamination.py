"""the longest run of words that the candidate shares with one held-out prompt, counted from ``run`` words up.

The families of LIMA and of GPT-3 count from 8 or 13. A held-out prompt shorter than ``run`` words counts when the candidate's
prompt holds the whole of it, and one of fewer than four words only when it is the whole of the candidate's prompt: "What is
it?" stands in many.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from thousand.curate.texts import Texts, Values, words
from thousand.errors import RecipeError

_HEAD = 4
"""Words from which a short held-out prompt counts inside another prompt."""


def contamination(texts: Texts, prompts: Sequence[str], *, run: int = 8) -> Values:
    if run < 1:
        raise RecipeError(f"curate.signals.contamination.run: {run} is no number of words.", "Take 8 or 13.")
    index = held_out(tuple(prompts), run)
    pairs = zip(texts.prompts, texts.responses, strict=True)
    return np.array([index.longest(prompt, response) for prompt, response in pairs], dtype=np.float64)


@dataclass(frozen=True)
class HeldOut:
    """The held-out prompts, so that a text can be looked up in all of them at once.

    Any ``run`` words in a row hold an anchor, three quarters as long, that begins at a multiple of what is left of the run. So
    a text shares nothing if none of those few stands in a prompt, and one text in a hundred needs a closer look.

    Attributes:
        prompts: as words.
        grams: for every ``run`` words, the prompts and places where they stand.
        anchors: those of the prompts of ``run`` words or more.
        heads: the first words of the shorter ones, or all where there are fewer.
    """

    run: int
    prompts: Sequence[list[str]]
    grams: Mapping[tuple[str, ...], Sequence[tuple[int, int]]]
    anchors: frozenset[tuple[str, ...]]
    heads: frozenset[tuple[str, ...]]

    def longest(self, prompt: str, response: str) -> int:
        """The most words that a candidate shares with one of the prompts in a row, 0 where that is too few to count."""
        asked = plain_words(prompt)
        text = asked + plain_words(response)
        width = _width(self.run)
        stride = self.run - width + 1
        nothing = (
            self.anchors.isdisjoint(zip(*(text[i::stride] for i in range(width)), strict=False))
            and self.heads.isdisjoint(_grams(asked, _HEAD))
            and tuple(asked) not in self.heads
        )
        return 0 if nothing else max(map(len, self._shared(asked, text).values()), default=0)

    def shared(self, prompt: str, response: str) -> dict[int, list[str]]:
        """For each held-out prompt, by its number from 0, the longest run of words that a candidate shares with it."""
        asked = plain_words(prompt)
        return self._shared(asked, asked + plain_words(response))

    def _shared(self, asked: list[str], text: list[str]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        here: dict[tuple[int, int], int] = {}
        for at, gram in enumerate(_grams(text, self.run)):
            # a run goes on only where the same prompt goes on: words of two prompts, or of two places in one, are two runs
            here = {(n, place): here.get((n, place - 1), self.run - 1) + 1 for n, place in self.grams.get(gram, ())}
            for (n, _), length in here.items():
                if length > len(found.get(n, ())):
                    found[n] = text[at + self.run - length : at + self.run]
        for length, numbers in self._short.items():
            inside = set(_grams(asked, length)) if length >= _HEAD else {tuple(asked)}
            found |= {n: self.prompts[n] for n in numbers if tuple(self.prompts[n]) in inside}
        return found

    @functools.cached_property
    def _short(self) -> dict[int, list[int]]:
        """The numbers of the prompts shorter than ``run``, by length."""
        numbers: dict[int, list[int]] = {}
        for n, prompt in enumerate(self.prompts):
            if 0 < len(prompt) < self.run:
                numbers.setdefault(len(prompt), []).append(n)
        return numbers


@functools.lru_cache(maxsize=4)
def held_out(prompts: tuple[str, ...], run: int) -> HeldOut:
    """The prompts, ready to look texts up in; made once in a process."""
    as_words = [plain_words(prompt) for prompt in prompts]
    grams: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for number, prompt in enumerate(as_words):
        for place, gram in enumerate(_grams(prompt, run)):
            grams[gram].append((number, place))
    anchors = frozenset(anchor for prompt in as_words if len(prompt) >= run for anchor in _grams(prompt, _width(run)))
    heads = frozenset(tuple(prompt[:_HEAD]) for prompt in as_words if 0 < len(prompt) < run)
    return HeldOut(run, as_words, dict(grams), anchors, heads)


def plain_words(text: str) -> list[str]:
    """The words of a text with straight apostrophes, as cleaning leaves them in candidates."""
    return words(text.replace("\u2019", "'"))


def _width(run: int) -> int:
    return max(1, run * 3 // 4)


def _grams(text: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    return zip(*(text[i:] for i in range(length)), strict=False)
