"""Ratios of bytes to compressed bytes, against whole texts compressed at once."""

import random
import string
import zlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.select.budget import Budget
from thousand.select.strategies.zip import zip as by_compression


def ratio(texts):
    data = "".join(texts).encode()
    return len(data) / len(zlib.compress(data))


def plain(texts, budget, pool, shortlist, batch):
    """The rounds of the paper, each text compressed together with all before it."""
    ratios = {row: ratio([text]) if text else np.inf for row, text in enumerate(texts)}
    chosen = []
    while len(chosen) < budget:
        left = [row for row in ratios if row not in chosen]
        some = sorted(left, key=lambda row: (ratios[row], row))[:pool]
        ratios |= {row: ratio([texts[each] for each in [*chosen, row]]) if texts[row] else np.inf for row in some}
        few = sorted(some, key=lambda row: (ratios[row], row))[:shortlist]
        this = []
        while few and len(this) < batch and len(chosen) < budget:
            row = min(few, key=lambda row: (ratio([texts[each] for each in [*this, row]]) if texts[row] else np.inf, row))
            few.remove(row)
            this.append(row)
            chosen.append(row)
    return chosen


def written(seed, count):
    """Texts of few words, all different."""
    rng = random.Random(seed)
    words = ["".join(rng.choices(string.ascii_lowercase, k=rng.randint(2, 8))) for _ in range(30)]
    return [f"{number} " + " ".join(rng.choices(words, k=rng.randint(1, 30))) for number in range(count)]


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(0, 30))
def test_it_is_the_rounds_of_the_paper(seed, count, budget):
    texts = written(seed, count)
    sizes = {"pool": 12, "shortlist": 6, "batch": 4}
    picks = by_compression(texts, budget, **sizes)
    assert picks.rows.tolist() == plain(texts, min(budget, count), **sizes)
    assert len(picks.gains) == len(picks.rows)


def test_what_repeats_is_passed_over():
    rng = random.Random(0)
    noise = ["".join(rng.choices(string.ascii_letters, k=300)) for _ in range(5)]
    same = [f"{number} " + "the same old story " * 15 for number in range(20)]
    picks = by_compression([*same, *noise], 6)
    assert set(range(20, 25)) < set(picks.rows.tolist())
    assert (picks.gains[:5] > 0.7).all()


def test_a_copy_far_back_is_a_copy():
    rng = random.Random(1)
    texts = ["".join(rng.choices(string.printable, k=3000)) for _ in range(40)]
    picks = by_compression([*texts, *texts], 45, batch=10)
    assert len({row % 40 for row in picks.rows[:40].tolist()}) == 40
    assert picks.gains[40:].tolist() == [0] * 5


def test_rows_that_must_be_included_are_compressed_first():
    noise = "".join(random.Random(2).choices(string.printable, k=2000))
    other = "".join(random.Random(3).choices(string.printable, k=1500))
    texts = [noise + "?", noise, noise + "!", other]
    assert by_compression(texts, Budget(4, 2, first=[1]), shortlist=1).rows.tolist() == [1, 3]


def test_an_empty_text_comes_last():
    assert by_compression(["", "a word", "another one"], 3).rows.tolist()[-1] == 0
