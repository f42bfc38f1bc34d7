from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from tests.report.synthetic import DEMO, demo, verdict
from thousand import tables
from thousand.report import summarise

ARMS = [DEMO[0], DEMO[1], DEMO[-1]]
PROMPTS = 60


def answered(evidence, lengths):
    """The evidence with answers of these many characters, (prompts,) for each arm; every seed alike."""
    arms = []
    for arm in evidence.arms:
        rows = [
            {
                "prompt_id": f"p{prompt:03d}",
                "sample": 0,
                "prompt": "?",
                "answer": "x" * int(lengths[arm.name][prompt]),
                "stop": "end_of_turn",
                "tokens": 1,
            }
            for prompt in range(PROMPTS)
        ]
        arms.append(replace(arm, answers={seed: pa.Table.from_pylist(rows, tables.ANSWERS) for seed in arm.answers}))
    return replace(evidence, arms=arms)


def by_length(judge="longest"):
    """A run that a judge decided who counts letters, and nothing else: the claim's answers are the longer ones, but for some."""
    generator = np.random.default_rng(0)
    lengths = {
        "curated-100": generator.integers(90, 220, PROMPTS),
        "random-100": generator.integers(60, 160, PROMPTS),
        "none": generator.integers(20, 80, PROMPTS),
    }
    evidence = answered(demo(ARMS, PROMPTS), lengths)
    rows = []
    for prompt in range(PROMPTS):
        for seed in range(3):
            for b in ("random-100", "none"):
                apart = int(lengths["curated-100"][prompt]) - int(lengths[b][prompt])
                says = "tie" if abs(apart) < 10 else "a" if apart > 0 else "b"
                rows += [verdict(prompt, "curated-100", seed, judge, b=b, b_seed=seed, order=order, says=says) for order in ("ab", "ba")]
    return replace(evidence, verdicts=pa.Table.from_pylist(rows, tables.VERDICTS), judges=[judge])


@pytest.fixture(scope="module")
def letters():
    return summarise(by_length())


def test_a_judge_that_simply_prefers_length_is_warned_of_in_the_verdict_itself(letters):
    assert letters.verdict.outcome == "less is more"
    assert "But length alone may explain what longest found against" in letters.verdict.sentence
    assert letters.verdict.warnings[0].endswith("longest gave 100% of its verdicts to the longer answer.")


def test_biases_stand_for_all_arms_together_and_for_each(letters):
    assert [(each.judge, each.b, each.kind) for each in letters.biases] == [
        ("longest", None, "pair"),
        ("longest", "random-100", "pair"),
        ("longest", "none", "pair"),
    ]
    together = letters.biases[0]
    assert together.longer.value == 1.0
    assert together.flips.value == 0.0
    assert together.longer_by > 0


def test_a_rater_that_looks_at_quality_is_not_warned_of():
    """Answers of equal spread of lengths, ratings that do not look at them."""
    generator = np.random.default_rng(1)
    lengths = {arm.name: generator.integers(60, 200, PROMPTS) for arm in ARMS}
    summary = summarise(answered(demo(ARMS, PROMPTS), lengths))
    assert summary.verdict.outcome == "less is more"
    assert "But" not in summary.verdict.sentence
    own = next(each for each in summary.biases if each.b == "random-100")
    assert own.kind == "rating"
    assert own.first.reason.startswith("each answer was rated by itself")
    assert own.at_equal_length.value == pytest.approx(own.win_rate.value, abs=0.05)


def test_without_answers_length_is_unknown_and_says_so():
    evidence = by_length()
    own = summarise(replace(evidence, arms=[replace(arm, answers={}) for arm in evidence.arms])).biases[1]
    assert own.longer.value is None
    assert "lengths are not known" in own.longer.reason


def test_the_noise_of_every_arm_with_seeds_is_there():
    noise = {each.arm: each for each in summarise(demo(ARMS, PROMPTS)).noise}
    assert noise["curated-100"].seeds == 3
    assert noise["curated-100"].net.value == pytest.approx(0.0, abs=1e-9)
    low, high = noise["curated-100"].net.interval
    assert low == pytest.approx(-high)


def test_two_judges_are_compared_item_by_item():
    evidence = demo(ARMS, PROMPTS)
    rows = evidence.verdicts.to_pylist()
    twice = [*rows, *({**row, "judge": "twin"} for row in rows)]
    summary = summarise(replace(evidence, verdicts=evidence.verdicts.from_pylist(twice, tables.VERDICTS), judges=["oracle", "twin"]))
    pair = summary.agreement[0]
    assert (pair.first, pair.second) == ("oracle", "twin")
    assert (pair.tie_discounted.value, pair.kappa.value, pair.above_chance) == (1.0, 1.0, 1.0)
    assert summary.alpha.value == pytest.approx(1.0)
    assert not any("hardly agree" in each or "One judge only" in each for each in summary.verdict.warnings)


def test_one_judge_has_no_agreement():
    summary = summarise(demo(ARMS, PROMPTS))
    assert (summary.agreement, summary.alpha) == ([], None)


def test_flips_are_of_the_same_pair_of_arms():
    """One arm's verdicts all change with the order, the other's never do: of all together half flip."""
    says = {"random-100": {"ab": "a", "ba": "b"}, "none": {"ab": "a", "ba": "a"}}
    rows = [
        verdict(prompt, "curated-100", 0, "llm", b=b, b_seed=0, order=order, says=said)
        for prompt in range(20)
        for b, both in says.items()
        for order, said in both.items()
    ]
    evidence = replace(demo(ARMS, 20), verdicts=pa.Table.from_pylist(rows, tables.VERDICTS), judges=["llm"])
    flips = {each.b: each.flips.value for each in summarise(evidence).biases}
    assert flips == {None: 0.5, "random-100": 1.0, "none": 0.0}
