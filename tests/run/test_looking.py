"""What a run will do is said before it: counted by going through its stages."""

from __future__ import annotations

from pathlib import Path

from tests.run import tiny
from tests.run.conftest import Whole
from thousand import tables
from thousand.recipe import dump
from thousand.run import prepare, run
from thousand.run.foreseen import foreseen
from thousand.run.looking import is_curated, left
from thousand.run.plan import plan
from thousand.run.run import opened
from thousand.run.units import units

MORE = tiny.ARMS | {"most": {"select": "longest", "budget": 7}}


def counted(heard: tiny.Heard, verb: str) -> int:
    return sum(name.startswith(f"{verb}: ") for name in heard.made)


def test_what_is_said_to_remain_is_what_a_run_then_does(whole: Whole, tmp_path: Path) -> None:
    recipe = tiny.recipe(whole.folder, arms=MORE, judge=["longest", {"reference": {}}])
    prepare(recipe, tmp_path)
    told = left(opened(recipe, tmp_path, whole.shared), units(recipe))
    assert {unit.arm for unit, each in told.items() if each.trains} == {"most"}  # all else is shared
    heard = tiny.Heard()
    run(tiny.recipe(whole.folder, arms=MORE), tmp_path, heard, whole.shared)
    assert counted(heard, "align") == sum(each.trains for each in told.values()) == 2
    assert counted(heard, "answer") == sum(each.asks for each in told.values()) == 2
    assert not any(each.stage for each in left(opened(recipe, tmp_path), units(recipe)).values())


def test_before_the_pool_is_curated_all_that_is_trained_remains(whole: Whole, tmp_path: Path) -> None:
    told = left(opened(whole.recipe, tmp_path, whole.shared), units(whole.recipe))
    assert {unit.arm for unit, each in told.items() if each.stage is None} == {"none"}  # asked of the base, whatever the pool
    assert sum(each.trains for each in told.values()) == 7


def test_calls_of_judges_are_those_then_made(whole: Whole, tmp_path: Path) -> None:
    told = {each.judge: each.calls for each in foreseen(whole.recipe, tmp_path)}
    verdicts = tables.read(whole.out / "verdicts.parquet")
    assert told == {"longest": verdicts.num_rows}
    assert {each.judge: each.calls for each in foreseen(whole.recipe, whole.out)} == told  # from the answers themselves


def test_a_price_is_told_from_prompts_and_the_longest_answers(whole: Whole, tmp_path: Path) -> None:
    prices = {"prompt_price": 1.0, "completion_price": 2.0, "currency": "EUR"}
    llm = {"base_url": "http://localhost:9", "model": "m", "settings": {"max_tokens": 100}, **prices}
    judges = [{"llm": llm | {"judge": "pairwise"}}, {"llm": llm | {"judge": "graded"}}]
    recipe = tiny.recipe(whole.folder, judge=judges)
    pairwise, graded = foreseen(recipe, tmp_path)
    pairs = 2 * 4  # two seeds of the claim beside each of four arms
    assert (pairwise.calls, graded.calls) == (2 * 3 * pairs, 3 * len(units(recipe)))  # three prompts, both orders
    assert pairwise.currency == "EUR" and pairwise.money > graded.money > graded.calls * 100 * 2.0 / 1e6
    assert pairwise.tokens >= pairwise.calls * (100 + 2 * recipe.answer.max_tokens)
    assert not list(tmp_path.iterdir())


def test_what_was_curated_of_another_pool_counts_for_nothing(tmp_path: Path) -> None:
    recipe = tiny.recipe(tmp_path, arms={"few": {"select": "random", "budget": 4, "source": "kept"}, "none": {}}, seeds=1)
    run(recipe, tmp_path / "out")
    work = opened(recipe, tmp_path / "out")
    assert is_curated(work)
    assert all(each.stage is None for each in left(work, units(recipe)).values())
    pool = tmp_path / "lab/pool.jsonl"
    pool.write_text("".join(pool.read_text(encoding="utf-8").splitlines(keepends=True)[:20]), encoding="utf-8")
    assert {unit.arm: each.stage for unit, each in left(opened(recipe, tmp_path / "out"), units(recipe)).items()} == {
        "few": "",
        "none": None,
    }
    run(recipe, tmp_path / "out")
    other = tiny.recipe(tmp_path, curate={"preset": "general"}, seeds=1)
    assert not is_curated(opened(other, tmp_path / "out"))
    (tmp_path / "out/recipe.yaml").write_text(dump(other), encoding="utf-8")  # as if stopped before its curation
    assert not is_curated(opened(other, tmp_path / "out"))


def test_a_budget_of_tokens_is_planned_as_about_so_many_examples(tmp_path: Path) -> None:
    recipe = tiny.recipe(tmp_path, arms={"few": {"select": "random", "tokens": 1000}, "none": {}})
    assert [each.examples for each in plan(recipe, 100_000, 50.0)] == [20, 0]
    assert [each.examples for each in plan(recipe, 7, 50.0)] == [7, 0]
