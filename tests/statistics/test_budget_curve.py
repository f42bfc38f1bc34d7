import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from thousand.statistics import budget_curve, mean_interval

BUDGETS = (25, 50, 100, 200, 400)


def arms(means, prompts=100, seeds=3, *, hard=1.0, seed=0.0, noise=0.5, at=0):
    """A family of budgets on the same prompts."""
    generator = np.random.default_rng(at)
    prompt = generator.normal(0, hard, prompts)
    spread = [generator.normal(0, seed, (seeds, 1)) + generator.normal(0, noise, (seeds, prompts)) for _ in means]
    return [(k, mean + prompt + each) for k, mean, each in zip(BUDGETS, means, spread, strict=False)]


def test_without_noise_the_curve_is_what_it_is():
    found = budget_curve([(k, np.full((2, 10), mean)) for k, mean in zip(BUDGETS, (3.0, 5.0, 5.5, 5.6, 5.4), strict=True)], 0.2)
    assert (found.best, found.smallest, found.target) == (200, 100, None)
    assert [round(each.loss, 6) for each in found.budgets] == [2.6, 0.6, 0.1, 0.0, 0.2]
    assert [each.at_most for each in found.budgets] == pytest.approx([2.6, 0.6, 0.1, 0.0, 0.2])
    assert [each.at_least for each in found.budgets] == pytest.approx([2.6, 0.6, 0.1, 0.0, 0.2])


def test_a_plateau_is_found_where_it_begins():
    found = budget_curve(arms((3.0, 5.0, 5.6, 5.6, 5.6), prompts=400), 0.2)
    assert found.smallest == 100
    assert found.budgets[0].at_least > 2.0
    assert found.budgets[1].at_least > 0.4
    assert found.fit is not None
    assert found.fit.limit == pytest.approx(5.6, abs=0.15)


def test_few_prompts_cannot_tell_and_say_how_many_would():
    found = budget_curve(arms((4.0, 5.5, 5.5), prompts=30, seeds=1, noise=1.0, at=2), 0.2)
    assert found.smallest is None
    assert found.seeds_needed is None
    many = budget_curve(arms((4.0, 5.5, 5.5), prompts=found.prompts_needed, seeds=1, noise=1.0), 0.2)
    assert many.smallest is not None


def test_seeds_that_differ_are_asked_for_and_not_prompts():
    found = budget_curve(arms((5.0, 5.0), prompts=2000, seed=0.4, noise=0.1, at=3), 0.3)
    assert found.smallest is None
    assert found.prompts_needed is None
    assert found.seeds_needed > 3


def test_what_is_said_of_many_budgets_at_once_is_wrong_in_one_of_twenty_at_most():
    """The bound of a loss that is just beyond the margin must hold in 95% of trials; 200 of them have a standard error of 1.5 points."""
    wrong = 0
    for trial in range(200):
        curve = budget_curve(arms((4.8, 5.0, 5.0), prompts=60, noise=0.8, at=trial), 0.1999, draws=400)
        wrong += any(each.at_most < loss - 1e-9 for each, loss in zip(curve.budgets, (0.2, 0.0, 0.0), strict=True))
    assert wrong / 200 < 0.09


def test_hardness_that_all_budgets_share_costs_nothing():
    easy, hard = (budget_curve(arms((5.0, 5.0), hard=spread), 0.2) for spread in (0.0, 20.0))
    assert hard.budgets[0].at_most == pytest.approx(easy.budgets[0].at_most, rel=0.1)


def test_a_shared_arm_moves_with_its_seeds():
    """Net wins against a claim of two seeds: what its seeds differ by is the same for both budgets, and leaves."""
    generator = np.random.default_rng(0)
    claim = np.array([0.3, -0.3])[:, None, None]
    values = [(k, claim + generator.normal(0, 0.05, (2, 2, 80))) for k in (50, 100)]
    assert budget_curve(values, 0.1).smallest == 50


def test_a_budget_that_was_judged_on_the_easy_prompts_alone_is_not_the_better():
    """Both are as good on every prompt; half of the prompts are two points harder, and the smaller budget has no ratings there."""
    values = arms((4.0, 4.0), prompts=100, hard=0.0)
    for _, each in values:
        each[:, 50:] -= 2.0
    values[0][1][:, 50:] = np.nan
    found = budget_curve(values, 0.2)
    assert [each.n for each in found.budgets] == [50, 50]
    assert abs(found.budgets[0].mean - found.budgets[1].mean) < 0.2
    values[1][1][:, 1:50] = np.nan  # one prompt in common says nothing
    assert budget_curve(values, 0.2).smallest is None


