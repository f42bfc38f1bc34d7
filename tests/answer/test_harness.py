"""Tasks of the evaluation harness that lie on this machine: asked offline, told as questions of knowledge, checked before work begins."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.answer.test_knowledge import FACTS, multiple
from tests.small import lines, shipped
from thousand import tables
from thousand.answer import check_harness, harness, knowledge
from thousand.errors import RecipeError
from thousand.recipe import Harness, Recipe

installed = importlib.util.find_spec("lm_eval") is not None
needs_it = pytest.mark.skipif(not installed, reason="the evaluation harness is not installed: pip install 'thousand[harness]'")


def task(folder: Path, *, name: str = "towns", data: str | None = None, metric: str = "acc_norm") -> Path:
    """A task of questions with choices, and its data beside it."""
    questions = [multiple(fact, i % 4) for i, fact in enumerate(FACTS)]
    rows = [{"start": each.question, "choices": list(each.choices), "answer": each.answer} for each in questions]
    path = lines(folder / f"{name}.jsonl", *rows)
    metrics = "".join(f"  - {{metric: {each}, aggregation: mean, higher_is_better: true}}\n" for each in ("acc", metric))
    (folder / f"{name}.yaml").write_text(
        f"task: {name}\ndataset_path: json\ndataset_kwargs: {{data_files: {{test: {data or path}}}}}\ntest_split: test\n"
        'output_type: multiple_choice\ndoc_to_text: "{{start}}"\ndoc_to_choice: "{{choices}}"\ndoc_to_target: answer\n'
        f"metric_list:\n{metrics}",
        encoding="utf-8",
    )
    return folder


@needs_it
def test_a_task_on_this_machine_is_asked_and_says_what_our_own_scoring_says(tmp_path):
    table = harness(shipped(), Harness(tasks=("towns",), include_path=str(task(tmp_path))))
    assert table.schema.equals(tables.KNOWLEDGE)
    own = knowledge(shipped(), [multiple(fact, i % 4) for i, fact in enumerate(FACTS)])
    for name in ("question", "expected", "known"):
        assert table[name].to_pylist() == own[name].to_pylist()
    assert set(table["form"].to_pylist()) == {"harness: towns"}
    assert len(set(table["question_id"].to_pylist())) == len(FACTS)


@needs_it
def test_a_limit_asks_the_first_questions(tmp_path):
    assert harness(shipped(), Harness(tasks=("towns",), include_path=str(task(tmp_path)), limit=2)).num_rows == 2


@needs_it
def test_what_is_asked_is_known_by_its_content(tmp_path):
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    first, same, other = (
        check_harness(Harness(tasks=("towns",), include_path=str(folder), limit=limit))
        for folder, limit in ((task(tmp_path / "a"), None), (task(tmp_path / "a"), 5), (task(tmp_path / "b", metric="exact_match"), None))
    )
    assert first == same
    assert first[0] == {"towns": "acc_norm"}
    assert other[0] == {"towns": "acc"}
    assert other[1] != first[1]


@needs_it
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"tasks": ["toons"]}, "'toons' cannot be loaded"),
        ({"tasks": ["lost"]}, "'lost' cannot be loaded"),
        ({"tasks": ["empty"]}, "'empty'"),
    ],
)
def test_a_task_or_data_that_are_not_here_are_an_error_before_any_work(tmp_path, settings, said):
    task(tmp_path, name="lost", data=str(tmp_path / "gone.jsonl"))
    task(tmp_path, name="empty", data=str(tmp_path / "nothing.jsonl"))
    (tmp_path / "nothing.jsonl").touch()
    with pytest.raises(RecipeError, match=said):
        check_harness(Harness(include_path=str(tmp_path), **settings))


@pytest.mark.skipif(installed, reason="the evaluation harness is installed")
def test_without_the_extra_the_error_says_how_to_get_it(tmp_path):
    with pytest.raises(RecipeError, match=r"not installed.*\n.*pip install 'thousand\[harness\]'"):
        check_harness(Harness(tasks=("towns",), include_path=str(tmp_path)))


def test_a_recipe_names_a_file_tasks_or_both():
    small = {"base": "b", "pool": [{"chat": "p"}], "prompts": {"test": "t"}, "arms": {"a": {"select": "all"}}}
    named = [
        Recipe.model_validate({**small, "knowledge": each}).knowledge
        for each in ("k.jsonl", {"file": "k.jsonl"}, {"harness": {"tasks": "towns", "include_path": "tasks"}})
    ]
    assert named[0] == named[1]
    assert (named[2].file, named[2].harness) == (None, Harness(tasks=("towns",), include_path="tasks"))
    for wrong, said in (({}, "a file of questions, tasks"), ({"harness": {"tasks": []}}, "tasks"), ({"harnes": {}}, "harnes")):
        with pytest.raises(ValueError, match=said):
            Recipe.model_validate({**small, "knowledge": wrong})
