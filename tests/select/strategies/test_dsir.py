"""Importance weights are those of a plain loop over n-grams and of the authors' package; draws are in proportion to them."""

import itertools
import json
import re
from collections import Counter
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.select.budget import Budget, Quota
from thousand.select.strategies.dsir import dsir, log_importance

WORDS = ["the", "a", "of", "ship", "sails", "sea", "wind", "bread", "oven", "flour", "rises", "warm", ",", "."]
MANY = 1 << 18
"""Buckets enough for the few n-grams of these words to have one each."""


def texts(seed, count, words=WORDS):
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(words, rng.integers(1, 30))) for _ in range(count)]


def bag(text):
    words = re.findall(r"\w+|[^\w\s]+", text.lower())
    return [*words, *(f"{a} {b}" for a, b in itertools.pairwise(words))]


def naive(pool, wanted, smoothing, towards):
    """The log of the ratio, an n-gram at a time; nothing is hashed."""
    raw, target = (Counter(each for text in some for each in bag(text)) for some in (pool, wanted))
    size, shown = raw.total(), target.total()
    whole = shown * (1 + smoothing) if towards == "pool" else shown + smoothing * MANY

    def ratio(each):
        prior = shown * raw[each] / size if towards == "pool" else 1
        return log((target[each] + smoothing * prior) / whole + 1e-8) - log(raw[each] / size + 1e-8)

    return [sum(map(ratio, bag(text))) for text in pool]


@settings(deadline=None, derandomize=True, max_examples=15)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.5, 2.0]), st.sampled_from(["pool", "even"]))
def test_weights_are_those_of_a_plain_loop(seed, smoothing, towards):
    pool, wanted = texts(seed, 20), texts(seed + 1, 4, WORDS[:8])
    found = log_importance(pool, wanted, buckets=MANY, order=2, smoothing=smoothing, towards=towards)
    assert found == pytest.approx(naive(pool, wanted, smoothing, towards), abs=1e-8)


def test_weights_are_those_of_the_authors_package(tmp_path):
    package = pytest.importorskip("data_selection")
    pool, wanted = texts(1, 60), texts(2, 30, WORDS[:8])
    for name, some in (("pool", pool), ("wanted", wanted)):
        (tmp_path / name).write_text("".join(json.dumps({"text": text}) + "\n" for text in some))
    peer = package.HashedNgramDSIR([str(tmp_path / "pool")], [str(tmp_path / "wanted")], str(tmp_path), num_proc=1, num_buckets=MANY)
    peer.fit_importance_estimator("all")
    expected = [peer.importance_estimator(peer.featurizer(text)) for text in pool]
    found = log_importance(pool, wanted, buckets=MANY, order=2, smoothing=0.0, towards="even")
    assert found == pytest.approx(expected, abs=1e-8)


def test_rows_are_drawn_in_proportion_to_their_weight():
    pool = ["ship", "oven", "ship ship"]
    weights = np.exp(log_importance(pool, ["ship oven ship"], buckets=97, order=1, smoothing=1.0, towards="pool"))
    first = Counter(int(dsir(pool, ["ship oven ship"], 1, seed, buckets=97, order=1).rows[0]) for seed in range(2000))
    assert [first[row] / 2000 for row in range(3)] == pytest.approx(weights / weights.sum(), abs=0.04)


@pytest.mark.parametrize("towards", ["pool", "even"])
def test_rows_that_speak_as_the_examples_do_are_found(towards):
    """A tenth of the pool is about ships; eight examples are shown, which speak of other ships."""
    pool = texts(3, 360, WORDS[7:]) + texts(4, 40, WORDS[:8])
    rows = dsir(pool, texts(5, 8, WORDS[:8]), 30, 0, buckets=500, towards=towards).rows
    assert (rows >= 360).mean() > 0.8


def test_of_few_examples_the_pool_is_the_better_prior():
    """Spread over all buckets, a prior makes common words count against a row, and the shortest rows win."""
    pool = texts(6, 360, WORDS[7:]) + texts(7, 40, WORDS[:8])
    shown = texts(8, 2, WORDS[:8])
    by_pool, evenly = (dsir(pool, shown, 30, 0, towards=towards) for towards in ("pool", "even"))
    assert (by_pool.rows >= 360).mean() > 0.6
    assert (evenly.rows >= 360).mean() < 0.3


def test_a_seed_is_a_draw_and_gains_are_weights():
    pool, wanted = texts(9, 200), texts(10, 5)
    first, again, other = (dsir(pool, wanted, 20, seed) for seed in (1, 1, 2))
    assert first.rows.tolist() == again.rows.tolist() != other.rows.tolist()
    weights = log_importance(pool, wanted, buckets=10_000, order=2, smoothing=1.0, towards="pool")
    assert first.gains.tolist() == weights[first.rows].tolist()


def test_quotas_and_what_must_be_chosen_hold():
    members = np.arange(50) < 25
    rows = dsir(texts(0, 50), texts(1, 3), Budget(50, 10, quotas=[Quota("quota.first", members, 3, 3)], first=[49]), 0).rows
    assert rows[0] == 49
    assert members[rows].sum() == 3


@pytest.mark.parametrize("text", ["", "the sea"])
@pytest.mark.parametrize(("count", "k", "picked"), [(0, 2, 0), (1, 1, 1), (3, 0, 0), (3, 3, 3), (3, 9, 3)])
def test_never_more_than_there_are_whatever_they_say(count, k, picked, text):
    for smoothing in (0.0, 1.0):
        assert len(set(dsir([text] * count, [""], k, 0, smoothing=smoothing).rows.tolist())) == picked
