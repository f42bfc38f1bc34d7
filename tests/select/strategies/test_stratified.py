"""Shares are exact to the row, whatever the strata hold."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.errors import DataError, RecipeError
from thousand.select.budget import Budget, Quota
from thousand.select.strategies.stratified import stratified

LIMA = {"stem": 200, "other": 200, "wikihow": 200, "writingprompts": 150, "natural": 50, "authored": 200}


def strata(**sizes):
    return [name for name, size in sizes.items() for _ in range(size)]


def test_the_mix_of_lima():
    rows = strata(**dict.fromkeys(LIMA, 900), elsewhere=5000)
    picks = stratified(rows, 1000, 0, mix=LIMA)
    assert Counter(picks.strata) == LIMA
    assert [rows[row] for row in picks.rows] == picks.strata
    assert len(set(picks.rows.tolist())) == 1000


def test_shares_need_not_sum_to_one_and_largest_remainders_get_what_is_over():
    # 10 in proportion to 1 : 1 : 1 is 3.33 each: the first gets the one that is over. 0.6 : 0.3 : 0.1 of 11 is 6.6, 3.3, 1.1.
    rows = strata(a=50, b=50, c=50)
    assert Counter(stratified(rows, 10, 0, mix={"a": 7, "b": 7, "c": 7}).strata) == {"a": 4, "b": 3, "c": 3}
    assert Counter(stratified(rows, 11, 0, mix={"a": 0.6, "b": 0.3, "c": 0.1}).strata) == {"a": 7, "b": 3, "c": 1}


def test_a_temperature_evens_out():
    # 8 and 1000 rows: cube roots 2 and 10, so 5 and 25 of 30; in proportion 0.24 and 29.76; evenly 15 each, of which there are 8
    rows = strata(small=8, large=1000)
    assert Counter(stratified(rows, 30, 0).strata) == {"small": 5, "large": 25}
    assert Counter(stratified(rows, 30, 0, temperature=1).strata) == {"large": 30}
    assert Counter(stratified(rows, 30, 0, temperature=1e9).strata) == {"small": 8, "large": 22}


def test_what_small_strata_lack_is_shared_by_the_others_in_their_proportions():
    rows = strata(a=2, b=100, c=100)
    assert Counter(stratified(rows, 32, 0, mix={"a": 10, "b": 2, "c": 4}).strata) == {"a": 2, "b": 10, "c": 20}


def test_half_the_choice_has_the_proportions_too():
    picks = stratified(strata(a=1000, b=1000), 100, 0, mix={"a": 0.8, "b": 0.2})
    assert Counter(picks.strata[:50]) == {"a": 40, "b": 10}


def test_sources_go_by_their_form_or_file_and_may_share_a_stratum():
    rows = strata(**{"stackexchange:coffee.7z": 30, "stackexchange:tea.7z": 30, "chat:team.jsonl": 30})
    picks = stratified(rows, 9, 0, mix={"stackexchange": 2, "team.jsonl": 1})
    assert Counter(picks.strata) == {"stackexchange": 6, "team.jsonl": 3}


@pytest.mark.parametrize("count", [0, 1])
def test_few_rows(count):
    assert stratified(["a"] * count, 3, 0).rows.tolist() == list(range(count))


def test_rows_are_drawn_evenly_within_a_stratum():
    times = Counter(row for seed in range(800) for row in stratified(strata(a=10, b=4), 4, seed, temperature=1e9).rows.tolist())
    assert all(abs(times[row] - 160) < 5 * np.sqrt(800 * 0.2 * 0.8) for row in range(10))  # five standard deviations
    assert all(abs(times[row] - 400) < 5 * np.sqrt(800 * 0.5 * 0.5) for row in range(10, 14))


def test_rows_that_must_be_included_count_for_their_strata():
    rows = strata(a=50, b=50)
    picks = stratified(rows, Budget(100, 10, first=[1, 2, 3]), 0, temperature=1)
    assert picks.rows[:3].tolist() == [1, 2, 3]
    assert Counter(picks.strata) == {"a": 5, "b": 5}
    elsewhere = stratified([*rows, "c"], Budget(101, 11, first=[100]), 0, mix={"a": 1, "b": 1})
    assert Counter(elsewhere.strata) == {"": 1, "a": 5, "b": 5}


def test_what_a_quota_refuses_is_drawn_elsewhere():
    rows = strata(a=50, b=50)
    quota = Quota("quota.mine", np.arange(100) < 50, 0, 2)
    assert Counter(stratified(rows, Budget(100, 10, quotas=[quota]), 0, temperature=1).strata) == {"a": 2, "b": 8}


def test_tokens_are_spent_in_the_proportions_of_rows():
    budget = Budget(200, None, costs=np.full(200, 3), tokens=120)
    assert Counter(stratified(strata(a=100, b=100), budget, 0, mix={"a": 3, "b": 1}).strata) == {"a": 30, "b": 10}


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(0, 120), st.integers(0, 9), st.floats(0.5, 9))
def test_no_stratum_is_a_row_away_from_its_share_unless_it_has_no_more(sizes, budget, seed, temperature):
    rows = strata(**{f"s{i}": size for i, size in enumerate(sizes)})
    picks = stratified(rows, budget, seed, temperature=temperature)
    assert len(set(picks.rows.tolist())) == min(budget, len(rows))
    assert picks.rows.tolist() == stratified(rows, budget, seed, temperature=temperature).rows.tolist()
    had = np.array([Counter(picks.strata)[f"s{i}"] for i in range(len(sizes))])
    weights = np.array(sizes) ** (1 / temperature)
    short = had < sizes
    if short.any():  # those that are not used up stand in proportion to each other
        left = had[short].sum()
        assert (np.abs(had[short] - left * weights[short] / weights[short].sum()) < 1 + 1e-6).all()
        level = left / weights[short].sum()
        assert (had[~short] <= weights[~short] * level + 1 + weights[~short] * short.sum() / weights[short].sum()).all()


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"mix": {"a": 1, "d": 1}}, RecipeError, r"mix: there is no stratum 'd'\.\s+There are: a, b\."),
        ({"mix": {"a": -1, "b": 1}}, RecipeError, "mix.a: -1 is below 0"),
        ({"temperature": 0}, RecipeError, "temperature: 0 is not above 0"),
        ({"mix": {"a": 1}}, DataError, "the strata of the mix have 2 rows fewer than are asked for"),
        ({"mix": {"a": 1, "b": 0}}, DataError, "the strata of the mix have 2 rows fewer than are asked for"),
    ],
)
def test_what_makes_no_sense_is_an_error(options, error, said):
    with pytest.raises(error, match=said):
        stratified(strata(a=3, b=3), 5, 0, **options)
