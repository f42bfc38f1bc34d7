"""Asking the base and comparing finds wrong facts without labels."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from tests.curate.signals.facts import PAIRS, pairs, pool, texts
from tests.small import shipped
from thousand.curate.signals.asked import _agreement, asked
from thousand.curate.texts import Pool


def test_the_right_fact_scores_above_a_wrong_one():
    found = pairs()
    values = asked(texts(found.prompts * 2, found.right + found.wrong), pool(), shipped())
    assert values.shape == (2 * PAIRS,)
    assert np.mean(values[:PAIRS] > values[PAIRS:]) > 0.9


def test_it_is_the_harmonic_mean_of_the_shares_of_new_words_weighed_by_rarity():
    """By hand, every word of one weight: the base adds {walnuts, figs}, the response {walnuts, rye, plums}; one is shared."""
    even = Pool(99, Counter())
    precision, recall = 1 / 3, 1 / 2
    value = _agreement(even, "What does Vel eat?", "Vel eats? walnuts, rye, plums", "walnuts, figs, what Vel eats?")
    assert value == pytest.approx(2 * (2 / 4) * (2 / 3) / (2 / 4 + 2 / 3))  # "eats" is new in both: 2 of 4 and 2 of 3
    value = _agreement(even, "What does Vel eat?", "Vel: walnuts, rye, plums", "walnuts, figs")
    assert value == pytest.approx(2 * precision * recall / (precision + recall))
    common = Pool(99, Counter({"the": 99, "walnuts": 9}))
    the, walnuts = 0.0, math.log(100 / 10)
    assert common.rarity("the") == the
    assert common.rarity("walnuts") == pytest.approx(walnuts)
    assert _agreement(common, "Food?", "the the walnuts", "the walnuts") == 1
    assert _agreement(common, "Food?", "the the", "the walnuts") == 0


def test_words_of_the_prompt_count_for_nothing():
    assert _agreement(Pool(99, Counter()), "Is it salt or wool?", "It is wool, wool or salt.", "copper") == 0


def test_it_is_null_where_the_base_adds_nothing_new():
    assert math.isnan(_agreement(Pool(99, Counter()), "Is it salt?", "Yes.", "It is salt."))
    assert math.isnan(_agreement(Pool(99, Counter()), "Is it salt?", "Yes.", ""))
    everywhere = Pool(9, Counter({"yes": 9}))  # a word that every response has says nothing
    assert math.isnan(_agreement(everywhere, "Is it salt?", "No.", "Yes."))
    values = asked(texts(["Is it so?"], ["Yes."]), pool(), shipped(), form="{prompt}", max_tokens=1)
    assert values.shape == (1,)


def test_each_prompt_is_judged_alike_whatever_stands_beside_it():
    found = pairs()
    together = asked(texts(found.prompts[:10], found.right[:10]), pool(), shipped())
    alone = [asked(texts([p], [r]), pool(), shipped())[0] for p, r in zip(found.prompts[:10], found.right[:10], strict=True)]
    assert together.tolist() == alone
