"""Copies: which candidates say the same, exactly or nearly, and which of them survives.

Near copies are found by MinHash over word trigrams with banding (Broder 1997; Leskovec et al., chapter 3) and then
measured: no row is dropped on an estimate. A row is dropped only against a surviving row it is itself similar to, never
through a chain of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from thousand import engine
from thousand.curate.texts import words

HASHES = 126
ROWS = (18, 14, 9, 7, 6, 3, 2, 1)
"""How many hashes two texts must share in one of the bands to be measured: the divisors of the number of hashes that serve."""
RECALL = 0.99
"""Two texts exactly as similar as the threshold meet at least this often; at 0.8, with 21 bands of 6, it is 0.998."""
SHINGLE = 3


@dataclass(frozen=True)
class Copies:
    """Who resembles whom among n texts.

    Attributes:
        group: (n,) texts equal but for case, spacing and punctuation have the same number, from 0 up.
        similar: pairs of groups ``a < b`` with their Jaccard similarity.
    """

    group: NDArray[np.int64]
    similar: Sequence[tuple[int, int, float]]


def find_copies(texts: Sequence[str], threshold: float) -> Copies:
    """Group equal texts and measure every pair of groups with a Jaccard similarity of at least ``threshold``.

    The similarity is of the sets of word trigrams; a text of fewer words is one shingle.
    """
    tokens = [" ".join(words(text)) for text in texts]
    numbers: dict[str, int] = {}
    group = np.array([numbers.setdefault(text, len(numbers)) for text in tokens], dtype=np.int64)
    distinct = list(numbers)
    shingles = [_shingles(text) for text in distinct]
    similar = [
        (a, b, similarity)
        for a, b in sorted(set(_meetings(_signatures(distinct), _rows(threshold))))
        if (similarity := _jaccard(shingles[a], shingles[b])) >= threshold
    ]
    return Copies(group, similar)


def survivors(copies: Copies, priority: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Which rows are copies, and of which surviving row.

    Args:
        priority: (n,) all different; of two copies the row with the smaller number survives.

    Returns:
        Position of the surviving twin, -1 for a row that survives, and the similarity to it, NaN for a row that survives.
    """
    count = len(copies.group)
    leader: dict[int, int] = {}
    for row in sorted(range(count), key=lambda i: priority[i]):
        leader.setdefault(int(copies.group[row]), row)
    neighbours: dict[int, list[tuple[float, int]]] = {}
    for a, b, similarity in copies.similar:
        neighbours.setdefault(a, []).append((similarity, b))
        neighbours.setdefault(b, []).append((similarity, a))
    fate: dict[int, tuple[int, float]] = {}  # group -> surviving row and similarity to it
    for group, row in leader.items():  # in order of priority
        alive = [
            (s, -priority[leader[other]], leader[other])
            for s, other in neighbours.get(group, [])
            if fate.get(other, (-1, 0.0))[0] == leader[other]
        ]
        fate[group] = (max(alive)[2], max(alive)[0]) if alive else (row, 1.0)
    twin = np.array([fate[int(group)][0] for group in copies.group], dtype=np.int64)
    similarity_to = np.array([fate[int(group)][1] for group in copies.group], dtype=np.float64)
    survives = twin == np.arange(count)
    twin[survives], similarity_to[survives] = -1, np.nan
    return twin, similarity_to


def _rows(threshold: float) -> int:
    """Hashes per band: as many as the recall at the threshold allows, since the more there are, the fewer pairs are measured in vain."""
    return next((rows for rows in ROWS if 1 - (1 - threshold**rows) ** (HASHES // rows) >= RECALL), 1)


def _signatures(texts: Sequence[str]) -> NDArray[np.uint32]:
    """(n, HASHES) MinHash signatures."""
    if not texts:
        return np.empty((0, HASHES), dtype=np.uint32)
    daft = engine.daft()
    from daft.functions import minhash

    column = minhash(daft.col("text"), num_hashes=HASHES, ngram_size=SHINGLE, seed=1)
    hashed = daft.from_pydict({"text": list(texts)}).select(column).to_arrow().column(0).combine_chunks()
    return np.asarray(hashed.flatten(), dtype=np.uint32).reshape(len(texts), HASHES)


def _meetings(signatures: NDArray[np.uint32], rows: int) -> Iterator[tuple[int, int]]:
    """Pairs of texts that agree in all of some band of so many hashes."""
    for start in range(0, HASHES, rows):
        keys = np.ascontiguousarray(signatures[:, start : start + rows]).view(f"V{4 * rows}")[:, 0]
        order = np.argsort(keys, kind="stable")
        edges = np.flatnonzero(keys[order][1:] != keys[order][:-1]) + 1
        for bucket in np.split(order, edges):
            if len(bucket) > 1:
                yield from combinations(sorted(bucket.tolist()), 2)


def _shingles(text: str) -> frozenset[str]:
    tokens = text.split(" ")
    return frozenset(" ".join(tokens[i : i + SHINGLE]) for i in range(max(1, len(tokens) - SHINGLE + 1)))


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared)
