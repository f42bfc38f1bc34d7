from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thousand.statistics import tie_discounted

A, T, B = 1.0, 0.0, -1.0


@pytest.mark.parametrize(("first", "second", "share"), [(A, A, 1.0), (A, T, 0.5), (T, B, 0.5), (A, B, 0.0), (T, T, 1.0)])
def test_one_item_by_the_papers_rule(first, second, share):
    assert tie_discounted(np.array([first]), np.array([second])).share == share


def test_items_that_one_did_not_judge_are_left_out():
    found = tie_discounted(np.array([A, T, np.nan, B]), np.array([A, np.nan, B, A]))
    assert (found.n, found.share) == (2, 0.5)
    assert tie_discounted(np.array([np.nan]), np.array([A])) is None


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
    assert replace(found, share=0.82).above_chance == pytest.approx(left, abs=0.005)


def test_above_chance_is_one_for_full_agreement_and_undefined_when_nothing_could_differ():
    assert tie_discounted(np.array([A, T, B]), np.array([A, T, B])).above_chance == 1
    assert tie_discounted(np.array([A, A]), np.array([A, A])).above_chance is None


@given(st.lists(st.tuples(st.sampled_from([A, T, B]), st.sampled_from([A, T, B])), min_size=1, max_size=30))
def test_it_does_not_matter_who_is_first_nor_which_arm_is_a(items):
    first, second = (np.array(column) for column in zip(*items, strict=True))
    found = tie_discounted(first, second)
    assert tie_discounted(second, first).share == found.share == tie_discounted(-first, -second).share
    assert 0 <= found.share <= 1
