"""The best of each cluster, then the best of all."""

import numpy as np
import pytest

from tests.select.strategies.vectors import cloud, fixed
from thousand.select.budget import Budget, Quota
from thousand.select.strategies.cluster import cluster

EAST, NORTH, UP = np.eye(3)
TOPICS = fixed(np.concatenate([EAST + 0.1 * np.eye(3), NORTH + 0.1 * np.eye(3), UP + 0.1 * np.eye(3)]))
"""Three rows each about three directions: rows 0, 4 and 8 lie on them."""


def topics_of(picks):
    return [row // 3 for row in picks.rows.tolist()]


@pytest.mark.parametrize("seed", range(5))
def test_one_of_each_cluster_and_then_the_best(seed):
    quality = np.array([0.1, 0.2, 0.3, 0.9, 0.8, 0.7, 0.4, 0.5, 0.6])
    picks = cluster(TOPICS, quality, 5, seed, clusters=3)
    assert picks.rows.tolist() == [3, 8, 2, 4, 5]
    assert picks.gains.tolist() == quality[picks.rows].tolist()
    assert len(set(picks.strata[:3])) == 3
    assert picks.strata[3] == picks.strata[4] == picks.strata[0]
    assert cluster(TOPICS, quality, 6, seed, clusters=3, each=None).rows.tolist() == [3, 8, 2, 4, 7, 1]
    assert cluster(TOPICS, quality, 2, seed, clusters=3).rows.tolist() == [3, 8]


def test_the_nearest_to_each_centre():
    picks = cluster(TOPICS, np.arange(9.0), 3, 0, clusters=3, by="centre")
    assert set(picks.rows.tolist()) == {0, 4, 8}
    assert (picks.gains > 0.99).all()


def test_seeds_find_other_clusters_and_one_seed_the_same():
    vectors, quality, _ = cloud(2000, clusters=3, spread=2.0)
    by_seed = [cluster(vectors, quality, 100, seed, each=None).rows.tolist() for seed in (0, 0, 1)]
    assert by_seed[0] == by_seed[1] != by_seed[2]


def test_the_number_of_clusters_is_the_square_root_of_half_the_rows():
    vectors, quality, _ = cloud(800, clusters=60)
    assert len(set(cluster(vectors, quality, 800, 0).strata)) == 20


def test_copies_take_nobodys_turn():
    vectors = TOPICS[[0, 0, 0, 1, 4, 8]]
    quality = np.array([0.9, 0.9, 0.9, 0.1, 0.5, 0.6])
    assert cluster(vectors, quality, 4, 0, clusters=3, each=2).rows.tolist() == [0, 5, 4, 3]


def test_quotas_and_rows_that_must_be_included():
    quota = Quota("quota.mine", np.arange(9) % 3 == 0, 0, 1)
    picks = cluster(TOPICS, np.arange(9.0), Budget(9, 4, quotas=[quota], first=[0]), 0, clusters=3)
    assert picks.rows[0] == 0
    assert {0, 1, 2} <= set(topics_of(picks))
    assert sum(row % 3 == 0 for row in picks.rows.tolist()) == 1
