"""Sets of word trigrams and their signatures."""

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.curate.duplicates import pools
from thousand.curate.duplicates.shingles import HASHES, Shingles, bands, sets, shingles


def of(*texts):
    return shingles(pa.array(texts, pa.large_string()))


def as_sets(found):
    elements, starts = sets(found)
    return [set(elements[starts[i] : starts[i + 1]].tolist()) for i in range(len(starts) - 1)]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.text("ab ", max_size=12).map(lambda text: " ".join(text.split())), min_size=1, max_size=6))
def test_hashed_sets_are_equal_and_overlap_as_the_trigrams_do(texts):
    hashed, plain = as_sets(of(*texts)), [pools.shingles(text) if text else {("",)} for text in texts]
    for i in range(len(texts)):
        for j in range(len(texts)):
            assert len(hashed[i] & hashed[j]) == len(plain[i] & plain[j])
            assert len(hashed[i]) == len(plain[i])


def test_the_order_of_the_words_counts_and_neighbouring_texts_do_not():
    assert as_sets(of("a b c", "c b a"))[0] != as_sets(of("a b c", "c b a"))[1]
    assert as_sets(of("x y", "a b"))[1] == as_sets(of("a b"))[0]
    assert as_sets(of("a b", "c d e"))[0] == as_sets(of("a b", "z"))[0]


def test_no_texts_have_no_keys():
    assert bands(of(), 6).shape == (21, 0)
    assert as_sets(of()) == []


@pytest.mark.parametrize("width", [1, 6, 18])
def test_keys_depend_on_the_text_alone(width):
    texts = [" ".join(random.Random(i).choices(pools.WORDS, k=i % 90 + 1)) for i in range(3000)]  # more than are hashed at once
    keys = bands(of(*texts), width)
    assert keys.shape == (HASHES // width, 3000)
    assert np.array_equal(keys[:, [2999, 5, 1500]], bands(of(texts[2999], texts[5], texts[1500]), width))


@pytest.mark.parametrize("shared", [60, 80, 90])
def test_texts_meet_as_often_as_their_similarity_says(shared):
    """Pairs of sets with ``shared`` of 100 elements in common, 300 of them: how often a band's keys are equal."""
    lines = []
    for pair in range(300):
        half = (100 - shared) // 2
        common = [f"common {i} {pair}" for i in range(shared)]
        for side in "ab":
            lines += [*common, *(f"{side} {i} {pair}" for i in range(half))]
    each = shared + half
    whole = Shingles(of(*lines).hashes, np.arange(0, len(lines) + 1, each))
    keys = bands(whole, 1)
    equal = (keys[:, ::2] == keys[:, 1::2]).mean()
    assert equal == pytest.approx(shared / 100, abs=4 * 0.5 / np.sqrt(300 * HASHES))
