"""What `benchmarks/verdict_rule.py` simulates at length, in small: the rule's two bars."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

PATH = Path(__file__).parents[2] / "benchmarks" / "verdict_rule.py"
STUDIES = 150


@pytest.fixture(scope="module")
def rule():
    spec = importlib.util.spec_from_file_location("verdict_rule", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    module._CROWD = 40_000
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def spread(rule):
    return rule.SPREADS["as in the laboratory"]


@pytest.mark.parametrize("kind", ["near", "every"])
def test_with_no_true_difference_it_claims_one_in_a_twentieth_of_studies_at_most(rule, spread, kind):
    """One baseline as good as the claim, or all of them. Were the rate above 5% so few false claims would come by chance alone seldom."""
    found = rule.simulate(rule.worlds(0.0, spread, 60, kind), STUDIES)
    false = round(found["claims a difference"][0] * STUDIES)
    assert stats.binom.sf(false - 1, STUDIES, 0.05) > 0.01


def test_ten_points_over_300_prompts_and_three_seeds_are_found(rule, spread):
    found = rule.simulate(rule.worlds(0.1, spread, 300, "near"), STUDIES // 3)
    assert stats.binom.cdf(round(found["less is more"][0] * STUDIES // 3), STUDIES // 3, 0.8) > 0.01


def test_the_simulated_difference_is_the_one_asked_for(rule, spread):
    assert rule.true_net(rule.level_for(0.1, spread), spread) == pytest.approx(0.1, abs=0.005)
    rated = rule.study(rule.World(20_000, (0.1, 0.1, 0.1, 0.1), spread, seeds=1), np.random.default_rng(0))
    ours, theirs = rated["oracle", "overall", "claim"].values, rated["oracle", "overall", "random"].values
    assert float(np.sign(ours - theirs).mean()) == pytest.approx(0.1, abs=0.06)  # of this seed; others differ
