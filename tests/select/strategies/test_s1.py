"""No poor row and no easy one while there are others; strata evenly; the longer the likelier."""

from collections import Counter

import numpy as np
import pytest

from thousand.select.budget import Budget, Quota
from thousand.select.strategies.s1 import s1


def pool(count=90, strata=3, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "quality": rng.random(count),
        "signals": {"ifd": rng.random(count), "perplexity": rng.uniform(1, 9, count)},
        "lengths": rng.permutation(count).astype(float),
        "strata": [f"topic {row % strata}" for row in range(count)],
    }


def test_a_tenth_is_poor_and_half_of_the_others_easy():
    given = pool(100)
    good = np.argsort(given["quality"])[10:]
    hard = good[np.argsort(given["signals"]["ifd"][good])[45:]]
    assert set(s1(**given, budget=45, seed=0).rows.tolist()) == set(hard.tolist())
    by_perplexity = good[np.argsort(given["signals"]["perplexity"][good])[60:]]
    chosen = s1(**given, budget=30, seed=0, difficulty="perplexity", easy=2 / 3).rows
    assert set(chosen.tolist()) == set(by_perplexity.tolist())


def test_what_was_left_out_comes_once_nothing_else_is_left():
    given = pool(100)
    rows = s1(**given, budget=100, seed=3).rows.tolist()
    assert sorted(rows) == list(range(100))
    assert set(rows[:45]) == set(s1(**given, budget=45, seed=0).rows.tolist())


def test_what_was_not_measured_is_poor_or_easy():
    given = pool(100)
    given["quality"][[3, 4]] = np.nan
    given["signals"]["ifd"][[5, 6]] = np.nan
    assert not {3, 4, 5, 6} & set(s1(**given, budget=40, seed=1).rows.tolist())
    nothing = given | {"quality": np.full(100, np.nan)}
    assert len(s1(**nothing, budget=40, seed=1).rows) == 40


def test_strata_are_drawn_evenly_however_large_they_are():
    count = 4000
    given = pool(count) | {"strata": ["large" if row % 20 else "small" for row in range(count)]}
    picks = s1(**given, budget=120, seed=0, poor=0.0, easy=0.0)
    drawn = Counter(picks.strata)
    assert 40 < drawn["small"] < 80  # 60 expected, 5.5 the standard deviation
    assert all(given["strata"][row] == stratum for row, stratum in zip(picks.rows, picks.strata, strict=True))


def test_the_first_row_of_a_stratum_is_drawn_by_halves():
    given = pool(5, strata=1)
    by_length = np.argsort(-given["lengths"]).tolist()
    first = Counter(by_length.index(s1(**given, budget=1, seed=seed, poor=0.0, easy=0.0).rows[0]) for seed in range(3000))
    expected = 0.5 ** np.arange(5) / (0.5 ** np.arange(5)).sum()
    assert [first[rank] / 3000 for rank in range(5)] == pytest.approx(expected, abs=0.03)


def test_a_seed_is_a_draw():
    given = pool()
    first, again, other = (s1(**given, budget=20, seed=seed).rows.tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_quotas_and_what_must_be_chosen_hold():
    given = pool(60)
    members = np.arange(60) < 30
    budget = Budget(60, 20, quotas=[Quota("quota.first", members, 4, 4)], first=[59])
    rows = s1(**given, budget=budget, seed=0).rows
    assert rows[0] == 59
    assert len(set(rows.tolist())) == 20
    assert members[rows].sum() == 4


@pytest.mark.parametrize(("count", "k", "picked"), [(0, 2, 0), (1, 1, 1), (3, 0, 0), (3, 3, 3), (3, 9, 3)])
def test_never_more_than_there_are(count, k, picked):
    given = pool(count) | {"quality": np.ones(count), "signals": {"ifd": np.ones(count)}, "lengths": np.ones(count)}
    assert len(set(s1(**given, budget=k, seed=0).rows.tolist())) == picked
