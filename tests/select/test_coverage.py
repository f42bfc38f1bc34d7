"""What a row would add, by the definition; and that few need be asked."""

import numpy as np
import pytest

from tests.select.strategies.vectors import cloud
from thousand.select.budget import Budget
from thousand.select.coverage import Coverage, lazy_greedy
from thousand.select.distinct import Distinct, SameVector


def mean_nearest(vectors, near, rows):
    return np.maximum(near @ vectors[rows].T, 0).max(axis=1, initial=0).astype(np.float64).mean()


@pytest.mark.parametrize("witnesses", [1000, 100, 7])
def test_gains_are_what_a_row_adds_for_an_even_sample_of_witnesses(witnesses):
    vectors, _, _ = cloud(600)
    coverage = Coverage(vectors, witnesses)
    near = vectors if witnesses > 600 else vectors[np.linspace(0, 599, witnesses).astype(int)]
    chosen = []
    for row in (3, 500, 40):
        now = mean_nearest(vectors, near, chosen)
        expected = [mean_nearest(vectors, near, [*chosen, each]) - now for each in range(600)]
        assert coverage.gains(np.arange(600)) == pytest.approx(expected, abs=1e-12)
        coverage.add(row)
        chosen.append(row)


def test_most_gains_are_never_made_fresh(monkeypatch):
    vectors, quality, _ = cloud(3000)
    asked = []
    gains = Coverage.gains
    monkeypatch.setattr(Coverage, "gains", lambda self, rows: asked.append(len(rows)) or gains(self, rows))
    rows = Distinct(Budget(3000, 100), SameVector(vectors))
    added = lazy_greedy(Coverage(vectors, 300), 0.7, 0.3 * quality / 100, np.arange(3000), rows)
    assert len(added) == 100
    assert sum(asked) < 0.1 * 100 * 3000


def test_only_candidates_are_taken():
    vectors, quality, _ = cloud(200)
    rows = Distinct(Budget(200, 50), SameVector(vectors))
    lazy_greedy(Coverage(vectors, 200), 1.0, 0 * quality, np.arange(0, 200, 10), rows)
    assert sorted(rows.budget.taken) == list(range(0, 200, 10))
