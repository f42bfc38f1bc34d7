"""Units, their order, what they will take, how they are dealt to shards; and that what a run has finished stays finished."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.run import tiny
from tests.run.conftest import Whole
from thousand.errors import RecipeError
from thousand.recipe import Recipe
from thousand.run.plan import plan
from thousand.run.shards import Shard, part
from thousand.run.units import Unit, stages, units


def study(**arms: object) -> Recipe:
    plain = {"base": "b", "pool": ["x"], "prompts": {"test": "t"}, "arms": arms, "align": {"steps": 60}, "seeds": 3}
    return Recipe.model_validate(plain)


ARMS = {
    "curated": {"select": "random", "budget": [100, 25]},
    "guard": {"guard": "all", "seeds": 2},
    "all": {"select": "all", "align": {"epochs": 2}, "seeds": 1},
    "none": {"seeds": 1},
}


def test_guards_come_after_what_they_guard() -> None:
    found = units(study(**ARMS))
    assert [str(unit) for unit in found[-2:]] == ["guard, seed 0", "guard, seed 1"]
    assert len(found) == 3 + 3 + 2 + 1 + 1
    assert found.index(Unit("all", 0)) < found.index(Unit("guard", 0))


def test_what_each_arm_will_take() -> None:
    told = {each.arm: (each.kind, each.examples, each.steps, each.models, each.trained) for each in plan(study(**ARMS), 640)}
    assert told == {
        "curated-100": ("trained", 100, 60, 3, 3),
        "curated-25": ("trained", 25, 60, 3, 3),
        "guard": ("guard", 640, 2 * 640 // 32, 2, 2),
        "all": ("trained", 640, 2 * 640 // 32, 1, 1),
        "none": ("base", 0, 0, 1, 0),
    }


@pytest.mark.parametrize("of", [1, 2, 3, 7, 20])
def test_shards_have_every_unit_once_and_guards_go_with_what_they_guard(of: int) -> None:
    recipe = study(**ARMS)
    dealt = [part(recipe, Shard(number, of), 640) for number in range(1, of + 1)]
    assert sorted(str(unit) for mine in dealt for unit in mine) == sorted(map(str, units(recipe)))
    for mine in dealt:
        assert (Unit("all", 0) in mine) == (Unit("guard", 1) in mine)
        assert mine == [unit for unit in units(recipe) if unit in mine]


def test_shards_are_of_about_one_weight() -> None:
    recipe = study(a={"select": "random", "budget": [8, 7, 6, 5, 4, 3, 2, 1]}, none={})
    steps = {each.arm: each.steps for each in plan(recipe, 100)}
    loads = [sum(steps[unit.arm] for unit in part(recipe, Shard(number, 4), 100)) for number in range(1, 5)]
    assert loads == [360] * 4  # 24 trainings of 60 steps


@pytest.mark.parametrize("text", ["0/2", "3/2", "2", "1/0", "a/b", "-1/2", "1/2/3", "", "1 / 2"])
def test_what_is_no_shard_is_said(text: str) -> None:
    with pytest.raises(RecipeError, match="--shard"):
        Shard.read(text)
    assert Shard.read("2/4") == Shard(2, 4)


def test_the_number_of_stages_is_that_of_those_done(whole: Whole) -> None:
    done = [name for name in (*whole.heard.made, *whole.heard.found) if name.split(":")[0] in ("select", "reserve", "align", "answer")]
    assert len(done) == stages(whole.recipe, units(whole.recipe)) == 3 + 1 + 7 + 8


def test_what_names_a_finished_stage_does_not_change(whole: Whole) -> None:
    """A field added to a recipe must not stand in the keys of stages that do not ask for it: their work would be done again."""

    def settings(output: str) -> set[str]:
        record = json.loads((whole.out / f"{output}.manifest.json").read_text())
        return set(record["settings"]) | {f"input {name}" for name in record["inputs"]}

    seed = "arms/few-6/seed-0"
    assert settings(f"{seed}/model") == set(ALIGN.split()) | {"input selection", "input base"}
    assert settings(f"{seed}/answers.parquet") == set(ANSWER.split()) | {"input model", "input prompts"}
    assert settings("arms/few-6/selection.parquet") == set(SELECT.split()) | {"input candidates", "input ledger", "input base"}


ALIGN = (
    "epochs steps batch micro_batch learning_rate final_learning_rate beta1 beta2 weight_decay gradient_clip residual_dropout neftune "
    "loss_on max_tokens too_long template end_of_turn adapter gradient_checkpointing checkpoints keep precision seed"
)
ANSWER = "temperature top_p repetition_penalty max_tokens samples plain too_long backend seed"
SELECT = "select budget tokens quota safety include exclude strata like source quality gate sources placebo options draw"


def test_a_units_answers_and_knowledge_stand_in_its_folder(whole: Whole) -> None:
    assert set(tiny.contents(whole.out)) >= {f"arms/few-{k}/seed-{seed}/answers.parquet" for k in (6, 4) for seed in (0, 1)}
    assert not list(Path(whole.out).rglob("failed.json"))
