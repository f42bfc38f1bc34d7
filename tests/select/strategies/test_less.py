"""On the laboratory's base: three examples of a behaviour find the rows that have it, whatever they are about."""

import random

import numpy as np
import pytest
import torch

from tests.small import SHIPPED, chat, world
from thousand.errors import DataError, RecipeError
from thousand.lab.pool import make_pool
from thousand.select.budget import Budget, Quota
from thousand.select.strategies.less import less

pytest.importorskip("peft")

QUICK = {"share": 0.2, "epochs": 1, "batch": 4, "learning_rate": 1e-3, "rank": 4, "alpha": 16.0}
SHOUTED = frozenset(random.Random(0).sample(range(40), 10))


def rows(count, shouted=SHOUTED, seed=0):
    """Questions of the laboratory, all different, and good answers; some of the answers are shouted."""
    made, _ = make_pool(world(), seed, 4 * count, mix={"good": 1.0}, skewed=False)
    some = list({each.prompt: each for each in made}.values())[:count]
    return [chat(each.prompt, each.response.upper() if at in shouted else each.response) for at, each in enumerate(some)]


POOL, SHOWN = rows(40), rows(3, {0, 1, 2}, seed=8)


def worth(wanted, seed=0, **options):
    """The influence of each of six rows."""
    picks = less(POOL[:6], wanted, str(SHIPPED), 6, seed, **QUICK | options)
    return picks.gains[np.argsort(picks.rows)]


@pytest.mark.parametrize("dimensions", [None, 512])
def test_a_behaviour_shown_by_three_examples_is_found(dimensions):
    picks = less(POOL, SHOWN, str(SHIPPED), 10, 0, **QUICK, dimensions=dimensions)
    assert len(SHOUTED & set(picks.rows.tolist())) >= 7  # 2.5 by chance
    assert (np.diff(picks.gains) <= 0).all()


def test_of_two_kinds_the_one_that_is_helped_most_counts():
    two = [*SHOWN, *rows(1, set(), seed=9)]
    best = np.fmax(worth(SHOWN), worth(two[3:]))
    assert worth(two, kinds=["loud", "loud", "loud", "calm"]) == pytest.approx(best, abs=1e-5)


def test_it_is_the_same_with_any_number_of_threads_and_another_by_another_seed():
    threads, found = torch.get_num_threads(), []
    try:
        for number in (1, 2):
            torch.set_num_threads(number)
            found.append(worth(SHOWN[:1]))
    finally:
        torch.set_num_threads(threads)
    assert found[0] == pytest.approx(found[1], abs=2e-6)
    assert np.argsort(-found[0]).tolist() == np.argsort(-found[1]).tolist()
    assert np.abs(worth(SHOWN[:1], seed=1) - found[0]).max() > 1e-3


def test_rows_that_do_not_fit_come_last_and_quotas_hold():
    long = [chat("word " * 600, "Yes."), *POOL[:7]]
    members = np.arange(8) < 3
    budget = Budget(8, 8, quotas=[Quota("quota.first", members, 3, 3)], first=[7])
    picks = less(long, SHOWN, str(SHIPPED), budget, 0, **QUICK)
    assert (picks.rows[0], picks.rows[-1]) == (7, 0)
    assert np.isnan(picks.gains).tolist() == [False] * 7 + [True]


def test_rows_alike_are_taken_in_their_order():
    assert less(POOL[:1] * 5, SHOWN, str(SHIPPED), 9, 0, **QUICK).rows.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("count", "k"), [(0, 2), (4, 0)])
def test_nothing_is_asked_where_nothing_is_wanted(count, k):
    assert not len(less(POOL[:count], SHOWN, "no folder", k, 0).rows)


def test_examples_that_cannot_be_used_are_an_error():
    with pytest.raises(RecipeError, match=r"kinds: there are 2 and 3 examples are shown"):
        worth(SHOWN, kinds=["a", "b"])
    with pytest.raises(DataError, match="None of the examples shown fits"):
        worth([chat("word " * 600, "Yes.")])
