"""Copies: all of them found, none dropped but against a survivor it resembles, and the better one stays."""

import random
import time
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.curate.duplicates.near import Copies, find_copies, survivors
from thousand.curate.texts import words

WORDS = [f"w{i}" for i in range(400)]


def shingles(text):
    """Word trigrams; a shorter text is one shingle."""
    tokens = words(text)
    return {tuple(tokens[i : i + 3]) for i in range(max(1, len(tokens) - 2))}


def jaccard(a, b):
    """By its definition."""
    one, two = shingles(a), shingles(b)
    return len(one & two) / len(one | two)


def mixed(seed, count=300):
    """Random short texts, some of them edited copies of others: every similarity from 0 to 1 occurs."""
    rng = random.Random(seed)
    texts = []
    for _ in range(count):
        if texts and rng.random() < 0.6:
            copy = rng.choice(texts).split()
            for _ in range(rng.randrange(4)):
                copy[rng.choice((-1, rng.randrange(len(copy))))] = rng.choice(WORDS)
            texts.append(" ".join(copy))
        else:
            texts.append(" ".join(rng.choices(WORDS, k=rng.choice((1, 2, 3, 10, 30, 60)))))
    return texts


def groups_of(texts):
    """The first position of each text's words."""
    first = {}
    return [first.setdefault(" ".join(words(text)), len(first)) for text in texts]


def brute_force(texts, threshold):
    sets = [shingles(text) for text in dict.fromkeys(" ".join(words(text)) for text in texts)]
    pairs = combinations(range(len(sets)), 2)
    measured = ((a, b, len(sets[a] & sets[b]) / len(sets[a] | sets[b])) for a, b in pairs)
    return {(a, b): similarity for a, b, similarity in measured if similarity >= threshold}


def test_texts_equal_but_for_case_spacing_and_marks_are_exact_copies():
    copies = find_copies(["The old bridge.", "the  OLD\nbridge", "The old bridges.", "\u201cThe old bridge!\u201d"], 0.8)
    assert copies.group.tolist() == [0, 0, 1, 0]
    assert copies.similar == []


def test_a_near_copy_is_found_with_its_similarity():
    long = " ".join(WORDS[:30])
    copies = find_copies([long, f"{long} more", "something else altogether"], 0.8)
    assert copies.similar == [(0, 1, 28 / 29)]  # 28 trigrams in common, one more in the second


@pytest.mark.parametrize("texts", [[], [""], ["", "", "..."], ["hi", "hi", "yo"], ["a b", "a b c", "a b c d"]])
def test_few_and_short_texts(texts):
    copies = find_copies(texts, 0.5)
    assert copies.group.tolist() == groups_of(texts)
    assert {(a, b): s for a, b, s in copies.similar} == brute_force(texts, 0.5)


@pytest.mark.parametrize("threshold", [0.9, 0.8, 0.5, 0.3])
@pytest.mark.parametrize("seed", [0, 1])
def test_every_pair_that_comparing_all_with_all_finds_is_found(threshold, seed):
    texts = mixed(seed)
    found = {(a, b): s for a, b, s in find_copies(texts, threshold).similar}
    truth = brute_force(texts, threshold)
    assert len(truth) >= 20
    assert found.items() <= truth.items()  # measured, not estimated
    assert len(found) >= 0.99 * len(truth)
    assert all(pair in found for pair, similarity in truth.items() if similarity >= max(threshold + 0.1, 0.8))


def test_nothing_is_dropped_through_a_chain():
    a, b, c = " ".join(WORDS[:30]), " ".join(WORDS[4:34]), " ".join(WORDS[8:38])  # 24 of 32 trigrams in common, then 20 of 36
    assert jaccard(a, b) == jaccard(b, c) == 0.75
    copies = find_copies([a, b, c], 0.7)
    assert [pair[:2] for pair in copies.similar] == [(0, 1), (1, 2)]
    assert survivors(copies, [0, 1, 2])[0].tolist() == [-1, 0, -1]  # c resembles only b, and b is gone
    assert survivors(copies, [1, 0, 2])[0].tolist() == [1, -1, 1]


def test_the_twin_is_the_most_similar_survivor():
    copies = Copies(np.array([0, 1, 2]), [(0, 2, 0.8), (1, 2, 0.9)])
    twin, similarity = survivors(copies, [0, 1, 2])
    assert twin.tolist() == [-1, -1, 1]
    assert np.array_equal(similarity, [np.nan, np.nan, 0.9], equal_nan=True)


def test_an_exact_copy_of_a_dropped_text_is_dropped_against_the_same_survivor():
    copies = Copies(np.array([0, 1, 1]), [(0, 1, 0.85)])
    twin, similarity = survivors(copies, [0, 2, 1])
    assert twin.tolist() == [-1, 0, 0]
    assert similarity.tolist()[1:] == [0.85, 0.85]


def test_of_exact_copies_the_first_by_priority_survives():
    twin, similarity = survivors(Copies(np.array([0, 0, 0]), []), [2, 0, 1])
    assert twin.tolist() == [1, -1, 1]
    assert similarity.tolist()[0] == 1.0


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.sampled_from([0.5, 0.8]))
def test_whatever_is_dropped_resembles_a_better_survivor_and_survivors_resemble_none(seed, threshold):
    texts = mixed(seed, 40)
    priority = random.Random(seed).sample(range(40), 40)
    twin, similarity = survivors(find_copies(texts, threshold), priority)
    stay = np.flatnonzero(twin < 0)
    for row in np.flatnonzero(twin >= 0):
        assert twin[twin[row]] == -1
        assert priority[twin[row]] < priority[row] or jaccard(texts[row], texts[twin[row]]) < 1
        assert similarity[row] == jaccard(texts[row], texts[twin[row]]) >= threshold
    near = [jaccard(texts[a], texts[b]) for a, b in combinations(stay, 2)]
    assert max(near, default=0) < max(threshold + 0.1, 0.8)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.permutations(range(25)))
def test_the_order_of_the_rows_changes_nothing(seed, order):
    texts = mixed(seed, 25)
    priority = random.Random(seed).sample(range(25), 25)
    twin, similarity = survivors(find_copies(texts, 0.6), priority)
    shuffled = survivors(find_copies([texts[i] for i in order], 0.6), [priority[i] for i in order])
    for place, row in enumerate(order):
        there = shuffled[0][place]
        assert (order[there] if there >= 0 else -1) == twin[row]
        assert np.array_equal(shuffled[1][place], similarity[row], equal_nan=True)


def test_many_alike_do_not_take_long():
    story = " ".join(WORDS[:100])
    texts = [f"{story} told by number {i}" for i in range(300)] + [story.upper()] * 300 + [f"id {i}" for i in range(300)]
    started = time.process_time()
    twin, _ = survivors(find_copies(texts, 0.8), list(range(900)))
    assert time.process_time() - started < 5
    assert (twin[:600] >= 0).sum() == 599
    assert (twin[600:] == -1).all()
