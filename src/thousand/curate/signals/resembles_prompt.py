"""the cosine between the candidate's prompt and the held-out prompt most like it, 0 to 1.

By default a prompt is the set of its words, each weighed by how few held-out prompts have it (TF-IDF, Spärck Jones 1972, each
word once). That finds copies with words left out, put in another order, or replaced here and there, which runs of words miss.
It knows no synonyms: a paraphrase in other words is found only with ``model``, a folder with a sentence-transformers model.
Every turn of the user is looked at by itself, and all before the last answer together.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, log, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from thousand.curate.signals.contamination import plain_words
from thousand.curate.texts import Texts, Values

_CELLS = 1 << 22
"""Most cosines at once."""

_AT_LEAST = 1000
"""So many held-out prompts are supposed for the weights: in a few, nearly every word is rare, and a word of none says most."""


def resembles_prompt(texts: Texts, prompts: Sequence[str], *, model: str | None = None) -> Values:
    values = np.zeros(len(texts))
    if not prompts:
        return values
    rows, asked = questions(texts)
    likeness = to_prompts(tuple(prompts), model)
    size = max(1, _CELLS // len(prompts))
    for at in range(0, len(asked), size):
        block = slice(at, at + size)
        np.maximum.at(values, rows[block], likeness(asked[block]).max(axis=1))
    return values


def questions(texts: Texts) -> tuple[NDArray[np.int64], list[str]]:
    """What is compared with the held-out prompts: of each row its prompt, and its single turns where there are several.

    Returns:
        The row of each text, and the texts.
    """
    asked = list(enumerate(texts.prompts))
    for row, messages in enumerate(texts.conversations):
        turns = [message["content"] for message in messages if message["role"] == "user"]
        asked += [(row, turn) for turn in turns] if len(turns) > 1 else []
    return np.array([row for row, _ in asked], dtype=np.int64), [text for _, text in asked]


class Likeness(Protocol):
    """From n texts to (n, prompts) cosines, from 0 to 1, each row of which depends on its text alone."""

    def __call__(self, some: Sequence[str]) -> NDArray[np.float64]:
        """(n, prompts)."""


@functools.lru_cache(maxsize=4)
def to_prompts(prompts: tuple[str, ...], model: str | None) -> Likeness:
    """What compares texts with the held-out prompts; made once in a process."""
    return Words.of(prompts) if model is None else Meaning(prompts, model)


@dataclass(frozen=True)
class Words:
    """Cosines of sets of weighed words.

    Attributes:
        weight: of the words of the held-out prompts. place: of each among them.
        unknown: the weight of any other word.
        vectors: (prompts, words), rows of unit length.
    """

    weight: dict[str, float]
    place: dict[str, int]
    unknown: float
    vectors: sparse.csr_array

    @classmethod
    def of(cls, prompts: Sequence[str]) -> Words:
        """Weigh the words by the prompts, and set the prompts out as vectors."""
        sets = [set(plain_words(prompt)) for prompt in prompts]
        supposed = max(len(sets), _AT_LEAST)
        share = {word: count / len(sets) for word, count in sorted(Counter(word for each in sets for word in each).items())}
        weight = {word: 1 + log((supposed + 1) / (supposed * each + 1)) for word, each in share.items()}
        known = cls(weight, {word: i for i, word in enumerate(weight)}, 1 + log(supposed + 1), sparse.csr_array((0, len(weight))))
        return cls(known.weight, known.place, known.unknown, known._vectors(prompts))

    def __call__(self, some: Sequence[str]) -> NDArray[np.float64]:
        """As in `Likeness`."""
        cosines: NDArray[np.float64] = np.minimum((self._vectors(some) @ self.vectors.T).toarray(), 1.0)
        return cosines

    def _vectors(self, some: Sequence[str]) -> sparse.csr_array:
        """(n, words), at unit length with the words that no prompt has: those weigh, and meet nothing."""
        starts, places, values = [0], list[int](), list[float]()
        for text in some:
            weights = {word: self.weight.get(word, self.unknown) for word in set(plain_words(text))}
            length = sqrt(fsum(each * each for each in weights.values()))  # exact: a set has no order to sum in
            met = sorted((self.place[word], weights[word] / length) for word in weights.keys() & self.weight.keys())
            places += [place for place, _ in met]
            values += [value for _, value in met]
            starts.append(len(places))
        return sparse.csr_array((values, places, starts), shape=(len(some), len(self.weight)), dtype=np.float64)


class Meaning:
    """Cosines of an embedding model's vectors."""

    def __init__(self, prompts: Sequence[str], folder: str) -> None:
        from thousand.embedding import embedder

        self._model = embedder(folder)
        self._vectors = self._model.encode(prompts)

    def __call__(self, some: Sequence[str]) -> NDArray[np.float64]:
        """As in `Likeness`; opposite vectors count as unlike ones."""
        cosines: NDArray[np.float64] = np.clip((self._model.encode(some) @ self._vectors.T).astype(np.float64), 0, 1)
        return cosines
