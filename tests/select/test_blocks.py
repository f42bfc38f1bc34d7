"""Whole or in parts, it is the same."""

import numpy as np
import pytest

from tests.select.strategies.vectors import cloud
from thousand.select import blocks
from thousand.select.blocks import highest, slices, squares


def test_parts_cover_all_rows_once():
    assert [(part.start, part.stop) for part in slices(10, 4)] == [(0, 4), (4, 8), (8, 10)]
    assert list(slices(0)) == []


@pytest.mark.parametrize("others", [0, 1, 30])
def test_the_highest_product_with_any_other(monkeypatch, others):
    monkeypatch.setattr(blocks, "_OTHERS", 7)
    vectors, _, _ = cloud(5000)
    less = np.linspace(0, 1, others, dtype=np.float32)
    products = vectors.astype(np.float64) @ vectors[:others].T
    assert np.array_equal(highest(vectors, vectors[:others]), products.max(axis=1, initial=-np.inf))
    assert np.allclose(highest(vectors, vectors[:others], less), (products - less).max(axis=1, initial=-np.inf))


def test_squares_are_of_the_lengths():
    vectors, _, _ = cloud(5000)
    assert np.array_equal(squares(vectors), (vectors.astype(np.float64) ** 2).sum(axis=1))
