"""Arms that select nothing: by prompt alone the base is asked behind the claim's first examples, by preferences it is trained on pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.run import tiny
from tests.small import lines, world
from thousand import tables
from thousand.answer import read_prompts
from thousand.errors import DataError, RecipeError
from thousand.lab.preferences import make_pairs, write_pairs
from thousand.model import load
from thousand.recipe import Recipe
from thousand.report import Summary
from thousand.run import run
from thousand.run.plan import plan

FEW = {"select": "random", "budget": 6, "source": "kept", "seeds": 1}


def arms(pairs: Path, **changes: Any) -> dict[str, Any]:
    return {"few": FEW, "shown": {"in_context": 2}, "preferred": {"preferences": str(pairs), "budget": 8, "draws": 2} | changes}


class Done(NamedTuple):
    recipe: Recipe
    out: Path
    heard: tiny.Heard
    summary: Summary


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A run in which one pair holds a prompt of the test, and one row is no pair."""
    folder = tmp_path_factory.mktemp("ways")
    recipe = tiny.recipe(folder, arms={"few": FEW})
    pairs, _ = make_pairs(world(), 0, 8)
    write_pairs(folder / "pairs.jsonl", pairs[:7])
    asked = tables.read(_prompts(recipe, folder))["messages"][0].as_py()[0]["content"]
    with (folder / "pairs.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(f'{{"prompt": "{asked}", "chosen": "This.", "rejected": "That."}}\n{{"prompt": "{asked}", "chosen": "This."}}\n')
    heard = tiny.Heard()
    recipe = tiny.recipe(folder, arms=arms(folder / "pairs.jsonl"), knowledge=str(_questions(folder)))
    return Done(recipe, folder / "out", heard, run(recipe, folder / "out", heard))


def _prompts(recipe: Recipe, folder: Path) -> Path:
    tables.write(folder / "prompts.parquet", read_prompts(Path(recipe.prompts.test)))
    return folder / "prompts.parquet"


def _questions(folder: Path) -> Path:
    return lines(folder / "questions.jsonl", {"prompt": "The bird of Hano is the", "response": "stork"})


def test_the_report_has_them_as_baselines_with_what_they_took(done: Done) -> None:
    found = {each.name: each for each in done.summary.arms}
    assert {name: (each.role, each.strategy) for name, each in found.items() if name != "few"} == {
        "shown": ("baseline", "in_context"),
        "preferred": ("baseline", "preferences"),
    }
    assert (found["shown"].examples, found["shown"].steps) == (2, 0)
    assert (found["preferred"].examples, found["preferred"].draws) == (8, 2)
    assert found["preferred"].steps == 2 + 3 * 4  # the chosen taught for two steps, then three passes over four batches of two
    assert not any(each.failed for each in done.summary.arms)
    assert {each.b for each in done.summary.comparisons} == {"shown", "preferred"}


def test_the_base_is_shown_the_claims_first_examples_by_rank(done: Done) -> None:
    few, shown = (tables.read(done.out / "arms" / name / "selection.parquet") for name in ("few", "shown"))
    assert shown["id"].to_pylist() == [each for rank, each in sorted(zip(few["rank"].to_pylist(), few["id"].to_pylist(), strict=True))[:2]]
    for seed in (0, 1):
        assert set(tables.read(done.out / f"arms/shown/seed-{seed}/answers.parquet")["shown"].to_pylist()) == {2}
    assert not (done.out / "arms/shown/seed-0/model").exists()


def test_what_is_shown_examples_knows_what_the_base_knows(done: Done) -> None:
    before = tables.read(done.out / "knowledge.parquet")["known"]
    assert tables.read(done.out / "arms/shown/seed-0/knowledge.parquet")["known"].equals(before)
    assert tables.read(done.out / "arms/preferred/seed-0/knowledge.parquet").num_rows == 1


def test_a_pair_that_holds_a_prompt_of_the_test_is_contamination_and_a_bad_row_is_kept(done: Done) -> None:
    assert done.summary.contamination.training_rows["preferred"] == 1
    [rejected] = tables.read(done.out / "arms/preferred/pairs/rejected.parquet").to_pylist()
    assert (rejected["origin"], rejected["field"]) == ("pairs.jsonl:9", "rejected")


def test_the_trained_model_stands_in_its_place_and_loads(done: Done) -> None:
    model = load(done.out / "arms/preferred/seed-1/model")
    assert model.chats


def test_a_second_run_does_nothing_again(done: Done) -> None:
    heard = tiny.Heard()
    run(done.recipe, done.out, heard)
    assert heard.made == []


def test_behind_another_introduction_it_is_asked_anew_and_no_other_arm_is(done: Done) -> None:
    folder, heard = done.out.parent, tiny.Heard()
    other = {"max_tokens": 4, "repetition_penalty": 1.0, "introduction": "Else."}
    recipe = tiny.recipe(folder, arms=arms(folder / "pairs.jsonl"), knowledge=str(folder / "questions.jsonl"), answer=other)
    run(recipe, done.out, heard)
    assert {"answer: shown, seed 0", "answer: shown, seed 1"} <= set(heard.made)
    assert set(heard.made) <= {"answer: shown, seed 0", "answer: shown, seed 1", "judge"}


def test_a_preview_counts_both_steps_of_preferences_and_no_step_of_examples(done: Done) -> None:
    told = {each.arm: (each.examples, each.steps, each.models) for each in plan(done.recipe, 60)}
    assert told["shown"] == (0, 0, 2)
    assert told["preferred"] == (8, 14, 2)
    pairs = done.out.parent / "pairs.jsonl"
    every = tiny.recipe(done.out.parent, arms=arms(pairs) | {"every": {"preferences": str(pairs)}})
    assert {each.arm: each.examples for each in plan(every, 60)}["every"] == 8


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"budget": 9}, r"arms\.preferred: budget: 9 pairs"),
        ({"align": {"adapter": {}}}, r"arms\.preferred: align\.adapter"),
        ({"preferences": "missing.jsonl"}, r"arms\.preferred: There is no file at missing"),
    ],
)
def test_what_is_wrong_is_said_before_work_begins(done: Done, tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    with pytest.raises((RecipeError, DataError), match=told):
        run(tiny.recipe(tmp_path, arms=arms(done.out.parent / "pairs.jsonl", **changes)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_more_examples_than_the_claim_has_is_an_error_of_that_arm(tmp_path: Path, done: Done) -> None:
    with pytest.raises(RecipeError, match="in_context: 7 is more than the first arm's budget of 6"):
        tiny.recipe(tmp_path, arms={"few": FEW, "shown": {"in_context": 7}})
