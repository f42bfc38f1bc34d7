"""Checkpoints in a run: each answers the dev prompts once, judges that rate or compare decide, one becomes the model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from safetensors.torch import load_file

from tests.small import SHIPPED, laboratory, lines
from thousand import tables
from thousand.align import epochs_in
from thousand.lab.oracle import save_prompts
from thousand.lab.prompts import make_dev_prompts, make_prompts
from thousand.lab.world import make_world
from thousand.recipe import Recipe
from thousand.run import run


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = laboratory(tmp_path_factory.mktemp("lab"))
    dev = make_dev_prompts(make_world(7))[:4]
    lines(folder / "dev.jsonl", *({"id": each.prompt_id, "prompt": each.text} for each in dev))
    save_prompts(folder / "world.json", [*make_prompts(make_world(7))[:4], *dev])
    lines(folder / "knowledge.jsonl", {"prompt": "The sky is", "response": "blue"})
    return folder


def recipe(lab: Path, choose: object) -> Recipe:
    return Recipe.model_validate(
        {
            "base": str(SHIPPED),
            "pool": [{"chat": str(lab / "pool.jsonl")}],
            "prompts": {"test": str(lab / "prompts.jsonl"), "dev": str(lab / "dev.jsonl")},
            "knowledge": str(lab / "knowledge.jsonl"),
            "arms": {"few": {"select": "random", "budget": 12, "source": "kept"}, "none": {}},
            "align": {"batch": 4, "epochs": 3, "learning_rate": 3e-4, "final_learning_rate": 3e-5, "choose": choose},
            "answer": {"max_tokens": 24, "repetition_penalty": 1.0},
            "judge": [{"function": {"call": "thousand.lab.oracle:oracle", "options": {"world": str(lab / "world.json")}}}],
            "seeds": 1,
        }
    )


@pytest.fixture(scope="module")
def done(lab: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    run(recipe(lab, "judged"), out)
    return out / "arms" / "few" / "seed-0"


def test_every_epoch_is_rated_and_the_best_is_the_model(done: Path) -> None:
    table = tables.read(done / "checkpoints.parquet").to_pylist()
    assert [each["epoch"] for each in table] == [1, 2, 3] == list(epochs_in(done / "epochs"))
    assert all(each["perplexity"] > 1 and each["known"] in (0.0, 1.0) and each["ended"] + each["limit"] == 1 for each in table)
    [kept] = [each for each in table if each["chosen"]]
    assert kept["rating"] == max(each["rating"] for each in table)
    epoch, model = (
        load_file(epochs_in(done / "epochs")[kept["epoch"]] / "model.safetensors"),
        load_file(done / "model" / "model.safetensors"),
    )
    assert all((epoch[name] == model[name]).all() for name in model)
    assert json.loads((done / "model" / "alignment.json").read_text())["recipe"]["choose"]["by"] == "judged"
    assert (done / "model" / "README.md").read_text() == (done.parents[2] / "CARD.md").read_text()
    assert not (done / "epochs" / "resume").exists()


def test_the_prompts_of_the_test_are_not_asked_for_it(done: Path, lab: Path) -> None:
    asked = {each for path in done.glob("dev/*/answers.parquet") for each in tables.read(path)["prompt_id"].to_pylist()}
    assert len(asked) == 4
    assert all(each.startswith("dev-") for each in asked)


def test_another_way_to_choose_trains_and_answers_nothing_again(done: Path, lab: Path) -> None:
    """A judge that compares holds every epoch against the last; then perplexity decides: checkpoints and answers stay."""
    before = {path: path.stat().st_mtime_ns for path in (*done.glob("epochs/*/model.safetensors"), *done.glob("dev/*/answers.parquet"))}
    assert len(before) == 6
    run(recipe(lab, {"by": "judged", "judge": "longest"}), done.parents[2])
    table = tables.read(done / "checkpoints.parquet").to_pylist()
    assert table[-1]["rating"] == 0
    assert all(-1 <= each["rating"] <= 1 for each in table)
    run(recipe(lab, "perplexity"), done.parents[2])
    table = tables.read(done / "checkpoints.parquet").to_pylist()
    [kept] = [each for each in table if each["chosen"]]
    assert kept["perplexity"] == min(each["perplexity"] for each in table)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_what_is_held_out_was_not_trained_on(lab: Path, tmp_path: Path) -> None:
    """An arm that takes every row has nothing left to be surprised by: no perplexity rather than one of what it learnt."""
    every = recipe(lab, "judged").model_dump()
    every["arms"] = {"all": {"select": "all", "source": "kept", "align": {"epochs": 1}}}
    run(Recipe.model_validate(every), tmp_path)
    [only] = tables.read(tmp_path / "arms" / "all" / "seed-0" / "checkpoints.parquet").to_pylist()
    assert only["perplexity"] is None
    assert only["chosen"]
