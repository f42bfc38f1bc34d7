"""Clusters that are there are found, and exactly so with any number of threads."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from tests.select.strategies.vectors import cloud, fixed
from thousand.select import clusters as module
from thousand.select.clusters import k_means, nearest, ranked, sums


def test_each_row_goes_to_the_nearest_centre_and_of_equal_ones_to_the_first(monkeypatch):
    monkeypatch.setattr(module, "_AT_ONCE", 64)
    vectors, _, _ = cloud(200)
    centres = np.concatenate([vectors[:9], vectors[:9]])
    assert nearest(vectors, centres).tolist() == (vectors @ vectors[:9].T).argmax(axis=1).tolist()


def test_sums_are_those_of_the_members():
    vectors, _, of = cloud(5000)
    expected = [vectors[of == each].sum(axis=0, dtype=np.float64) for each in range(9)]
    assert np.array_equal(sums(vectors, of, 9), expected)
    assert not sums(vectors, of, 9)[8].any()


@pytest.mark.parametrize("seed", range(3))
def test_clusters_that_lie_apart_are_found(seed):
    vectors, _, of = cloud(3000, clusters=6, dimensions=32, spread=0.2)
    found = nearest(vectors, k_means(vectors, 6, seed))
    assert len(set(zip(of.tolist(), found.tolist(), strict=True))) == 6


def test_rounds_bring_rows_nearer_to_their_centres():
    vectors, _, _ = cloud(4000, spread=1.5)
    centres = k_means(vectors, 30, 0)
    first = vectors[np.random.default_rng(0).permutation(4000)[:30]]
    assert (vectors @ centres.T).max(axis=1).mean() > 1.1 * (vectors @ first.T).max(axis=1).mean()
    assert np.allclose(np.linalg.norm(centres, axis=1), 1, atol=0.01)


@pytest.mark.parametrize(("count", "clusters", "found"), [(0, 3, 0), (1, 3, 1), (5, 3, 1), (5, 0, 1)])
def test_no_more_centres_than_rows_that_differ(count, clusters, found):
    assert len(k_means(np.ones((count, 1), dtype=np.float32), clusters, 0)) == found


def test_threads_change_nothing():
    vectors, _, _ = cloud(6000, dimensions=64, clusters=20, spread=1.5)
    centres = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            centres.append(k_means(vectors, 50, 0))
    assert np.array_equal(*centres)


def test_rows_are_ranked_within_their_cluster_and_copies_left_out():
    cluster = np.array([1, 0, 1, 0, 1, 1])
    worth = np.array([0.1, 0.2, 0.9, 0.2, 0.9, 0.5])
    keys = np.array([1, 2, 3, 4, 3, 5], dtype=np.uint32)
    order, number = ranked(cluster, worth, np.array([0, 1, 2, 3, 4, 5]), keys)
    assert order.tolist() == [1, 3, 2, 5, 0]
    assert number.tolist() == [0, 1, 0, 1, 2]
    order, number = ranked(cluster, worth, np.array([0, 4]), keys)
    assert (order.tolist(), number.tolist()) == ([4, 0], [0, 1])


def test_fixed_vectors_stay_fixed():
    vectors = fixed(np.random.default_rng(0).normal(size=(50, 8)))
    assert not (k_means(vectors, 5, 0) * 2048 % 1).any()
