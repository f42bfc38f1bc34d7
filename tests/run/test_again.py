"""A run in a directory that has been worked in: what has changed is done anew, what has not is found, and nothing is mixed up."""

import json

import pytest

from tests.run import tiny
from thousand import tables
from thousand.errors import ThousandError
from thousand.recipe import Recipe
from thousand.run import Shard, prepare, run, run_shard
from thousand.run.directory import Directory
from thousand.run.pool import gather_pool
from thousand.run.stages import Silent, Stages

FEW = {"select": "random", "budget": 4, "source": "kept"}


def test_a_judge_that_asks_the_models_is_asked_again_where_only_they_have_changed(tmp_path):
    """The likelihood of a reference is that of the model, even where its answers come out the same."""
    tiny.recipe(tmp_path)
    prompts = tmp_path / "lab/prompts.jsonl"
    rows = [json.loads(line) | {"reference": "It is red."} for line in prompts.read_text(encoding="utf-8").splitlines()]
    prompts.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    def rated(rate, out, judge):
        align = {"steps": 2, "batch": 2, "learning_rate": rate, "final_learning_rate": 3e-5, "checkpoints": False}
        answer = {"max_tokens": 1, "temperature": 0, "repetition_penalty": 1.0}
        heard = tiny.Heard()
        run(tiny.recipe(tmp_path, arms={"few": FEW, "none": {}}, seeds=1, judge=[judge], answer=answer, align=align), tmp_path / out, heard)
        rows = tables.read(tmp_path / out / "verdicts.parquet").to_pylist()
        return [row["rating"] for row in rows if row["a"] == "few"], "judge" in heard.found

    before, _ = rated(3e-4, "out", "likelihood")
    after, found = rated(4e-4, "out", "likelihood")
    assert not found
    assert after != before
    assert after == rated(4e-4, "fresh", "likelihood")[0]
    rated(4e-4, "out", "longest")
    assert rated(3e-4, "out", "longest")[1]  # who reads the answers alone is not asked again for the same ones


@pytest.mark.parametrize("other", [{"in_context": 2}, {"preferences": "pairs.jsonl"}])
def test_arms_that_choose_no_rows_do_not_keep_the_others_from_choosing(tmp_path, monkeypatch, other):
    monkeypatch.chdir(tmp_path)
    pairs = [{"prompt": f"Why {i}?", "chosen": f"Because {i}.", "rejected": "no"} for i in range(6)]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")
    found = prepare(tiny.recipe(tmp_path, arms={"few": FEW, "other": other, "none": {}}), tmp_path / "out", until="select")
    assert list(found.chosen) == ["few"]


def test_a_pool_whose_gathering_was_stopped_leaves_the_account_of_the_one_before(tmp_path):
    good = [json.dumps({"prompt": f"Why {i}?", "response": f"Because {i}."}) for i in range(5)]
    (tmp_path / "a.jsonl").write_text("\n".join([*good, '{"x": 1}']), encoding="utf-8")
    (tmp_path / "b.jsonl").write_text("\n".join([*good, *['{"x": 1}'] * 4]), encoding="utf-8")
    directory = Directory(tmp_path / "out")

    def gathered(name, listener):
        pool = [{"chat": str(tmp_path / name)}]
        recipe = Recipe.model_validate({"base": "b", "pool": pool, "prompts": {"test": "t"}, "arms": {"few": FEW}, "engine": "here"})
        facts = gather_pool(recipe, directory, Stages(listener))
        return facts["kept"], facts["rejected"], tables.count(directory.candidates), tables.count(directory.rejected)

    class Stopped(Silent):
        def advance(self, done):
            raise KeyboardInterrupt

    assert gathered("a.jsonl", Silent()) == (5, 1, 5, 1)
    with pytest.raises(KeyboardInterrupt):
        gathered("b.jsonl", Stopped())
    assert gathered("a.jsonl", Silent()) == (5, 1, 5, 1)
    assert gathered("b.jsonl", Silent()) == (5, 4, 5, 4)
    tables.write_parts(directory.rejected, [tables.read(directory.rejected).slice(0, 2)], tables.REJECTED)
    assert gathered("b.jsonl", Silent()) == (5, 4, 5, 4)  # rejections that are not those of the candidates are read anew


