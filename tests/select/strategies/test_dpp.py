"""Greedy by the determinant itself, on few rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.select.strategies.vectors import cloud, fixed, problems
from thousand.select.strategies import dpp as module
from thousand.select.strategies.dpp import dpp


def value(vectors, quality, rows, weight, width=0.5):
    """The objective by its definition."""
    exact = vectors[rows].astype(np.float64)
    kernel = np.exp(-((exact[:, None] - exact[None]) ** 2).sum(axis=2) / (2 * width**2))
    return weight * quality[rows].sum() + (1 - weight) * np.linalg.slogdet(kernel)[1]


@settings(deadline=None, derandomize=True, max_examples=60)
@given(problems(distinct=True), st.integers(1, 8), st.sampled_from([0.0, 0.5, 0.9]))
def test_every_pick_adds_most_and_its_gain_is_what_it_adds(problem, budget, weight):
    vectors, quality = problem
    picks = dpp(vectors, quality, budget, weight=weight)
    assert len(set(picks.rows.tolist())) == min(budget, len(vectors))
    for rank, row in enumerate(picks.rows.tolist()):
        before = picks.rows[:rank].tolist()
        now = value(vectors, quality, before, weight) if before else 0.0
        gains = [value(vectors, quality, [*before, each], weight) - now for each in range(len(vectors)) if each not in before]
        assert picks.gains[rank] == pytest.approx(value(vectors, quality, [*before, row], weight) - now, abs=1e-6)
        assert picks.gains[rank] == pytest.approx(max(gains), abs=1e-6)


def test_two_rows_by_hand():
    # Apart by a right angle: |a - b|^2 / (2 * 0.25) = 4. The determinant of the pair is 1 - exp(-8).
    picks = dpp(np.eye(2, dtype=np.float32), np.array([0.2, 0.6]), 2)
    assert picks.rows.tolist() == [1, 0]
    assert picks.gains.tolist() == pytest.approx([0.3, 0.1 + 0.5 * np.log(1 - np.exp(-8))])


def test_more_rows_than_dimensions_can_be_chosen_well():
    vectors = fixed(np.random.default_rng(0).normal(size=(300, 3)))
    picks = dpp(vectors, np.zeros(300), 40, weight=0.0)
    assert np.isfinite(picks.gains).all()
    nearest = np.sort(vectors[picks.rows] @ vectors[picks.rows].T, axis=1)[:, -2]
    others = np.sort(vectors[:40] @ vectors[:40].T, axis=1)[:, -2]
    assert nearest.max() < np.median(others)


def test_rows_that_are_spanned_come_last_and_by_quality():
    vectors = np.eye(3, dtype=np.float32)[[0, 0, 0, 1]]
    picks = dpp(vectors, np.array([0.1, 0.3, 0.2, 0.0]), 4)
    assert picks.rows.tolist() == [1, 3, 2, 0]
    assert picks.gains[2:].tolist() == [-np.inf, -np.inf]


def test_many_rows_are_thinned_to_good_ones_and_little_is_lost(monkeypatch):
    vectors, quality, _ = cloud(3000, clusters=40)
    exact = dpp(vectors, quality, 50)
    monkeypatch.setattr(module, "_EXACT", 1000)
    monkeypatch.setattr(module, "_STAY", 600)
    few = dpp(vectors, quality, 50)
    assert len(set(few.rows.tolist())) == 50
    assert few.gains.sum() > 0.98 * exact.gains.sum() > 0
