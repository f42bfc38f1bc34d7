import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.synthetic import DEMO, demo, verdict
from thousand import tables
from thousand.report import Summary, summarise
from thousand.report.summary import Record

GUIDE = Path(__file__).parents[2] / "docs" / "summary.md"


@pytest.fixture(scope="module")
def summary():
    return summarise(demo())


def changed(**by_role):
    """The demo with every arm of a role, or of a name, altered."""
    return [replace(plan, **by_role.get(plan.name.replace("-", "_"), by_role.get(plan.role, {}))) for plan in DEMO]


def test_the_demo_finds_that_less_is_more(summary):
    assert summary.verdict.outcome == "less is more"
    assert [arm.role for arm in summary.arms] == ["claim", *["baseline"] * 5, "guard", "base"]
    assert all(each.interval[0] > 0 for each in summary.comparisons if each.criterion == "overall" and each.b != "guard-157")
    assert all(
        each.interval[0] > 0
        for each in summary.comparisons
        if each.criterion == "correct" and each.b.startswith(("random", "longest", "all"))
    )


def test_arms_of_equal_quality_show_no_difference():
    summary = summarise(demo([replace(plan, rating=5.6) for plan in DEMO]))
    assert summary.verdict.outcome == "no difference shown"


def test_training_far_too_long_is_forgetting_and_not_quantity():
    plans = [
        replace(plan, keeps=0.2, rating=1.7) if plan.steps == 157 else plan
        for plan in DEMO
        if plan.name not in ("all-equal-steps", "random-1000")
    ]
    summary = summarise(demo(plans))
    assert summary.verdict.outcome == "cannot tell"
    assert "forgetting, not quantity" in summary.verdict.sentence
    assert all(each.void for each in summary.comparisons if each.b == "all-one-epoch")


def test_a_guard_that_falls_without_forgetting_voids_the_long_arms_only():
    plans = [replace(plan, rating=3.0) if plan.role == "guard" else plan for plan in DEMO]
    summary = summarise(demo(plans))
    assert {each.b for each in summary.comparisons if each.void} == {"all-one-epoch"}
    assert summary.verdict.outcome == "less is more"


def test_the_same_evidence_gives_the_same_json(summary):
    assert summarise(demo()).model_dump_json() == summary.model_dump_json()


def test_the_json_reads_back(summary):
    assert Summary.model_validate_json(summary.model_dump_json()) == summary


def test_cost_adds_up(summary):
    cost = summary.cost
    assert cost.seconds == pytest.approx(sum(cost.seconds_by_stage.values()))
    assert cost.tokens_generated == 31 * 100 * (6 * 3 + 2)
    assert cost.judge_calls == 100 * (6 * 3 + 2)  # one look at each answer, though it gave two criteria
    assert cost.judge_cost is None


def test_paid_judges_are_added_up():
    evidence = demo()
    rows = evidence.verdicts.slice(0, 10).to_pylist()
    paid = evidence.verdicts.from_pylist([{**row, "cost": 0.25} for row in rows], evidence.verdicts.schema)
    assert summarise(replace(evidence, verdicts=paid)).cost.judge_cost == pytest.approx(2.5)


def test_a_run_without_any_verdict_is_summed_up_all_the_same():
    evidence = demo()
    summary = summarise(replace(evidence, verdicts=evidence.verdicts.slice(0, 0)))
    assert (summary.verdict.outcome, summary.comparisons) == ("cannot tell", [])


def test_every_field_of_the_summary_is_described():
    guide = GUIDE.read_text(encoding="utf-8")
    for model in _models(Summary):
        section = re.search(rf"^## {model.__name__}$(.*?)(?=^## |\Z)", guide, re.MULTILINE | re.DOTALL)
        assert section, f"docs/summary.md has no section {model.__name__}"
        missing = [name for name in model.model_fields if f"`{name}`" not in section[1]]
        assert not missing, f"docs/summary.md does not name {missing} of {model.__name__}"


def _models(model):
    found = [model]
    for field in model.model_fields.values():
        for each in re.findall(r"thousand\.report\.(?:summary|measures)\.(\w+)", str(field.annotation)):
            kind = next(kind for kind in Record.__subclasses__() if kind.__name__ == each)
            found += [kind_found for kind_found in _models(kind) if kind_found not in found]
    return found


def test_people_who_could_not_tell_on_a_prompt_have_looked_at_it():
    """Three pairs of a prompt, one decided: half of the prompts were judged, and no more, however many rows they have."""
    evidence = demo()
    rows = [
        verdict(prompt, "curated-100", seed, "people", b="none", b_seed=seed, says="a" if seed == 0 else None)
        for prompt in range(50)
        for seed in range(3)
    ]
    rows += [verdict(50, "curated-100", 0, "people", b="none", b_seed=0, says=None)]
    told = replace(evidence, verdicts=evidence.verdicts.from_pylist(rows, tables.VERDICTS), judges=["people"])
    assert any(each.startswith("People have judged 51 of 100 prompts") for each in summarise(told).verdict.warnings)
