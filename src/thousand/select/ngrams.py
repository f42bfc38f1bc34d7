"""Words and runs of words as numbers of buckets, for many texts at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+|[^\w\s]+")
"""Runs of letters and digits, and runs of other signs: NLTK's wordpunct."""
_BLOCK = 4096


@dataclass(frozen=True)
class Ngrams:
    """The n-grams of some texts, each as the bucket it falls into.

    Attributes:
        buckets: how many there are.
        of: (order, words) the bucket of the n-gram of each order that starts at a word, the texts one after another; where one would
            reach beyond its text, the number of buckets.
        words: (n,) words of each text.
    """

    buckets: int
    of: NDArray[np.unsignedinteger]
    words: NDArray[np.int64]

    def counts(self) -> NDArray[np.int64]:
        """(buckets,) how often each is met with in all the texts."""
        return np.bincount(self.of.reshape(-1), minlength=self.buckets + 1)[:-1]

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) for each text the sum of a value for each of its n-grams.

        Args:
            values: (buckets,).
        """
        found = np.zeros(len(self.words))
        spoken = np.flatnonzero(self.words)
        ends = np.cumsum(self.words)
        padded = np.append(values, 0.0)
        for start in range(0, len(spoken), _BLOCK):
            texts = spoken[start : start + _BLOCK]
            first, last = ends[texts[0]] - self.words[texts[0]], ends[texts[-1]]
            each = padded[self.of[:, first:last]].sum(axis=0)
            found[texts] = np.add.reduceat(each, ends[texts] - self.words[texts] - first)
        return found


def hashed(texts: Sequence[str], *, buckets: int, order: int = 2) -> Ngrams:
    """Hash the n-grams of some texts.

    A word is hashed once, by its letters in lower case; a run of words by mixing the hashes of its words, so that no text of it need be
    made. Cost: a look at every letter and every word; memory: ``order`` numbers of two bytes a word, of four where there are more
    than 65,535 buckets.

    Args:
        order: the longest run, in words.
    """
    hash_of = _Hashes()
    kind = np.min_scalar_type(buckets)
    parts, lengths = [], []
    for start in range(0, len(texts), _BLOCK):
        block = [_WORD.findall(text.lower()) for text in texts[start : start + _BLOCK]]
        words = np.array([len(each) for each in block], dtype=np.int64)
        codes = np.fromiter((hash_of[word] for each in block for word in each), dtype=np.uint64, count=words.sum())
        after = np.repeat(np.cumsum(words), words) - np.arange(len(codes))  # words from here to the end of the text
        part = np.full((order, len(codes)), buckets, dtype=kind)
        runs = codes
        for n in range(order):
            if n:
                runs = _mixed(runs[:-1], codes[n:])
            part[n, : len(runs)] = np.where(after[: len(runs)] > n, runs % np.uint64(buckets), buckets)
        parts.append(part)
        lengths.append(words)
    whole = np.concatenate(parts, axis=1) if parts else np.zeros((order, 0), dtype=kind)
    return Ngrams(buckets, whole, np.concatenate(lengths) if lengths else np.zeros(0, dtype=np.int64))


class _Hashes(dict[str, int]):
    """64 bits for each word, worked out when it is first met."""

    def __missing__(self, word: str) -> int:
        digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return self.setdefault(word, int.from_bytes(digest, "little"))


def _mixed(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A hash of two hashes in their order: the finaliser of SplitMix64 over one and a multiple of the other."""
    mixed = first * np.uint64(0x9E3779B97F4A7C15) + second
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
