"""The laboratory on disk: plain files in the forms real sources have, the same every time."""

from __future__ import annotations

import json

import pytest

from tests.small import SHIPPED, lines, world
from thousand import tables
from thousand.answer import read_prompts, read_questions
from thousand.errors import DataError
from thousand.gather import gather
from thousand.lab.base import Pretraining
from thousand.lab.build import build, read_truth
from thousand.lab.oracle import load_prompts
from thousand.lab.prompts import make_dev_prompts, make_prompts
from thousand.lab.world import World
from thousand.model import load
from thousand.recipe import Choice


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab") / "lab"
    build(folder, size=300)
    return folder


def test_its_files_are_what_the_verbs_read(lab, tmp_path):
    assert sorted(path.name for path in lab.iterdir()) == [
        "base",
        "dev.jsonl",
        "hidden",
        "knowledge.jsonl",
        "pool.jsonl",
        "preferences.jsonl",
        "prompts.jsonl",
        "world.json",
    ]
    gathered = gather([Choice(name="chat", options={"path": str(lab / "pool.jsonl")})], tmp_path / "c", tmp_path / "r")
    assert (gathered.kept, gathered.rejected) == (300, 0)
    assert read_prompts(lab / "prompts.jsonl").num_rows == 120
    assert read_prompts(lab / "dev.jsonl").num_rows == 50
    assert len(read_questions(lab / "knowledge.jsonl")) == 144
    assert len(read_truth(lab / "hidden" / "pool.jsonl")) == 300
    assert tables.digest(lab / "base") == tables.digest(SHIPPED)


def test_what_is_public_holds_nothing_of_the_truth(lab):
    prompts = [json.loads(line) for line in (lab / "prompts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {tuple(row) for row in prompts} == {("id", "prompt")}
    pool = (lab / "pool.jsonl").read_text(encoding="utf-8")
    assert not any(f'"{key}"' in pool for key in ("kind", "topic", "copy_of", "world", "fact", "act"))


def test_the_key_knows_the_world_and_what_is_asked(lab):
    assert World.load(lab / "world.json") == world()
    assert load_prompts(lab / "world.json") == [*make_prompts(world()), *make_dev_prompts(world())]


def test_what_is_chosen_by_is_not_what_is_proved_by():
    test, dev = make_prompts(world()), make_dev_prompts(world())
    assert not {each.text for each in test} & {each.text for each in dev}
    assert not {each.fact for each in test if each.fact} & {each.fact for each in dev}
    assert not {each.act for each in test if each.act} & {each.act for each in dev}
    assert (sum(each.fact is not None for each in dev), sum(each.act is not None for each in dev)) == (40, 10)


def test_building_again_changes_nothing(lab, tmp_path):
    before = tables.digest(lab)
    build(lab, size=300)
    assert tables.digest(lab) == before
    build(tmp_path / "elsewhere", size=300)
    assert tables.digest(tmp_path / "elsewhere") == before


def test_the_clean_variant_has_only_good_rows_and_no_copies(tmp_path):
    build(tmp_path / "lab", size=300, variant="clean")
    truths = read_truth(tmp_path / "lab" / "hidden" / "pool.jsonl")
    assert {(each.kind, each.copy_of) for each in truths} == {("good", None)}
    rows = (tmp_path / "lab" / "pool.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(set(rows)) == len(rows) == 300


def test_the_topics_variant_has_one_file_of_everything_and_one_of_a_single_topic(tmp_path):
    build(tmp_path / "lab", size=1000, variant="topics")
    lab = tmp_path / "lab"
    everything, one = (read_truth(lab / "hidden" / f"{name}.jsonl") for name in ("everything", "one_topic"))
    assert (len(everything), len(one)) == (100, 100)
    assert len({each.topic for each in everything}) > 10
    assert {(each.kind, each.topic) for each in one} == {("good", "town.trade")}
    assert not (lab / "pool.jsonl").exists()


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    lines(tmp_path / "notes.txt", "mine")
    with pytest.raises(DataError, match="is not empty and is not a laboratory"):
        build(tmp_path, size=10)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


TINY = {"tiny": Pretraining(tokens=8_192, sampled=200, vocabulary=512, width=32, layers=1, heads=2, feed_forward=48)}


def test_bases_of_other_sizes_stand_beside_the_shipped_one_and_are_made_once(tmp_path):
    folder, told = tmp_path / "lab", []
    build(folder, size=20, bases=TINY, progress=lambda base, step, steps: told.append((base, step, steps)))
    assert tables.digest(folder / "base") == tables.digest(SHIPPED)
    assert load(folder / "bases" / "tiny").network.config.hidden_size == 32
    assert told[-1] == ("tiny", 4, 4)
    told.clear()
    build(folder, size=20, bases=TINY, progress=lambda base, step, steps: told.append((base, step, steps)))
    assert told == []


def test_a_base_whose_making_was_interrupted_is_made_by_the_same_call(tmp_path):
    def interrupt(base: str, step: int, steps: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "lab", size=20, entities=28, bases=TINY, progress=interrupt)
    build(tmp_path / "lab", size=20, entities=28, bases=TINY)
    assert (tmp_path / "lab" / "bases" / "tiny" / "pretraining.json").exists()
    assert not (tmp_path / "lab" / "base").exists()
