"""the longest run of words that the candidate shares with a held-out prompt, counted from ``run`` words up.

A held-out prompt shorter than ``run`` words counts when the candidate's prompt holds the whole of it, and one of fewer
than four words only when it is the whole of the candidate's prompt: "What is it?" stands in many.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from thousand.curate.texts import Texts, Values, words


def contamination(texts: Texts, prompts: Sequence[str], *, run: int = 8) -> Values:
    held_out = [words(prompt) for prompt in prompts]
    runs = {gram for prompt in held_out for gram in _grams(prompt, run)}
    short = {tuple(prompt) for prompt in held_out if 0 < len(prompt) < run}
    return np.array([_longest(words(f"{p}\n{r}"), words(p), runs, short, run) for p, r in zip(texts.prompts, texts.responses, strict=True)])


def _longest(text: list[str], prompt: list[str], runs: set[tuple[str, ...]], short: set[tuple[str, ...]], run: int) -> float:
    longest = current = 0
    for gram in _grams(text, run):
        current = current + 1 if gram in runs else 0
        longest = max(longest, current)
    if longest:
        return float(longest + run - 1)
    if tuple(prompt) in short:
        return float(len(prompt))
    for length in {len(each) for each in short if len(each) >= 4}:
        if any(gram in short for gram in _grams(prompt, length)):
            return float(length)
    return 0.0


def _grams(text: list[str], length: int) -> Iterator[tuple[str, ...]]:
    return zip(*(text[i:] for i in range(length)), strict=False)
