import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from thousand.statistics import holm, paired, sign_flip_test, sign_test

LIMA = [  # win and lose of 300 prompts in percent, LIMA figures 1 and 2, with the sign test's p
    (53, 26, 2e-7),  # Alpaca 65B, people
    (44, 35, 0.09),  # DaVinci003, people
    (33, 42, 0.08),  # Bard, people
    (24, 54, 4e-9),  # Claude, people
    (18, 57, 2e-15),  # GPT-4, people
    (54, 23, 8e-10),  # DaVinci003, GPT-4 as judge
]


@pytest.mark.parametrize(("win", "lose", "p"), LIMA)
def test_the_papers_table_by_the_sign_test(win, lose, p):
    assert float(f"{sign_test(3 * win, 3 * lose):.0e}") == p


@pytest.mark.parametrize(("win", "lose", "p"), LIMA)
def test_on_plain_verdicts_the_permutation_test_is_the_sign_test(win, lose, p):
    verdicts = np.repeat([1.0, -1.0, 0.0], [3 * win, 3 * lose, 300 - 3 * win - 3 * lose])
    assert sign_flip_test(verdicts) == pytest.approx(sign_test(3 * win, 3 * lose), rel=1e-9)


def test_ties_alone_test_nothing():
    assert sign_test(0, 0) is None
    assert sign_flip_test(np.zeros(10)) is None
    assert sign_flip_test(np.array([np.nan, 0.0])) is None


def test_five_wins_of_five_by_hand():
    assert sign_test(5, 0) == pytest.approx(2 / 32)


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=9))
@settings(max_examples=50, deadline=None)
def test_fractions_are_tested_exactly(ninths):
    """Against every assignment of signs, written out."""
    values = np.array(ninths) / 9
    sums = np.array([abs(np.dot(signs, ninths)) for signs in itertools.product([-1, 1], repeat=len(ninths))])
    expected = float(np.mean(sums >= abs(sum(ninths))))
    found = sign_flip_test(values)
    assert found is None if not any(ninths) else found == pytest.approx(expected)


def test_scores_without_a_common_denominator_are_tested_by_drawn_signs():
    values = np.random.default_rng(0).normal(0.25, 1, 60)
    drawn = sign_flip_test(values)
    assert drawn == sign_flip_test(values)
    assert drawn == pytest.approx(sign_flip_test(np.round(values * 50) / 50), abs=0.01)
    assert drawn == pytest.approx(sign_flip_test(-values), abs=0.01)


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_hundreds_of_scores_of_any_size_are_tested(seed):
    generator = np.random.default_rng(seed)
    a, b = generator.normal(size=(2, 500))
    p = paired(a, b, draws=20).p
    assert p == pytest.approx(2 * stats.norm.sf(abs(np.sum(a - b)) / np.sqrt(np.sum((a - b) ** 2))), abs=0.015)


def test_an_infinite_score_is_refused_by_name():
    with pytest.raises(ValueError, match="an infinite score at prompt 1"):
        sign_flip_test(np.array([1.0, -np.inf]))


def test_many_equal_fractions_are_drawn_by_their_number():
    """Too many for the exact test, which is close to normal here: z of the observed sum."""
    values = np.random.default_rng(0).choice([-1.0, -1 / 3, 1 / 3, 1.0], 9000)
    z = abs(values.sum()) / np.sqrt((values**2).sum())
    assert sign_flip_test(values) == pytest.approx(2 * stats.norm.sf(z), abs=0.012)


def test_a_drawn_p_is_never_zero():
    assert sign_flip_test(np.full(80, 0.123456789) + np.arange(80) * 1e-7, draws=1000) == pytest.approx(1 / 1001)


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_leaves_out_what_was_not_tested_and_stops_at_one():
    assert holm([0.02, None, 0.9]) == [pytest.approx(0.04), None, pytest.approx(0.9)]
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_keeps_the_order_and_never_lowers(p):
    corrected = holm(p)
    assert all(after >= before for before, after in zip(p, corrected, strict=True))
    assert [corrected[i] for i in np.argsort(p, kind="stable")] == sorted(corrected)
