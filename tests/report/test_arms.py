from dataclasses import replace

import pytest

from tests.report.synthetic import DEMO, Plan, demo
from thousand.report import summarise
from thousand.report.arms import knew, still_known


def test_an_arm_that_forgets_has_collapsed_and_one_that_slips_has_not():
    plans = [replace(DEMO[0], keeps=0.91), replace(DEMO[1], keeps=0.89), DEMO[-1]]
    claim, other, base = summarise(demo(plans)).arms
    assert not claim.collapsed
    assert other.collapsed
    assert (base.knowledge_after, base.collapsed) == (1.0, False)


def test_only_what_the_base_knew_can_be_forgotten():
    evidence = demo()
    half_known = evidence.base_knowledge.set_column(4, "known", [[i % 2 == 0 for i in range(evidence.base_knowledge.num_rows)]])
    before, known = knew(half_known)
    assert before == 0.5
    nothing_else = {0: half_known}  # knows exactly what was known: forgot nothing, though it knows but half of the questions
    assert still_known(nothing_else, known) == 1.0


def test_with_few_facts_a_slip_is_no_collapse():
    evidence = demo([DEMO[0], replace(DEMO[1], keeps=0.5), DEMO[-1]])
    few = evidence.base_knowledge.slice(0, 9)
    assert not summarise(replace(evidence, base_knowledge=few)).arms[1].collapsed


def test_knowledge_that_was_not_asked_is_null():
    evidence = demo(base_knowledge=None)
    arm = summarise(evidence).arms[0]
    assert (arm.knowledge_before, arm.knowledge_after, arm.collapsed) == (None, None, False)


def test_ratings_of_all_arms_are_by_one_judge():
    """The second judge alone rated the baseline: its rating is listed and not put beside the claim's."""
    evidence = demo([DEMO[0], Plan("other", "baseline", 3.0)])
    rows = evidence.verdicts.to_pylist()
    moved = [{**row, "judge": "people"} if row["a"] == "other" else row for row in rows]
    summary = summarise(
        replace(evidence, verdicts=evidence.verdicts.from_pylist(moved, evidence.verdicts.schema), judges=["oracle", "people"])
    )
    assert summary.arms[0].mean_rating is not None
    assert summary.arms[1].mean_rating is None
    assert summary.arms[1].ratings[0].judge == "people"


def test_an_arm_reports_its_seeds_stops_and_correctness():
    claim, *_, base = summarise(demo()).arms
    assert (claim.seeds, claim.stops, base.stops) == (3, 1.0, 0.0)
    assert claim.correct == pytest.approx(0.98, abs=0.03)
    assert claim.correct_interval[0] < claim.correct < claim.correct_interval[1]


def test_a_judge_of_whom_nothing_could_be_read_is_passed_over():
    evidence = demo()
    oracle = evidence.verdicts.to_pylist()
    rows = [{**row, "judge": "llm", "rating": None} for row in oracle] + oracle
    found = summarise(replace(evidence, verdicts=evidence.verdicts.from_pylist(rows, evidence.verdicts.schema), judges=["llm", "oracle"]))
    alone = summarise(evidence)
    assert [arm.mean_rating for arm in found.arms] == [arm.mean_rating for arm in alone.arms]
    assert [each.gained for each in found.cost.by_arm] == [each.gained for each in alone.cost.by_arm]
