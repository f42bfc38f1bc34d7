from dataclasses import replace

import pytest

from tests.report.synthetic import DEMO, Plan, demo, verdict
from thousand import tables
from thousand.report import summarise

ARMS = [DEMO[0], DEMO[1], DEMO[-1]]


def costs(evidence):
    return {each.arm: each for each in summarise(evidence).cost.by_arm}


def test_a_point_gained_costs_what_was_spent_over_what_was_gained():
    evidence = demo(ARMS, 40)
    arms = [
        replace(arm, seconds_by_stage={"align": 90.0, "answer": 10.0}, minutes=8.0 if arm.role == "claim" else None)
        for arm in evidence.arms
    ]
    found = costs(replace(evidence, arms=arms))
    claim = found["curated-100"]
    ratings = {arm.name: arm.mean_rating for arm in summarise(evidence).arms}
    assert claim.gained == pytest.approx(ratings["curated-100"] - ratings["none"])
    assert claim.gained_interval[0] < claim.gained < claim.gained_interval[1]
    assert sum(claim.seconds.values()) == pytest.approx(100.0)  # judging took no time here
    assert claim.seconds_per_point == pytest.approx(100 / claim.gained)
    assert claim.minutes_per_point == pytest.approx(8 / claim.gained)
    assert (claim.money_per_point, claim.reason) == (None, "")
    assert summarise(replace(evidence, arms=arms, judging_minutes=30.0)).cost.minutes == pytest.approx(38.0)


def test_where_nothing_was_gained_there_is_no_price_and_a_reason():
    found = costs(demo([DEMO[0], Plan("worse", "baseline", 1.6), DEMO[-1]], 40))
    assert found["none"].reason == "it is the untouched base"
    assert found["worse"].seconds_per_point is None
    assert "gain" in found["worse"].reason


def test_without_a_base_nothing_can_be_priced():
    assert costs(demo(ARMS[:2], 40))["curated-100"].reason == "the untouched base was not rated"


def test_a_failed_arm_has_no_price():
    evidence = demo(ARMS, 40)
    arms = [replace(arm, failed="out of memory") if arm.name == "random-100" else arm for arm in evidence.arms]
    assert costs(replace(evidence, arms=arms))["random-100"].reason == "it has no model"


def test_what_judging_a_pair_took_is_shared_by_its_arms():
    rows = [
        {**verdict(0, "curated-100", b="none", b_seed=0, order="ab", says="a"), "seconds": 3.0, "cost": 0.02},
        {**verdict(0, "curated-100", rating=5.0), "seconds": 1.0, "cost": None},
    ]
    evidence = demo(ARMS, 40)
    found = costs(replace(evidence, verdicts=evidence.verdicts.from_pylist(rows, tables.VERDICTS)))
    assert found["curated-100"].seconds["judge"] == pytest.approx(2.5)
    assert found["curated-100"].money == pytest.approx(0.01)
    assert found["none"].money == pytest.approx(0.01)
    assert found["random-100"].money is None


def test_what_people_say_together_is_no_judgement_besides():
    evidence = demo()
    rows = [
        verdict(prompt, "curated-100", 0, who, b="none", b_seed=0, says="a") for prompt in range(30) for who in ("people", "people:ann")
    ]
    told = replace(evidence, verdicts=evidence.verdicts.from_pylist(rows, tables.VERDICTS), judges=["people"])
    assert summarise(told).cost.judge_calls == 30
    imported = evidence.verdicts.from_pylist(rows[::2], tables.VERDICTS)
    assert summarise(replace(told, verdicts=imported)).cost.judge_calls == 30
