import numpy as np
import pytest

from thousand.statistics import net_interval
from thousand.statistics.seeds import error, matched, of_prompts, of_seeds


def test_the_variance_over_prompts_is_the_textbook_one():
    assert of_prompts(np.array([1.0, 2.0, 3.0, np.nan])) == pytest.approx(1.0 / 3)
    assert of_prompts(np.array([1.0])) == 0.0


def test_what_seeds_add_worked_by_hand():
    """Means 1 and 3: variance 2. Left over after prompts and seeds: +-0.5 four times, 1 in all, over 1 * 1 * 2 prompts: 0.5."""
    values = np.array([[0.5, 1.5], [3.5, 2.5]])
    assert of_seeds(values) == pytest.approx((2.0 - 0.5) / 2)


def test_seeds_that_are_alike_add_nothing_on_average():
    generator = np.random.default_rng(0)
    found = [of_seeds(generator.normal(0, 1, 50) + generator.normal(0, 1, (3, 50))) for _ in range(400)]
    assert abs(np.mean(found)) < 4 * np.std(found) / 20
    assert min(found) < 0 < max(found)


def test_one_seed_adds_nothing_and_has_the_freedom_of_its_prompts():
    found = error(np.arange(10.0).reshape(1, 1, 10))
    assert found.variance == pytest.approx(np.arange(10).var(ddof=1) / 10)
    assert found.freedom == pytest.approx(9)


def test_a_table_with_hardly_a_whole_prompt_is_left_to_the_draws():
    values = np.full((2, 1, 10), np.nan)
    values[0, 0, :5], values[1, 0, 5:] = 1.0, 0.0
    assert error(values) is None
    assert net_interval(values) is not None


@pytest.mark.parametrize(("seed", "least"), [(0.0, 0.91), (0.1, 0.9)])
def test_intervals_hold_the_truth_whether_seeds_differ_or_not(seed, least):
    """300 comparisons of equal arms, three seeds, 100 prompts: at 95% the share has a standard error of 1.3 points."""
    generator = np.random.default_rng(1)
    held = 0
    for _ in range(300):
        hard = generator.normal(0, 1, 100)
        a, b = (hard + generator.normal(0, seed, (3, 1)) + generator.normal(0, 1, (3, 100)) for _ in range(2))
        difference = a[:, None] - b[None]
        held += 0.0 in net_interval(np.where(np.abs(difference) < 0.5, 0.0, np.sign(difference)), draws=600)
    assert least <= held / 300 <= 0.985


def test_pairs_of_seeds_that_meet_once_are_one_thing_that_varies():
    """As a judge of pairs sees them: seed 0 against seed 0, 1 against 1. The variance between them counts once."""
    generator = np.random.default_rng(0)
    pairs = generator.normal(0, 0.3, (5, 1, 1)) + generator.normal(0, 1, (5, 1, 80))
    grid = np.full((5, 5, 80), np.nan)
    for at in range(5):
        grid[at, at] = pairs[at, 0]
    assert np.array_equal(matched(grid), pairs)
    wide, alone = net_interval(grid), net_interval(pairs)
    assert wide.high - wide.low == pytest.approx(alone.high - alone.low, rel=0.1)
    turned = grid[:, [1, 2, 3, 4, 0]]  # the other arm's seeds under other names
    there, back = net_interval(turned), net_interval(-turned.transpose(1, 0, 2))
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-12)
    assert net_interval(grid).seeds_resampled
    grid[0, 1] = 0.0
    assert matched(grid) is grid