def test_examples_that_are_aimed_at_may_be_several_files_and_count_when_they_change(tmp_path):
    tiny.recipe(tmp_path)
    asked = [json.loads(line)["messages"][0]["content"] for line in (tmp_path / "lab/pool.jsonl").read_text(encoding="utf-8").splitlines()]
    recipe = tiny.recipe(tmp_path, arms={"few": {"select": "dsir", "budget": 3, "like": str(tmp_path / "want-*.jsonl")}})

    def chosen(wanted, out):
        (tmp_path / "want-1.jsonl").write_text(json.dumps({"prompt": wanted, "response": wanted}) + "\n", encoding="utf-8")
        return tables.read(prepare(recipe, tmp_path / out, until="select").chosen["few"])["id"].to_pylist()

    chosen(asked[0], "out")
    assert chosen(asked[7], "out") == chosen(asked[7], "fresh")


def test_a_shard_does_not_begin_beside_shards_of_another_pool(tmp_path):
    recipe = tiny.recipe(tmp_path, arms={"few": FEW, "long": {"select": "longest", "budget": 4}}, seeds=1)
    pool = tmp_path / "lab/pool.jsonl"
    whole = pool.read_text(encoding="utf-8")
    refused = []

    class Meanwhile(tiny.Heard):
        def finished(self, name, seconds, *, fresh):
            super().finished(name, seconds, fresh=fresh)
            if name == "align: few, seed 0":
                pool.write_text("".join(whole.splitlines(keepends=True)[:15]), encoding="utf-8")
                with pytest.raises(ThousandError, match="another recipe, pool, base or other prompts") as error:
                    run_shard(recipe, tmp_path / "out", Shard(2, 2))
                refused.append(error)
                pool.write_text(whole, encoding="utf-8")

    assert run_shard(recipe, tmp_path / "out", Shard(1, 1), Meanwhile()).failed == []
    assert refused
    shorter = tiny.recipe(tmp_path, arms={"few": FEW}, seeds=1)
    assert run_shard(shorter, tmp_path / "out", Shard(1, 1)).remaining == []  # when they have ended another recipe may begin


def test_a_folder_that_cannot_be_shared_stops_nothing(tmp_path):
    (tmp_path / "shared").write_text("a file", encoding="utf-8")
    heard = tiny.Heard()
    run(tiny.recipe(tmp_path, arms={"few": FEW, "none": {}}, seeds=1), tmp_path / "out", heard, shared=tmp_path / "shared")
    assert any("not shared with other runs" in each for each in heard.said)
    assert heard.fallen == []


def test_a_result_of_other_prompts_is_none_of_these(tmp_path):
    recipe = tiny.recipe(tmp_path, arms={"few": FEW, "none": {}}, seeds=1)
    run(recipe, tmp_path / "out")
    prompts = tmp_path / "lab/prompts.jsonl"
    prepare(recipe, tmp_path / "out")
    assert (tmp_path / "out/summary.json").is_file()
    prompts.write_text("".join(prompts.read_text(encoding="utf-8").splitlines(keepends=True)[:2]), encoding="utf-8")
    prepare(recipe, tmp_path / "out")
    assert not (tmp_path / "out/summary.json").is_file()


def test_rows_of_which_none_could_be_read_stand_there_with_their_reasons(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"prompt": "Why?", "response": "Because."}\n', encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"x": 1}\n' * 3, encoding="utf-8")
    directory = Directory(tmp_path / "out")

    def gathered(name):
        pool = [{"chat": str(tmp_path / name)}]
        recipe = Recipe.model_validate({"base": "b", "pool": pool, "prompts": {"test": "t"}, "arms": {"few": FEW}, "engine": "here"})
        return gather_pool(recipe, directory, Stages(Silent()))["rejected"]

    gathered("a.jsonl")
    with pytest.raises(ThousandError, match="The pool is empty"):
        gathered("b.jsonl")
    assert tables.count(directory.rejected) == 3
    assert gathered("a.jsonl") == 0 == tables.count(directory.rejected)


def test_shards_on_machines_with_other_versions_of_libraries_work_together(tmp_path, monkeypatch):
    recipe = tiny.recipe(tmp_path, arms={"few": FEW, "none": {}}, seeds=1)
    met = []

    class Meanwhile(tiny.Heard):
        def finished(self, name, seconds, *, fresh):
            super().finished(name, seconds, fresh=fresh)
            if name == "align: few, seed 0":
                monkeypatch.setattr("platform.python_version", lambda: "3.99.0")
                met.append(run_shard(recipe, tmp_path / "out", Shard(2, 2)))

    run_shard(recipe, tmp_path / "out", Shard(1, 1), Meanwhile())
    assert met[0].failed == []
