"""A budget says yes to a row exactly when what is left can still keep every promise, against every choice there is."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.errors import DataError, RecipeError
from thousand.select import Budget, Quota


@st.composite
def problems(draw):
    """A few rows, overlapping quotas over them, an order to take them in and some that must be taken."""
    count = draw(st.integers(1, 7))
    rows = draw(st.integers(0, count))
    quotas = []
    for number in range(draw(st.integers(0, 3))):
        members = np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)))
        least = draw(st.integers(0, 3))
        quotas.append(Quota(f"q{number}", members, least, draw(st.integers(least, 5))))
    order = draw(st.permutations(range(count)))
    first = draw(st.lists(st.integers(0, count - 1), unique=True, max_size=min(2, rows)))
    return count, rows, quotas, order, first


def can_end(count, rows, quotas, taken):
    """Whether any choice of so many rows holds those taken and meets the quotas."""
    return any(
        set(taken) <= set(chosen) and all(each.least <= each.members[list(chosen)].sum() <= each.most for each in quotas)
        for chosen in itertools.combinations(range(count), rows)
    )


@settings(max_examples=200, deadline=None, derandomize=True)
@given(problems())
def test_a_row_may_be_taken_exactly_when_some_choice_with_it_is_left(problem):
    count, rows, quotas, order, first = problem
    if not can_end(count, rows, quotas, first):
        with pytest.raises(DataError, match="The quotas cannot be met: q"):
            Budget(count, rows, quotas=quotas, first=first)
        return
    budget = Budget(count, rows, quotas=quotas, first=first)
    assert budget.taken == first
    for row in [*order, *order]:  # asked again, a row that was refused is refused again
        possible = row not in budget.taken and can_end(count, rows, quotas, [*budget.taken, row])
        assert budget.take(row) == possible
    assert len(budget.taken) == rows
    assert can_end(count, rows, quotas, budget.taken)
    assert budget.full
    assert budget.left == 0


@settings(max_examples=100, deadline=None, derandomize=True)
@given(problems(), st.lists(st.integers(1, 9), min_size=7, max_size=7), st.integers(1, 25))
def test_tokens_are_spent_to_the_last_row_that_fits_and_no_quota_is_exceeded(problem, costs, tokens):
    count, _, quotas, order, _ = problem
    costs = np.array(costs[:count])
    quotas = [Quota(each.name, each.members, 0, each.most) for each in quotas]
    budget = Budget(count, None, costs=costs, tokens=tokens, quotas=quotas)
    budget.walk(order)
    expected = []
    for row in order:
        chosen = [*expected, row]
        if costs[chosen].sum() <= tokens and all(each.members[chosen].sum() <= each.most for each in quotas):
            expected = chosen
    assert budget.taken == expected
    assert budget.tokens_left == tokens - costs[expected].sum()


def test_what_is_missing_is_the_least_that_would_have_to_change():
    rows = np.arange(10)
    with pytest.raises(DataError, match=r"a asks for at least 7 and 5 can be had \(2 short\)\.\n"):
        Budget(10, 8, quotas=[Quota("a", rows < 5, 7, 9), Quota("b", rows >= 5, 1, 9)])
    with pytest.raises(DataError, match=r"a allows 2 and 3 would be needed \(1 too many\)\.\n"):
        Budget(10, None, tokens=100, costs=np.full(10, 10), quotas=[Quota("a", rows < 5, 0, 2)], first=[0, 1, 2])


def test_a_budget_of_rows_is_checked_before_it_is_spent():
    with pytest.raises(DataError, match="4 rows are asked for and there are 3"):
        Budget(3, 4)
    with pytest.raises(DataError, match="3 rows must be included and the budget is 2"):
        Budget(3, 2, first=[0, 1, 2])
    with pytest.raises(RecipeError, match="neither rows nor tokens"):
        Budget(3, None)
    with pytest.raises(RecipeError, match="cannot promise a least number"):
        Budget(3, None, tokens=5, costs=np.ones(3, dtype=int), quotas=[Quota("a", np.ones(3, dtype=bool), 1, 2)])
    with pytest.raises(DataError, match="Row 2 must be included and the budget has no room"):
        Budget(3, None, tokens=5, costs=np.array([1, 2, 6]), first=[0, 2])


def test_a_number_is_a_budget_of_so_many_rows_or_all():
    assert Budget.of(3, 5).left == 3
    assert Budget.of(9, 5).left == 5
    assert Budget.of(0, 5).full
    assert Budget.of(0, 0).full
    budget = Budget(5, 2)
    assert Budget.of(budget, 5) is budget


def test_a_class_that_is_full_is_closed_at_once_and_the_rest_stays_open():
    members = np.arange(100) < 50
    budget = Budget(100, 40, quotas=[Quota("a", members, 0, 10)])
    budget.walk(range(100))
    assert members[budget.taken].sum() == 10
    assert budget.taken == [*range(10), *range(50, 80)]


@pytest.mark.parametrize("seed", range(2))
def test_many_overlapping_quotas_over_many_rows_are_met(seed):
    rng = np.random.default_rng(seed)
    count, rows = 5000, 400
    columns = [rng.integers(0, size, count) for size in (4, 3, 5)]
    quotas = [Quota(f"{i}.{value}", column == value, 60, 250) for i, column in enumerate(columns) for value in range(column.max() + 1)]
    budget = Budget(count, rows, quotas=quotas)
    budget.walk(np.lexsort(columns))  # the worst of orders: class by class
    assert len(set(budget.taken)) == rows
    assert all(quota.least <= quota.members[budget.taken].sum() <= quota.most for quota in quotas)
