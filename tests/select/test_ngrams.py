"""N-grams of many texts at once are those of each text by itself."""

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.select import ngrams
from thousand.select.ngrams import hashed

TEXTS = st.lists(st.text(alphabet="aAb .,!é\n", max_size=30), max_size=12)
MANY = 1 << 40  # buckets enough that no two n-grams share one


def runs(text, order):
    words = re.findall(r"\w+|[^\w\s]+", text.lower())
    return [tuple(words[at : at + n]) for n in range(1, order + 1) for at in range(len(words) - n + 1)]


@settings(deadline=None, derandomize=True)
@given(TEXTS, st.integers(1, 4))
def test_each_run_of_words_has_a_bucket_and_no_other_run_has_it(texts, order):
    found = hashed(texts, buckets=MANY, order=order)
    ends = np.cumsum(found.words)
    of_run: dict[tuple[str, ...], int] = {}
    for text, end, size in zip(texts, ends, found.words, strict=True):
        here = found.of[:, end - size : end]
        buckets = [int(each) for n, row in enumerate(here) for each in row[: max(size - n, 0)]]
        assert (here == MANY).sum() == sum(min(n, size) for n in range(order))
        assert len(buckets) == len(runs(text, order))
        for run, bucket in zip(runs(text, order), buckets, strict=True):
            assert of_run.setdefault(run, bucket) == bucket
    assert len(set(of_run.values())) == len(of_run)


@settings(deadline=None, derandomize=True)
@given(TEXTS)
def test_counts_and_sums_are_those_of_a_plain_loop(texts):
    whole = hashed(texts, buckets=50)
    values = np.random.default_rng(0).random(50)
    counts = np.zeros(50, dtype=int)
    for at, text in enumerate(texts):
        own = hashed([text], buckets=50)
        each = own.of[own.of < 50]
        counts += np.bincount(each, minlength=50)
        assert whole.sums(values)[at] == pytest.approx(values[each].sum())
    assert whole.counts().tolist() == counts.tolist()


def test_many_texts_are_taken_in_blocks(monkeypatch):
    texts = [f"some words {i % 7} here" * (i % 5) for i in range(40)]
    whole, values = hashed(texts, buckets=1000), np.random.default_rng(0).random(1000)
    sums = whole.sums(values)
    monkeypatch.setattr(ngrams, "_BLOCK", 3)
    parts = hashed(texts, buckets=1000)
    assert (parts.of == whole.of).all()
    assert parts.sums(values).tolist() == sums.tolist()


def test_few_buckets_take_two_bytes():
    assert hashed(["a b"], buckets=10_000).of.dtype == np.uint16
    assert hashed(["a b"], buckets=70_000).of.dtype == np.uint32


def test_the_hash_is_the_same_for_ever():
    assert hashed(["The cat sat."], buckets=10_000).of.tolist() == [[9790, 1939, 9063, 5280], [6961, 880, 5443, 10_000]]


def test_buckets_are_filled_evenly():
    words = [f"word{i}" for i in range(20_000)]
    counts = hashed(words, buckets=100, order=1).counts()
    assert ((counts - 200) ** 2 / 200).sum() == pytest.approx(100, abs=45)  # chi-squared of 99 degrees: 3 standard deviations
    pairs = Counter((hashed([" ".join(words)], buckets=100).of[1, :-1] % 100).tolist())
    assert sum((pairs[bucket] - 200) ** 2 / 200 for bucket in range(100)) == pytest.approx(100, abs=45)