def test_missing_ratings_are_left_out():
    values = arms((3.0, 5.0, 5.0), prompts=200)
    values[1][1][0, :50] = np.nan
    found = budget_curve(values, 0.3)
    assert found.smallest == 50
    assert found.budgets[1].n == 200


@pytest.mark.parametrize(
    ("values", "margin"), [([], 0.2), ([(25, np.ones((1, 5))), (25, np.ones((1, 5)))], 0.2), ([(25, np.ones((1, 5)))], 0.0)]
)
def test_what_makes_no_sense_is_refused(values, margin):
    with pytest.raises(ValueError, match="margin"):
        budget_curve(values, margin)


def test_a_budget_without_values_is_refused():
    with pytest.raises(ValueError, match="without any value"):
        budget_curve([(25, np.full((1, 5), np.nan)), (50, np.ones((1, 5)))], 0.2)


def test_one_prompt_has_means_and_no_answer():
    found = budget_curve([(25, np.ones((3, 1))), (50, np.ones((3, 1)))], 0.2)
    assert (found.smallest, found.budgets[0].interval, found.budgets[0].at_most) == (None, None, None)


@settings(max_examples=15, deadline=None)
@given(order=some.permutations(range(20)), added=some.integers(-9, 9), factor=some.sampled_from([0.5, 2.0]))
def test_neither_the_order_of_prompts_nor_the_unit_matters(order, added, factor):
    values = arms((4.0, 5.0, 5.1), prompts=20)
    one = budget_curve(values, 0.2, draws=200)
    other = budget_curve([(k, factor * (each[:, list(order)] + added)) for k, each in values], 0.2 * factor, draws=200)
    assert (other.best, other.smallest) == (one.best, one.smallest)
    for a, b in zip(one.budgets, other.budgets, strict=True):
        assert b.mean == pytest.approx(factor * (a.mean + added))
        assert b.at_most == pytest.approx(factor * a.at_most, abs=1e-9)
        assert b.at_least == pytest.approx(factor * a.at_least, abs=1e-9)


def as_pairs(seeds, prompts, budgets, generator):
    """What a judge of pairs says of each budget: the claim's seed against the same seed of it, and no other."""
    met = np.eye(seeds, dtype=bool)[:, :, None]
    drawn = (generator.choice([-1.0, 0.0, 1.0], (seeds, seeds, prompts), p=[0.3, 0.4, 0.3]) for _ in range(budgets))
    return [(10 * 2**at, np.where(met, values, np.nan)) for at, values in enumerate(drawn)]


def test_pairs_of_seeds_give_bounds_however_many_budgets_there_are():
    few, many = (budget_curve(as_pairs(2, 60, budgets, np.random.default_rng(1)), 0.3) for budgets in (3, 14))
    assert [each.interval for each in few.budgets] == [each.interval for each in many.budgets[:3]]
    assert all(each.at_most is not None for each in many.budgets)
    assert all(each.seeds == 2 for each in many.budgets)


def test_an_interval_of_the_curve_is_that_of_the_arm_alone():
    family = arms((3.0, 5.0, 5.5), prompts=80, seed=0.1)
    for (_, values), each in zip(family, budget_curve(family, 0.2).budgets, strict=True):
        alone = mean_interval(values)
        assert (each.interval.low, each.interval.high) == (alone.low, alone.high)


def test_seeds_of_the_claim_say_nothing_of_how_many_a_budget_needs():
    """Three seeds of the claim against one of each budget: what other seeds of a budget would do is not known."""
    generator = np.random.default_rng(4)
    curves = [
        budget_curve([(k, generator.normal(0, 1, (3, 1, 40)) + 0.3 * generator.normal(0, 1, (3, 1, 1))) for k in BUDGETS[:3]], 0.3)
        for _ in range(20)
    ]
    assert all(curve.seeds_needed is None for curve in curves)
    assert all(each.seeds == 1 for curve in curves for each in curve.budgets)
