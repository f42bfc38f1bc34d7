from dataclasses import replace

import pyarrow as pa
import pytest

from tests.report.synthetic import DEMO, POOL, demo
from thousand import tables
from thousand.report import summarise


def warned(evidence):
    return " ".join(summarise(evidence).warnings)


def without(*names):
    return demo([plan for plan in DEMO if plan.name not in names])


def test_a_sound_run_is_warned_of_nothing():
    plans = [replace(plan, seeds=3) for plan in DEMO]
    assert summarise(demo(plans)).warnings == []


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("longest-100",), "No arm selects longest:"),
        (("random-100", "random-1000"), "No arm selects random:"),
        (("all-equal-steps", "all-one-epoch"), "No arm selects all:"),
        (("none",), "The untouched base is not among the arms"),
        (("guard-157",), "No guard for all-one-epoch"),
        (("all-one-epoch", "guard-157"), "equal steps only"),
        (("all-equal-steps", "random-1000"), "not compared at equal steps"),
    ],
)
def test_arms_that_should_always_be_there_are_missed(names, words):
    assert words in warned(without(*names))


def test_what_the_claim_selects_is_not_missed_among_the_baselines():
    roles = {"curated-100": "baseline", "longest-100": "claim"}
    plans = [replace(plan, role=roles.get(plan.name, plan.role)) for plan in DEMO]
    plans.sort(key=lambda plan: plan.role != "claim")
    assert "No arm selects" not in warned(demo(plans))


def test_a_single_random_draw_is_too_few():
    assert "random-100 is 1 random draw" in warned(demo([replace(plan, draws=1) for plan in DEMO]))


def test_seeds_that_share_a_draw_are_said():
    said = warned(demo([replace(plan, draws=2) for plan in DEMO]))
    assert "random-100 has 3 seeds of 2 draws: those of one draw share their examples" in said


def test_one_seed_is_said():
    assert "One seed of all-one-epoch:" in warned(demo())


def test_verdicts_that_are_missing_are_said():
    evidence = demo()
    rows = [row for row in evidence.verdicts.to_pylist() if row["a"] != "longest-100"]
    for row in rows:
        if row["a"] == "random-100" and row["prompt_id"] < "p020":
            row["rating"] = None
    said = warned(replace(evidence, verdicts=evidence.verdicts.from_pylist(rows, evidence.verdicts.schema)))
    assert "No verdicts by oracle on longest-100." in said
    assert "Not every prompt has a verdict by oracle for random-100: down to 80 of 100." in said


def test_data_that_may_have_fooled_us_are_said():
    assert "does not balance" in warned(demo(pool=POOL.model_copy(update={"kept": 1})))
    assert "Only 12 prompts" in warned(demo(prompts=12))
    assert "was not measured" in warned(demo(base_knowledge=None))


def test_no_judge_is_said():
    evidence = demo()
    assert "Nothing was judged" in warned(replace(evidence, judges=[], verdicts=evidence.verdicts.slice(0, 0)))


def test_examples_that_had_no_room_before_a_prompt_are_counted():
    evidence = demo()
    arm = evidence.arms[1]
    rows = [row | {"shown": 8 if i % 2 else 5} for i, row in enumerate(arm.answers[0].slice(0, 4).to_pylist())]
    tight = replace(arm, examples=8, answers={0: pa.Table.from_pylist(rows, tables.ANSWERS)})
    found = warned(replace(evidence, arms=[evidence.arms[0], tight, *evidence.arms[2:]]))
    assert f"Not all of {arm.name}'s 8 examples had room before every prompt: 6.5 on average, 5 at the fewest." in found
