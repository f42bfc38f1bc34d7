"""Vectors of texts: unit length, likeness where words are shared, and the same every time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.embedding import Tfidf, unit

TOPICS = ["bread flour oven crust yeast", "river boat water fish bridge", "engine wheel road petrol brake"]


def corpus(count=60):
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(TOPICS[i % 3].split(), 4)) + f" number{i % 20}" for i in range(count)]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.text(max_size=30), max_size=12), st.integers(1, 6))
def test_any_texts_become_vectors_of_length_one_or_zero(texts, dimensions):
    vectors = Tfidf(dimensions).encode(texts)
    assert vectors.dtype == np.float32
    assert len(vectors) == len(texts)
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.all(np.isclose(lengths, 1, atol=1e-5) | (lengths == 0))


def test_reduced_vectors_have_so_many_dimensions_and_unit_length():
    vectors = Tfidf(8).encode(corpus())
    assert vectors.shape == (60, 8)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_texts_of_one_topic_are_nearer_to_each_other():
    vectors = Tfidf(8).encode(corpus())
    likeness = vectors @ vectors.T
    same = np.equal.outer(np.arange(60) % 3, np.arange(60) % 3)
    assert likeness[same].mean() > likeness[~same].mean() + 0.4


@pytest.mark.parametrize("dimensions", [2, 128])
def test_a_text_without_a_word_is_a_vector_of_zeros(dimensions):
    vectors = Tfidf(dimensions).encode([*corpus(), "", "?!"])
    assert not vectors[-2:].any()
    assert vectors[:-2].any(axis=1).all()


def test_texts_that_all_have_no_word_are_zeros_too():
    assert not Tfidf().encode(["", "?!"]).any()
    assert Tfidf().encode([]).shape[0] == 0


def test_one_text_is_enough():
    assert Tfidf().encode(["only this"]) @ Tfidf().encode(["only this"]).T == pytest.approx(1, abs=1e-6)


def test_fewer_texts_than_dimensions_stay_unreduced():
    vectors = Tfidf(128).encode(["red apple", "red apple", "blue plum"])
    assert vectors @ vectors.T == pytest.approx(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]]), abs=1e-6)


@pytest.mark.parametrize("dimensions", [8, 128])
def test_equal_texts_have_equal_vectors_every_time(dimensions):
    first, second = (Tfidf(dimensions).encode([*corpus(), corpus()[0]]) for _ in range(2))
    assert np.array_equal(first, second)
    assert first[0] == pytest.approx(first[-1], abs=1e-6)


def test_unit_leaves_zero_and_scales_the_rest():
    assert unit(np.array([[3.0, 4.0], [0.0, 0.0], [-2.0, 0.0]])) == pytest.approx(np.array([[0.6, 0.8], [0, 0], [-1, 0]]))
