"""What is wrong with a recipe's checkpoints is said before work begins."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.small import SHIPPED, chat, laboratory, lines
from thousand.errors import RecipeError
from thousand.recipe import Choice, Recipe, load
from thousand.run import check_recipe
from thousand.run.checks import files_of

JUDGED = {"choose": "judged"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return laboratory(tmp_path_factory.mktemp("lab"))


def recipe(lab: Path, **changes: object) -> Recipe:
    plain = {
        "base": str(SHIPPED),
        "pool": [{"chat": str(lab / "pool.jsonl")}],
        "prompts": {"test": str(lab / "prompts.jsonl"), "dev": str(lines(lab / "dev.jsonl", {"prompt": "Where is it?"}))},
        "arms": {"few": {"select": "random", "budget": 5}},
        "align": JUDGED,
        "judge": ["longest"],
    }
    path = lab / "r.yaml"
    path.write_text(yaml.safe_dump(plain | changes))
    return load(path)


def test_dev_prompts_and_a_judge_are_all_that_is_needed(lab: Path) -> None:
    check_recipe(recipe(lab))
    check_recipe(recipe(lab, judge=[], align={"choose": {"by": "judged", "judge": "longest"}}))


def test_judging_needs_dev_prompts(lab: Path) -> None:
    with pytest.raises(RecipeError, match=r"arms\.few.*prompts.*\n.*dev: FILE"):
        check_recipe(recipe(lab, prompts={"test": str(lab / "prompts.jsonl")}))


def test_judging_needs_somebody_who_can_be_asked(lab: Path) -> None:
    verdicts = [{"verdicts": {"path": str(lines(lab / "people.jsonl"))}}]
    with pytest.raises(RecipeError, match="a judge that can be asked"):
        check_recipe(recipe(lab, judge=verdicts))
    check_recipe(recipe(lab, judge=[*verdicts, "longest"]))
    with pytest.raises(RecipeError, match="a judge that can be asked"):
        check_recipe(recipe(lab, align={"choose": {"by": "judged", "judge": verdicts}}))
    every = {"all": {"select": "all"}}
    with pytest.raises(RecipeError, match="rows that the arm leaves out"):
        check_recipe(recipe(lab, arms=every, align={"choose": "perplexity"}))
    check_recipe(recipe(lab, arms=every, align={"choose": "perplexity", "epochs": 1}))
    with pytest.raises(RecipeError, match="'oracle'"):
        check_recipe(recipe(lab, align={"choose": {"by": "judged", "judge": "oracle"}}))


def test_a_dev_prompt_that_is_a_test_prompt_is_refused_whatever_its_id(lab: Path) -> None:
    lines(lab / "test.jsonl", {"id": "a", "prompt": "Where is it?"})
    with pytest.raises(RecipeError, match="'Where is it\\?' is a prompt of the test, too"):
        check_recipe(recipe(lab, prompts={"test": str(lab / "test.jsonl"), "dev": str(lab / "dev.jsonl")}))


def test_a_conversation_is_the_same_prompt_when_its_turns_are(lab: Path) -> None:
    turns = chat("Hello.", "Hello.", "Where is it?")
    lines(lab / "test.jsonl", {"messages": turns})
    lines(lab / "other.jsonl", {"messages": chat("Hello!", "Hello.", "Where is it?")})
    check_recipe(recipe(lab, prompts={"test": str(lab / "test.jsonl"), "dev": str(lab / "other.jsonl")}))


def test_a_judgement_is_as_lasting_as_every_file_that_its_options_name(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "judge.yaml").write_text("reads: pair")
    options = {"files": [str(tmp_path / "a.json")], "judge": str(tmp_path / "mine"), "rubric": "word " * 500, "folder": str(tmp_path)}
    assert files_of([Choice(name="function", options=options)]) == [tmp_path / "a.json", tmp_path / "mine"]


def test_there_is_nothing_to_choose_from_without_checkpoints(lab: Path) -> None:
    with pytest.raises(RecipeError, match="needs checkpoints to choose from"):
        recipe(lab, align=JUDGED | {"checkpoints": False})
    with pytest.raises(RecipeError, match="give held_out a number"):
        recipe(lab, align={"choose": {"by": "perplexity", "held_out": 0}})
