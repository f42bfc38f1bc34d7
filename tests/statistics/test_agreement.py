from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from thousand.statistics import kappa, pairwise, strict, tie_discounted, without_ties

A, T, B = 1.0, 0.0, -1.0


@pytest.mark.parametrize(("first", "second", "share"), [(A, A, 1.0), (A, T, 0.5), (T, B, 0.5), (A, B, 0.0), (T, T, 1.0)])
def test_one_item_by_the_papers_rule(first, second, share):
    assert tie_discounted(np.array([first]), np.array([second])).value == share


def test_items_that_one_did_not_judge_are_left_out():
    found = tie_discounted(np.array([A, T, np.nan, B]), np.array([A, np.nan, B, A]))
    assert (found.n, found.value) == (2, 0.5)
    nothing = tie_discounted(np.array([np.nan]), np.array([A]))
    assert (nothing.value, nothing.chance, nothing.above_chance, nothing.reason) == (None, None, None, "there is no verdict")


def test_chance_is_what_two_who_do_not_look_would_reach():
    """Half A and half B each: they meet on half of the items; half A and half ties against A alone: 3/4."""
    assert tie_discounted(np.array([A, B]), np.array([B, A])).chance == pytest.approx(0.5)
    assert tie_discounted(np.array([A, T]), np.array([A, A])).chance == pytest.approx(0.75)


@pytest.mark.parametrize(("shares", "expected", "left"), [((44, 21, 35), 0.53, 0.62), ((18, 25, 57), 0.61, 0.54)])
def test_the_papers_82_percent_is_little_above_chance(shares, expected, left):
    """With the win, tie and lose shares of LIMA's figure 1 (DaVinci003, GPT-4) as the habits of both annotators."""
    habits = np.repeat([A, T, B], shares)
    found = tie_discounted(habits, habits)
    assert found.chance == pytest.approx(expected, abs=0.005)
    assert replace(found, value=0.82).above_chance == pytest.approx(left, abs=0.005)


def test_above_chance_is_one_for_full_agreement_and_undefined_when_nothing_could_differ():
    assert tie_discounted(np.array([A, T, B]), np.array([A, T, B])).above_chance == 1
    assert tie_discounted(np.array([A, A]), np.array([A, A])).above_chance is None


@given(st.lists(st.tuples(st.sampled_from([A, T, B]), st.sampled_from([A, T, B])), min_size=1, max_size=30))
@settings(deadline=None)
def test_it_does_not_matter_who_is_first_nor_which_arm_is_a(items):
    first, second = (np.array(column) for column in zip(*items, strict=True))
    found, turned, swapped = (tie_discounted(*pair, draws=20) for pair in ((first, second), (second, first), (-first, -second)))
    assert turned.value == found.value == swapped.value
    assert 0 <= found.value <= 1


BY_HAND = np.array([A, A, B, T, T, A, np.nan, B]), np.array([A, B, B, T, A, A, A, np.nan])  # 6 items: A A, A B, B B, T T, T A, A A


@pytest.mark.parametrize(
    ("measure", "n", "value", "chance"),
    [
        (tie_discounted, 6, 4.5 / 6, (13 + 0.5 * (2 * 5 + 4 * 1)) / 36),  # ties against choices: 2 * 5 and 4 * 1
        (strict, 6, 4 / 6, (3 * 3 + 2 * 1 + 1 * 2) / 36),
        (without_ties, 4, 3 / 4, (3 * 2 + 1 * 2) / 16),
        (kappa, 6, (4 / 6 - 13 / 36) / (1 - 13 / 36), 0.0),
    ],
)
def test_six_items_by_hand(measure, n, value, chance):
    """Of six, the first says A three times, tie twice, B once; the second A three times, B twice, tie once."""
    found = measure(*BY_HAND)
    assert found.n == n
    assert found.value == pytest.approx(value)
    assert found.interval is not None
    assert found.chance == pytest.approx(chance)


@given(st.lists(st.tuples(st.sampled_from([1, 2, 3]), st.sampled_from([1, 2, 3])), min_size=2, max_size=30))
@settings(max_examples=40, deadline=None)
def test_kappa_is_cohens(items):
    first, second = (np.array(column, dtype=float) for column in zip(*items, strict=True))
    found = kappa(first, second, draws=50)
    if np.unique(np.r_[first, second]).size == 1:
        assert (found.value, found.reason) == (None, "every value is the same: nothing could differ")
    else:
        assert found.value == pytest.approx(cohen_kappa_score(first.astype(int), second.astype(int)))
        assert found.value <= 1


def test_kappa_is_one_at_full_agreement_and_about_zero_for_strangers():
    first, second = np.random.default_rng(0).choice([A, T, B], (2, 5000))
    assert kappa(first, first).value == pytest.approx(1)
    assert kappa(first, second).value == pytest.approx(0, abs=0.03)
    assert 0 in kappa(first, second).interval
    assert strict(first, second).value == pytest.approx(strict(first, second).chance, abs=0.03)


def test_items_of_one_prompt_move_together():
    generator = np.random.default_rng(0)
    first = generator.choice([A, B], 50)
    second = np.where(generator.random(50) < 0.7, first, -first)
    once, often = strict(first, second), strict(np.tile(first, (6, 1)), np.tile(second, (6, 1)))
    assert (once.value, once.n * 6) == (often.value, often.n)
    assert often.interval.width == pytest.approx(once.interval.width, rel=0.1)


def test_only_ties_leave_nothing_without_ties():
    assert without_ties(np.array([T, A]), np.array([A, T])).reason == "there is no item on which neither said tie"


def test_what_cannot_be_compared_is_an_error():
    with pytest.raises(ValueError, match="shapes"):
        strict(np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match="found 2"):
        tie_discounted(np.array([2.0]), np.array([1.0]))
    with pytest.raises(ValueError, match="found 2"):
        without_ties(np.array([2.0]), np.array([1.0]))
    with pytest.raises(ValueError, match="no categories"):
        kappa(np.arange(100.0), np.arange(100.0))


def test_each_pair_of_annotators_stands_once_and_is_found_in_either_order():
    who = {"ann": np.array([A, A, B]), "ben": np.array([A, T, B]), "cleo": np.array([np.nan, B, B])}
    found = pairwise(who, strict)
    assert found.names == ("ann", "ben", "cleo")
    assert list(found.cells) == [("ann", "ben"), ("ann", "cleo"), ("ben", "cleo")]
    assert found.between("cleo", "ann") == found.between("ann", "cleo") == strict(who["ann"], who["cleo"])
    with pytest.raises(KeyError):
        found.between("ann", "dan")
