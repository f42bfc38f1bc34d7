from dataclasses import replace

import pyarrow as pa
import pytest

from tests.report.synthetic import RECIPE, Plan, demo, verdict
from thousand import tables
from thousand.recipe import Recipe
from thousand.recipe.margin import Margin
from thousand.report import arrays, summarise
from thousand.report.arms import results
from thousand.report.enough import curves

BUDGETS = {25: 3.2, 50: 5.0, 100: 5.4, 200: 5.4, 400: 5.4}


def family(name, strategy, ratings, role, **fields):
    return [
        Plan(f"{name}-{k}", role if k != 100 or name != "curated" else "claim", rating, strategy=strategy, examples=k, **fields)
        for k, rating in sorted(ratings.items(), key=lambda each: each[0] != 100)
    ]


def study(curated=BUDGETS, random=None, prompts=200, **changes):
    """A run of families; the synthetic arms get their family and budget, and the recipe its arms."""
    plans = [*family("curated", "facility_location", curated, "variant"), Plan("none", "base", 1.6, examples=0, steps=0)]
    arms = {f"curated-{k}": {"select": "facility_location", "budget": k, "family": "curated"} for k in curated}
    if random:
        plans += family("random", "random", random, "baseline")
        arms |= {f"random-{k}": {"select": "random", "budget": k, "family": "random"} for k in random}
    evidence = demo(plans, prompts)
    recipe = Recipe.model_validate({**RECIPE, "arms": {**arms, "none": {}}})
    placed = [replace(arm, family=arm.name.rsplit("-", 1)[0], **changes) if arm.role != "base" else arm for arm in evidence.arms]
    return replace(evidence, arms=placed, recipe=recipe)


def told(evidence, margin=0.4):
    recipe = evidence.recipe.model_copy(update={"margin": Margin(rating=margin)})
    rated, paired = arrays.rated(evidence.verdicts), arrays.paired(evidence.verdicts, evidence.claim.name)
    return curves(replace(evidence, recipe=recipe), results(evidence, rated), rated, paired)


@pytest.fixture(scope="module")
def curve():
    return told(study())[0]


def test_the_smallest_budget_that_is_enough_is_named(curve):
    assert (curve.family, curve.judge, curve.unit, curve.margin) == ("curated", "oracle", "rating", 0.4)
    assert [point.budget for point in curve.points] == [25, 50, 100, 200, 400]
    assert curve.smallest == 100
    assert curve.sentence.startswith("100 are enough: no budget tried is more than 0.4 rating points better, 95% sure. 25 ")
    assert [point.enough for point in curve.points[:2]] == [False, False]
    assert curve.points[2].arm == "curated-100"


def test_budgets_are_compared_on_the_prompts_that_all_were_judged_on():
    evidence = study(prompts=60)
    rows = [row for row in evidence.verdicts.to_pylist() if row["a"] != "curated-25" or row["prompt_id"] < "p040"]
    found = told(replace(evidence, verdicts=pa.Table.from_pylist(rows, tables.VERDICTS)))[0]
    assert {point.n for point in found.points} == {len({row["prompt_id"] for row in rows if row["a"] == "curated-25"})}
    assert any(note.startswith("The budgets are compared on the ") and note.endswith("of 60.") for note in found.notes)


def test_the_fit_lies_within_the_budgets_and_near_the_means(curve):
    assert (curve.fit.at[0], curve.fit.at[-1]) == pytest.approx((25, 400))
    assert curve.fit.off < 0.25


def test_every_family_has_a_curve_the_claims_first():
    found = told(study(random={25: 2.0, 100: 3.0}))
    assert [each.family for each in found] == ["curated", "random"]
    assert "No curve is fitted: there are fewer than four budgets." in found[1].notes


def test_too_few_prompts_cannot_tell():
    found = told(study({25: 4.6, 100: 5.0}, prompts=20))[0]
    assert found.smallest is None
    assert found.sentence.startswith("The data cannot tell how many are enough.")


def test_the_margin_is_the_recipes():
    evidence = study({50: 4.6, 100: 5.4})
    assert [told(evidence, margin)[0].smallest for margin in (0.4, 2.0)] == [100, 50]


def test_unequal_steps_are_told_and_equal_ones_are_put_beside():
    evidence = study({25: 2.0, 50: 5.0, 100: 5.4}, random={25: 5.4, 50: 5.4, 100: 5.4})
    arms = [replace(arm, steps=arm.examples) if arm.family == "curated" else arm for arm in evidence.arms]
    recipe = evidence.recipe.model_dump()
    for k in (25, 50, 100):  # the second family chooses as the first does, at an equal number of steps
        recipe["arms"][f"random-{k}"] |= {"select": "facility_location", "align": {"steps": 60}}
    curve = told(replace(evidence, arms=arms, recipe=Recipe.model_validate(recipe)))[0]
    assert "trained for 25 to 100 steps" in curve.notes[0]
    assert curve.equal_steps == "random"
    assert curve.sentence.endswith("At an equal number of steps (random, 60) 25 are enough.")


def test_a_curve_that_falls_is_told():
    curve = told(study({50: 5.0, 100: 5.4, 400: 3.5}))[0]
    assert any(note.startswith("The curve falls: 400 examples lose at least") for note in curve.notes)
    assert curve.best == 100


def test_a_failed_budget_is_left_out_and_said():
    evidence = study()
    arms = [replace(arm, failed="out of memory", answers={}) if arm.name == "curated-400" else arm for arm in evidence.arms]
    rows = [row for row in evidence.verdicts.to_pylist() if row["a"] != "curated-400"]
    curve = told(replace(evidence, arms=arms, verdicts=evidence.verdicts.from_pylist(rows, tables.VERDICTS)))[0]
    assert [point.budget for point in curve.points] == [25, 50, 100, 200]
    assert "curated-400 is not on the curve: it has no model (out of memory)." in curve.notes


def test_pairs_make_a_curve_of_net_wins_against_the_claim():
    """The claim stands at zero; a budget that loses 30 of 60 prompts and ties the others stands at -0.5."""
    evidence = study({50: 5.0, 100: 5.4}, prompts=60)
    rows = [
        verdict(
            prompt,
            "curated-100",
            seed,
            b="curated-50",
            b_seed=seed,
            order=order,
            says=("a" if order == "ab" else "b") if prompt % 2 else "tie",
        )
        for prompt in range(60)
        for seed in range(3)
        for order in ("ab",)
    ]
    curve = told(replace(evidence, verdicts=evidence.verdicts.from_pylist(rows, tables.VERDICTS)))[0]
    assert curve.unit == "net"
    assert [point.value for point in curve.points] == pytest.approx([-0.5, 0.0])
    assert (curve.smallest, curve.margin) == (100, 0.1)


def test_variants_are_part_of_the_curve_and_not_of_the_verdict():
    summary = summarise(study({50: 5.0, 100: 5.4}, prompts=60))
    assert all(each.p_holm is None for each in summary.comparisons if each.b.startswith("curated-"))
    assert "none" not in [point.arm for point in summary.curves[0].points]
    assert summary.verdict.by_judge == {"oracle": "less is more"}
