"""Who survives where thousands are alike: the same as if all were compared with all."""

import random
import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.curate.duplicates import pools
from thousand.curate.duplicates.crowd import Crowd
from thousand.curate.duplicates.jaccard import Sets, by_frequency
from thousand.curate.duplicates.shingles import sets, shingles


def crowd_of(texts, rank, threshold, kind=Sets):
    elements, starts = sets(shingles(pa.array(texts, pa.large_string())))
    crowd = Crowd(kind(by_frequency(elements, starts), starts), threshold, np.asarray(rank))
    crowd.thin()
    return crowd


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.sampled_from([0.3, 0.5, 0.8, 1.0]), st.sampled_from(["mixed", "template"]))
def test_the_result_is_that_of_comparing_all_with_all(seed, threshold, kind):
    texts = pools.mixed(seed, 100) if kind == "mixed" else pools.template(seed, 100, 3)
    rank = random.Random(seed).sample(range(100), 100)
    crowd = crowd_of(texts, rank, threshold)
    twin, similarity = pools.greedy(texts, rank, threshold)
    assert crowd.twin.tolist() == twin
    assert np.array_equal(crowd.similarity, similarity, equal_nan=True)


def test_sets_similar_exactly_at_the_threshold_are_found():
    """8 of 10 elements shared, in every position and in texts of unlike length."""
    texts = ["a b c d e f g h i j k", "a b c d e f g h i j", " ".join("abcdefgh")]
    assert [pools.jaccard(texts[0], each) for each in texts[1:]] == [8 / 9, 6 / 9]
    assert crowd_of(texts, [0, 1, 2], 8 / 9).twin.tolist() == [-1, 0, -1]
    assert crowd_of(texts, [2, 1, 0], 6 / 9).twin.tolist() == [2, 2, -1]


class Counting(Sets):
    """Sets that count the pairs looked at."""

    looked = 0

    def similar(self, first, second, threshold):
        self.looked += len(first)
        return super().similar(first, second, threshold)

    def similar_of_all(self, first, second, threshold):
        self.looked += len(first) * len(second)
        return super().similar_of_all(first, second, threshold)


@pytest.mark.parametrize("changes", [1, 8])
def test_work_grows_as_the_number_of_copies(changes):
    """Copies of one template, all similar or none: of 18 million pairs few are looked at."""
    crowd = crowd_of(pools.template(0, 6000, changes), range(6000), 0.8, Counting)
    assert crowd._sets.looked < 150 * 6000
    assert ((crowd.twin >= 0).sum() > 5990) == (changes == 1)


def test_where_half_of_all_pairs_are_similar_it_is_still_quick():
    started = time.process_time()
    crowd_of(pools.template(0, 6000, 3), range(6000), 0.8)
    assert time.process_time() - started < 6
