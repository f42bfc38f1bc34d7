"""Lazy greedy makes the choices of plain greedy, its gains can be worked out by hand, and thinning costs little of the value."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.select.strategies.vectors import cloud
from thousand.select.budget import Budget, Quota
from thousand.select.strategies import facility_location as module
from thousand.select.strategies.facility_location import facility_location


def value(vectors, quality, rows, budget, weight):
    """The objective by its definition."""
    if not len(rows):
        return 0.0
    nearest = np.maximum(vectors @ vectors[rows].T, 0).max(axis=1)
    return (1 - weight) * nearest.mean() + weight * quality[rows].sum() / budget


def gains_of(vectors, quality, chosen, budget, weight):
    """What each row would add, by definition; what is chosen can add nothing, nor a copy of it while there are others."""
    now = value(vectors, quality, chosen, budget, weight)
    is_copy = [any((vectors[row] == vectors[each]).all() for each in chosen) for row in range(len(vectors))]
    out = set(chosen) if all(is_copy) else set(np.flatnonzero(is_copy))
    return np.array(
        [-np.inf if row in out else value(vectors, quality, [*chosen, row], budget, weight) - now for row in range(len(vectors))]
    )


@st.composite
def problems(draw):
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    count, dimensions = draw(st.integers(1, 24)), draw(st.integers(1, 5))
    vectors = rng.normal(size=(count, dimensions))
    if draw(st.booleans()):  # many rows alike
        vectors = vectors[rng.integers(0, max(1, count // 3), count)]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    quality = rng.random(count) if draw(st.booleans()) else np.ones(count)
    return vectors.astype(np.float32), quality, draw(st.integers(1, count)), draw(st.sampled_from([0.0, 0.3, 1.0]))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(problems())
def test_every_pick_is_the_best_there_is_and_its_gain_what_it_adds(problem):
    vectors, quality, budget, weight = problem
    picks = facility_location(vectors, quality, budget, weight=weight)
    assert len(set(picks.rows.tolist())) == budget
    for rank, row in enumerate(picks.rows.tolist()):
        gains = gains_of(vectors, quality, picks.rows[:rank].tolist(), budget, weight)
        assert gains[row] == pytest.approx(gains.max(), abs=1e-5)
        assert picks.gains[rank] == pytest.approx(gains[row], abs=1e-5)
    distinct = len(np.unique(vectors, axis=0))
    assert (np.diff(picks.gains[:distinct]) <= 1e-5).all()
    assert picks.gains.sum() == pytest.approx(value(vectors, quality, picks.rows, budget, weight), abs=1e-4)


@pytest.mark.parametrize("weight", [0.0, 0.3])
def test_with_no_ties_the_picks_are_those_of_plain_greedy(weight):
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(700, 16))  # more than one block of gains, and than one batch of stale ones
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    quality = rng.random(700)
    likeness = np.maximum(vectors @ vectors.T, 0).astype(np.float64)
    covered, chosen = np.zeros(700), []
    for _ in range(60):
        gains = (1 - weight) * np.maximum(likeness - covered, 0).mean(axis=1) + weight * quality / 60
        gains[chosen] = -np.inf
        chosen.append(int(np.argmax(gains)))
        covered = np.maximum(covered, likeness[chosen[-1]])
    assert facility_location(vectors, quality, 60, weight=weight).rows.tolist() == chosen


def test_two_topics_by_hand():
    # Three rows point east, one north. East covers 3 of 4, north the last; a second east row adds nothing.
    vectors = np.array([[0, 1], [1, 0], [1, 0], [1, 0]], dtype=np.float32)
    picks = facility_location(vectors, np.ones(4), 3, weight=0)
    assert picks.rows.tolist() == [1, 0, 2]
    assert picks.gains.tolist() == pytest.approx([3 / 4, 1 / 4, 0])


def test_quality_decides_among_rows_that_cover_alike():
    vectors = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=np.float32)
    picks = facility_location(vectors, np.array([0.2, 0.8, 1.0, 0.4]), 2)
    assert picks.rows.tolist() == [2, 1]
    # (1 - 0.3) * 2 / 4 for two of four rows covered, 0.3 * quality / 2 for quality
    assert picks.gains.tolist() == pytest.approx([0.35 + 0.15, 0.35 + 0.12])


def test_weight_one_is_quality_alone():
    quality = np.array([0.1, 0.9, 0.5])
    assert facility_location(np.eye(3, dtype=np.float32), quality, 2, weight=1).rows.tolist() == [1, 2]


def test_opposite_rows_cover_nothing_of_each_other():
    picks = facility_location(np.array([[1, 0], [-1, 0]], dtype=np.float32), np.ones(2), 2, weight=0)
    assert picks.gains.tolist() == pytest.approx([0.5, 0.5])


def test_identical_rows_wait_until_every_distinct_one_is_chosen():
    distinct = np.eye(6, dtype=np.float32)
    vectors = distinct[[0, 0, 0, 1, 1, 2, 3, 4, 5, 5]]
    rows = facility_location(vectors, np.ones(10), 8).rows
    assert len({tuple(vectors[row]) for row in rows[:6].tolist()}) == 6


@pytest.mark.parametrize("vectors", [np.ones((5, 1)), np.zeros((5, 2))], ids=["alike", "empty"])
def test_rows_that_are_all_alike_are_taken_in_their_order(vectors):
    assert facility_location(vectors.astype(np.float32), np.ones(5), 3).rows.tolist() == [0, 1, 2]


@pytest.mark.parametrize(("count", "budget", "picked"), [(1, 1, 1), (3, 3, 3), (3, 9, 3), (0, 2, 0)])
def test_never_more_than_there_are(count, budget, picked):
    picks = facility_location(np.eye(count, 3, dtype=np.float32), np.ones(count), budget)
    assert len(picks.rows) == len(picks.gains) == picked


def test_a_copy_waits_however_good_it_is():
    vectors = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    picks = facility_location(vectors, np.array([1.0, 1.0, 0.0]), 3, weight=0.9)
    assert picks.rows.tolist() == [0, 2, 1]
    assert picks.gains[2] == pytest.approx(0.9 / 3)


@pytest.fixture
def thin(monkeypatch):
    """From 600 rows on all is done by samples and cells."""
    monkeypatch.setattr(module, "_SAMPLE", 300)
    return {"witnesses": 600}


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.9])
def test_thinning_costs_little_of_the_value(thin, weight):
    vectors, quality, _ = cloud(6000, clusters=30, dimensions=24)
    exact, few = (facility_location(vectors, quality, 60, weight=weight, **more).rows for more in ({}, thin))
    assert len(set(few.tolist())) == 60
    assert value(vectors, quality, few, 60, weight) > 0.98 * value(vectors, quality, exact, 60, weight)
    plain = np.random.default_rng(0).permutation(6000)[:60]
    assert value(vectors, quality, plain, 60, weight) < 0.95 * value(vectors, quality, exact, 60, weight)


def test_quality_alone_is_exact_however_many_rows_there_are(thin):
    vectors, quality, _ = cloud(3000)
    assert facility_location(vectors, quality, 40, weight=1.0, **thin).rows.tolist() == np.argsort(-quality)[:40].tolist()


def test_thinning_finds_what_quotas_ask_for_and_knows_what_is_taken(thin):
    vectors, quality, of = cloud(4000)
    rare = np.random.default_rng(1).random(4000) < 0.02
    quotas = [Quota("quota.rare", rare, 30, 30), Quota("quota.first", of == 0, 0, 5)]
    first = np.flatnonzero(of == 1)[:2].tolist()
    picks = facility_location(vectors, quality, Budget(4000, 50, quotas=quotas, first=first), **thin)
    assert len(set(picks.rows.tolist())) == 50
    assert picks.rows[:2].tolist() == first
    assert rare[picks.rows].sum() == 30
    assert (of[picks.rows] == 0).sum() <= 5


def test_of_thousands_of_copies_one_stays_and_leaves_room_for_others(thin):
    vectors, quality, _ = cloud(4000)
    vectors[1000:] = vectors[0]
    quality[1000:] = 1.0
    rows = facility_location(vectors, quality, 100, **thin).rows
    assert len(np.unique(vectors[rows], axis=0)) == 100


def test_a_budget_of_tokens_weighs_quality_as_if_its_number_of_rows_were_known(thin):
    vectors, quality, _ = cloud(500)
    budget = Budget(500, None, costs=np.full(500, 7), tokens=7 * 20)
    assert facility_location(vectors, quality, budget).rows.tolist() == facility_location(vectors, quality, 20).rows.tolist()
