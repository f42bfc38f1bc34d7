"""A text as the set of its word trigrams, hashed to 64 bits, and the MinHash signature of the set (Broder 1997)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

LENGTH = 3
"""Words in a shingle. A text of fewer words is one shingle."""
HASHES = 126
"""Of a signature: so many that many divisors can serve as the number of hashes in a band."""
_AT_ONCE = 1 << 16  # shingles; this and the next so that they fit the processor's cache
_WORDS_AT_ONCE = 1 << 14

_BASE = np.uint64(0x9E3779B97F4A7C15)
_PLACES = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
_FIRST = np.array([(1 << 8 * count) - 1 for count in range(9)], dtype=np.uint64)  # so many bytes

_FACTORS = np.random.default_rng(20210805).integers(0, 2**32, HASHES, dtype=np.uint32) | np.uint32(1)
"""Each permutes the numbers of 32 bits: the hashes of shingles are random as they are, so a product with an odd number will do."""


@dataclass(frozen=True)
class Shingles:
    """The shingles of n texts, in the order of the words; one that occurs twice stands twice.

    Attributes:
        hashes: of all texts, one after the other.
        starts: (n + 1,) where each text's begin.
    """

    hashes: Hashes
    starts: NDArray[np.int64]


def shingles(plain: pa.LargeStringArray) -> Shingles:
    """The shingles of texts as `sides.plain` writes them. One without a word has a shingle too, the same as all such."""
    hashed, starts = _words(plain)
    combined = hashed * _PLACES[0]
    for ahead in range(1, LENGTH):
        combined[:-ahead] += hashed[ahead:] * _PLACES[ahead]
    first, counts = starts[:-1], np.diff(starts)
    for words in range(1, LENGTH):  # too short: nothing of the next text may be in it
        short = first[counts == words]
        combined[short] = sum((hashed[short + ahead] * _PLACES[ahead] for ahead in range(words)), np.zeros(len(short), dtype=np.uint64))
    begins = np.ones(len(hashed), dtype=bool)
    for missing in range(1, LENGTH):
        begins[np.maximum(starts[1:] - missing, first)] = False
    begins[first] = True
    return Shingles(_mixed(combined[begins]), np.concatenate([[0], np.cumsum(np.maximum(counts - LENGTH + 1, 1))]))


def sets(found: Shingles) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same without repetitions, each text's in ascending order: 63 bits of the hashes, and where each text's begin."""
    texts = np.repeat(np.arange(len(found.starts) - 1), np.diff(found.starts))
    elements = (found.hashes >> np.uint64(1)).astype(np.int64)
    order = np.argsort(elements)
    order = order[np.argsort(texts[order].astype(np.min_scalar_type(len(found.starts))), kind="stable")]  # small types are sorted by digits
    elements = elements[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (elements[1:] != elements[:-1]) | (texts[1:] != texts[:-1])
    return elements[new], np.concatenate([[0], np.cumsum(np.bincount(texts[new], minlength=len(found.starts) - 1))])


def bands(found: Shingles, rows: int) -> Hashes:
    """Keys under which texts meet.

    Two texts of Jaccard similarity s have a key of the same band in common with probability s^rows (Leskovec, Rajaraman and
    Ullman, Mining of Massive Datasets, section 3.4).

    Args:
        rows: hashes in a band, a divisor of `HASHES`.

    Returns:
        (HASHES / rows, n)
    """
    texts = len(found.starts) - 1
    keys = np.zeros((HASHES // rows, texts), dtype=np.uint64)
    short = (found.hashes >> np.uint64(32)).astype(np.uint32)
    cuts = np.searchsorted(found.starts[:-1], np.arange(0, found.starts[-1], _AT_ONCE))
    for first, last in itertools.pairwise(np.unique([*cuts.tolist(), texts])):
        some = short[found.starts[first] : found.starts[last]]
        starts = found.starts[first:last] - found.starts[first]
        permuted = np.empty_like(some)
        for number in range(HASHES):
            lowest = np.minimum.reduceat(np.multiply(some, _FACTORS[number], out=permuted), starts)
            band = keys[number // rows, first:last]
            band *= _BASE
            band += lowest
    return _mixed(keys)


def _words(plain: pa.LargeStringArray) -> tuple[Hashes, NDArray[np.int64]]:
    """The hash of every word, and where each text's begin."""
    _, offsets, data = plain.buffers()
    texts = (
        np.frombuffer(offsets, dtype=np.int64)[plain.offset : plain.offset + len(plain) + 1] if len(plain) else np.zeros(1, dtype=np.int64)
    )
    padded = (data.to_pybytes() if data is not None else b"") + bytes(8)
    spaces = np.flatnonzero(np.frombuffer(padded, dtype=np.uint8)[: texts[-1]] == ord(" "))
    before = np.searchsorted(spaces, texts)  # spaces
    spaces = spaces[before[0] :]
    starts = before - before[0] + np.arange(len(texts))  # a word more than spaces in every text
    begins, ends = np.empty(starts[-1], dtype=np.int64), np.empty(starts[-1], dtype=np.int64)
    outer = np.zeros(starts[-1], dtype=bool)
    outer[starts[:-1]] = True
    begins[outer], begins[~outer] = texts[:-1], spaces + 1
    outer = np.roll(outer, -1)  # before a first word stands a last one
    ends[outer], ends[~outer] = texts[1:], spaces
    eight = np.ndarray((len(padded) - 7,), dtype="<u8", buffer=padded, strides=(1,))  # bytes, from every byte on
    hashed = np.empty(starts[-1], dtype=np.uint64)
    for start in range(0, len(hashed), _WORDS_AT_ONCE):
        some = slice(start, start + _WORDS_AT_ONCE)
        hashed[some] = _hashed(eight, begins[some], ends[some] - begins[some])
    return hashed, starts


def _hashed(eight: Hashes, begins: NDArray[np.int64], lengths: NDArray[np.int64]) -> Hashes:
    """Hashes of words, eight bytes at a time; no two words of up to eight bytes and of the same length have the same."""
    hashed = _mixed((eight[begins] & _FIRST[np.minimum(lengths, 8)]) ^ lengths.astype(np.uint64))
    done, more = 8, np.flatnonzero(lengths > 8)
    while len(more):
        hashed[more] = _mixed(hashed[more] ^ (eight[begins[more] + done] & _FIRST[np.minimum(lengths[more] - done, 8)]))
        done += 8
        more = more[lengths[more] > done]
    return hashed


def _mixed(hashes: Hashes) -> Hashes:
    """Every bit of the result depends on every bit (the finaliser of SplitMix64)."""
    hashes = hashes + _BASE
    hashes ^= hashes >> np.uint64(30)
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    hashes ^= hashes >> np.uint64(27)
    hashes *= np.uint64(0x94D049BB133111EB)
    hashes ^= hashes >> np.uint64(31)
    return hashes
