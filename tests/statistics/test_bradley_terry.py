import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from thousand.statistics import bradley_terry

_ = np.nan


def two(score):
    """Two arms: the first against the second."""
    table = np.full((2, 2, len(score)), np.nan)
    table[0, 1] = score
    return table


def league(seed, strengths, prompts):
    """Every arm against every later one."""
    generator, count = np.random.default_rng(seed), len(strengths)
    table = np.full((count, count, prompts), np.nan)
    for i in range(count):
        for j in range(i + 1, count):
            table[i, j] = np.where(generator.random(prompts) < expit(strengths[i] - strengths[j]), 1.0, -1.0)
    return table


def test_two_arms_by_hand():
    """Six wins, two ties, two losses: 7 to 3."""
    found = bradley_terry(["a", "b"], two([1.0] * 6 + [0.0] * 2 + [-1.0] * 2))
    assert found.beats("a", "b") == pytest.approx(0.7)
    assert found.of("a").value == pytest.approx(math.log(7 / 3) / 2)
    assert found.of("a").value == -found.of("b").value
    assert found.of("a").interval.low < found.of("a").value < found.of("a").interval.high


def test_three_arms_meet_the_equations_of_greatest_likelihood():
    """Each arm wins as often as its strength says it should (Zermelo's condition)."""
    table = league(0, [0.5, 0.0, -0.8], 200)
    found = bradley_terry(["a", "b", "c"], table)
    for i, name in enumerate("abc"):
        expected = sum(200 * found.beats(name, other) for other in "abc" if other != name)
        won = (table[i] == 1).sum() + (table[:, i] == -1).sum()
        assert expected == pytest.approx(won, abs=1e-4)
    assert sum(each.value for each in found.estimates) == pytest.approx(0, abs=1e-9)


def test_it_recovers_strengths_and_covers_them():
    truth = np.array([1.0, 0.3, -0.2, -1.1])
    held = 0
    for seed in range(40):
        found = bradley_terry("abcd", league(seed, truth, 60), draws=300)
        held += sum(value in each.interval for value, each in zip(truth, found.estimates, strict=True))
    assert held >= 0.89 * 160


@given(st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_neither_the_names_nor_the_side_nor_the_order_of_prompts_matters(seed):
    table = league(seed, [0.6, 0.0, -0.6], 30)
    found = bradley_terry("abc", table, draws=100)
    turned = bradley_terry("abc", -table.swapaxes(0, 1)[..., np.random.default_rng(seed).permutation(30)], draws=100)
    backwards = bradley_terry("cba", table[::-1, ::-1], draws=100)
    for name in "abc":
        assert turned.of(name).value == pytest.approx(found.of(name).value, abs=1e-6)
        assert backwards.of(name).value == pytest.approx(found.of(name).value, abs=1e-6)
    assert turned.of("a").interval.low == pytest.approx(found.of("a").interval.low, abs=1e-6)


def test_orders_and_samples_of_a_prompt_are_one():
    table = league(1, [0.6, 0.0, -0.6], 40)
    often = np.repeat(table[:, :, None], 4, axis=2)
    one, other = bradley_terry("abc", table), bradley_terry("abc", often)
    assert one.of("a").value == pytest.approx(other.of("a").value)
    assert one.of("a").interval.width == pytest.approx(other.of("a").interval.width)


def test_arms_that_never_met_have_no_common_scale():
    table = np.full((4, 4, 3), np.nan)
    table[0, 1] = table[2, 3] = [1.0, -1.0, 0.0]
    found = bradley_terry("abcd", table)
    assert {each.reason for each in found.estimates} == {"no chain of comparisons joins a and c"}
    assert found.beats("a", "c") is None


def test_an_arm_that_never_lost_has_no_finite_strength():
    found = bradley_terry(["a", "b"], two([1.0, 1.0, 1.0]))
    assert found.of("a").value is None
    assert found.of("a").reason.startswith("a never lost to or tied with the other arms")
    table = league(0, [0.0, 0.0, 0.0], 30)
    table[:2, 2] = 1.0
    assert bradley_terry("abc", table).of("c").reason.startswith("a, b never lost")


def test_draws_without_a_finite_fit_cost_the_interval_not_the_value():
    found = bradley_terry(["a", "b"], two([1.0] * 9 + [-1.0]))
    assert found.beats("a", "b") == pytest.approx(0.9)
    assert found.of("a").interval is None
    assert "resampled" in found.of("a").reason


def test_other_undefined_cases_say_why():
    assert bradley_terry(["a", "b"], two([_, _])).of("a").reason == "there is no verdict"
    assert "one prompt" in bradley_terry(["a", "b"], two([0.0])).of("a").reason
    assert bradley_terry(["a", "b"], two([0.0] * 4)).of("a").value == pytest.approx(0)
    with pytest.raises(ValueError, match="3 arms"):
        bradley_terry("abc", two([1.0]))
    with pytest.raises(ValueError, match="1 arms"):
        bradley_terry("a", np.zeros((1, 1, 3)))


def test_what_an_arm_scores_against_itself_is_not_counted():
    table = two([1.0, -1.0, 1.0])
    table[0, 0] = 0.0
    assert bradley_terry("ab", table).beats("a", "b") == pytest.approx(2 / 3)
