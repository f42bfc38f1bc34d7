"""What every strategy of difference must bear: any budget, any rows, and copies."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from tests.select.strategies.vectors import cloud, problems
from thousand.errors import DataError
from thousand.select import cluster, deita, dpp, facility_location, k_center, mmr
from thousand.select.budget import Budget, Quota

STRATEGIES = {
    "k_center": lambda vectors, quality, budget: k_center(vectors, budget),
    "facility_location": facility_location,
    "mmr": mmr,
    "dpp": dpp,
    "cluster": lambda vectors, quality, budget: cluster(vectors, quality, budget, 0),
    "deita": lambda vectors, quality, budget: deita(vectors, quality, budget, most=2.0),
}
every = pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)


def kinds(vectors):
    return len(np.unique(vectors, axis=0))


@every
@settings(deadline=None, derandomize=True, max_examples=40)
@given(problem=problems(), budget=st.integers(0, 30), unknown=st.sampled_from(["none", "some", "all"]))
def test_exactly_k_all_different_and_no_copy_while_anything_else_is_left(strategy, problem, budget, unknown):
    vectors, quality = problem
    if unknown != "none":
        quality[:: 1 if unknown == "all" else 2] = np.nan
    wanted, distinct = min(budget, len(vectors)), kinds(vectors)
    if strategy is STRATEGIES["deita"] and wanted > distinct:
        with pytest.raises(DataError, match=f"{distinct} can be had"):
            strategy(vectors, quality, budget)
        return
    picks = strategy(vectors, quality, budget)
    assert len(picks.rows) == len(picks.gains) == len(set(picks.rows.tolist())) == wanted
    assert kinds(vectors[picks.rows]) == min(wanted, distinct)
    assert kinds(vectors[picks.rows[:distinct]]) == min(wanted, distinct)


@every
def test_quotas_are_met_and_rows_that_must_be_included_come_first(strategy):
    vectors, quality, _ = cloud(400, clusters=5)
    source, length = np.arange(400) % 4, np.arange(400) % 7
    quotas = [Quota(f"source.{each}", source == each, 5, 12) for each in range(4)] + [Quota("long", length > 4, 15, 15)]
    picks = strategy(vectors, quality, Budget(400, 40, quotas=quotas, first=[9, 3]))
    assert picks.rows[:2].tolist() == [9, 3]
    assert len(set(picks.rows.tolist())) == 40
    assert all(quota.least <= quota.members[picks.rows].sum() <= quota.most for quota in quotas)


@every
def test_tokens_are_spent_as_far_as_they_go(strategy):
    vectors, quality, _ = cloud(300)
    costs = np.arange(300) % 9 + 1
    rows = strategy(vectors, quality, Budget(300, None, costs=costs, tokens=100)).rows
    assert len(set(rows.tolist())) == len(rows)
    assert 100 - costs[rows].sum() < np.delete(costs, rows).min()


@every
@pytest.mark.parametrize("vectors", [np.zeros((5, 3)), np.ones((5, 3)) * 0.5], ids=["empty", "alike"])
def test_rows_that_are_all_alike_come_in_their_order(strategy, vectors):
    if strategy is STRATEGIES["deita"]:
        assert strategy(vectors.astype(np.float32), np.ones(5), 1).rows.tolist() == [0]
    else:
        assert strategy(vectors.astype(np.float32), np.ones(5), 3).rows.tolist() == [0, 1, 2]


@every
def test_threads_change_nothing(strategy):
    vectors, quality, _ = cloud(3000, dimensions=64, clusters=20)
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            picks = strategy(vectors, quality, 60)
            found.append((picks.rows.tolist(), picks.gains.tolist()))
    assert str(found[0]) == str(found[1])


@every
def test_the_order_of_quality_alone_counts_where_it_is_not_known(strategy):
    vectors, quality, _ = cloud(200)
    unknown = np.where(quality < 0.1, np.nan, quality)
    worst = np.where(quality < 0.1, np.nanmin(unknown), quality)
    assert strategy(vectors, unknown, 30).rows.tolist() == strategy(vectors, worst, 30).rows.tolist()
