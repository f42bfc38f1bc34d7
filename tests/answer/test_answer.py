"""The verb: one row per prompt and sample, decided by seed, prompt and sample."""

from __future__ import annotations

import copy

import pyarrow as pa
import pytest

from tests.small import SHIPPED, chat, shipped, world
from thousand import tables
from thousand.answer import answer
from thousand.lab.prompts import make_prompts
from thousand.model import Model
from thousand.recipe import Answer

SHORT = Answer(temperature=0.7, repetition_penalty=1.0, max_tokens=10, samples=3)


def prompts(count: int = 4, first: int = 0) -> pa.Table:
    some = make_prompts(world())[first : first + count]
    messages = pa.array([chat(each.text) for each in some], tables.MESSAGES)
    return pa.table({"prompt_id": [each.prompt_id for each in some], "messages": messages})


@pytest.fixture(scope="module")
def answers():
    return answer(shipped(), prompts(), SHORT, seed=1)


def test_there_is_one_row_per_prompt_and_sample_in_order(answers):
    assert answers.schema.equals(tables.ANSWERS)
    ids = prompts()["prompt_id"].to_pylist()
    assert answers["prompt_id"].to_pylist() == [each for each in ids for _ in range(3)]
    assert answers["sample"].to_pylist() == [0, 1, 2] * 4
    assert answers["prompt"][3].as_py() == prompts()["messages"][1].as_py()[0]["content"]


def test_rows_say_how_they_stopped_after_how_many_tokens(answers):
    rows = answers.to_pylist()
    assert {row["stop"] for row in rows} <= {"end_of_turn", "limit"}
    assert all(row["tokens"] == 10 for row in rows if row["stop"] == "limit")
    assert all(row["tokens"] < 10 for row in rows if row["stop"] == "end_of_turn")
    assert any(row["stop"] == "limit" for row in rows)
    assert all(row["seconds"] >= 0 for row in rows)


def test_samples_of_a_prompt_differ(answers):
    texts = answers["answer"].to_pylist()
    assert sum(len(set(texts[i : i + 3])) > 1 for i in range(0, 12, 3)) >= 2  # a prompt or two it may answer one way only


def test_an_answer_is_decided_by_seed_prompt_and_sample_and_not_by_the_batch(answers):
    def texts(table):
        return {(row["prompt_id"], row["sample"]): row["answer"] for row in table.to_pylist()}

    some = answer(SHIPPED, prompts(2, first=1), SHORT.model_copy(update={"batch": 2, "samples": 2}), seed=1)
    assert len(texts(some)) == 4
    assert texts(some).items() <= texts(answers).items()
    assert texts(answer(shipped(), prompts(), SHORT, seed=2)) != texts(answers)


def test_greedy_answers_do_not_depend_on_the_seed():
    greedy = Answer(temperature=0, repetition_penalty=1.0, max_tokens=10)
    assert answer(shipped(), prompts(), greedy, seed=1)["answer"].equals(answer(shipped(), prompts(), greedy, seed=2)["answer"])


def test_a_base_is_asked_in_the_plain_form_of_the_settings():
    """Asked in a form of its pretraining it names the entity it was asked about; told a story's beginning it tells a story."""
    form = Answer(temperature=0, repetition_penalty=1.0, max_tokens=24)
    facts = [each for each in make_prompts(world()) if each.fact][:8]
    messages = pa.array([chat(each.text) for each in facts], tables.MESSAGES)
    table = pa.table({"prompt_id": [each.prompt_id for each in facts], "messages": messages})
    said = answer(shipped(), table, form)["answer"].to_pylist()
    assert sum(each.fact.value.lower() in text.lower() for each, text in zip(facts, said, strict=True)) >= 6
    other = answer(shipped(), table, form.model_copy(update={"plain": "Thread: {prompt} See"}))["answer"].to_pylist()
    assert other != said


def test_progress_ends_with_the_answers_done():
    told: list[int] = []
    answer(shipped(), prompts(), SHORT, progress=told.append)
    assert told[-1] == 12


def test_a_dialogue_is_answered_turn_by_turn_and_is_one_row():
    question = prompts(1)["messages"][0].as_py()
    turns = [*question, {"role": "user", "content": "And of what else?"}]
    table = pa.Table.from_pylist([{"prompt_id": "d", "messages": turns}, {"prompt_id": "q", "messages": question}], tables.PROMPTS)
    once = SHORT.model_copy(update={"samples": 1})
    dialogue, alone = answer(shipped(), table, once, seed=1).to_pylist()
    assert [each["role"] for each in dialogue["turns"]] == ["user", "assistant"] * 2
    assert dialogue["turns"][2] == turns[1]
    assert dialogue["answer"] == dialogue["turns"][3]["content"]
    assert dialogue["prompt"] == f"{question[0]['content']}\n\nAnd of what else?"
    assert (alone["turns"], alone["cut"], alone["reason"]) == (None, False, None)
    given = [*dialogue["turns"][:3]]
    asked = pa.Table.from_pylist([{"prompt_id": "d", "messages": given}], tables.PROMPTS)
    greedy = once.model_copy(update={"temperature": 0})
    [turned] = answer(shipped(), pa.Table.from_pylist([{"prompt_id": "d", "messages": turns}], tables.PROMPTS), greedy).to_pylist()
    given[1] = turned["turns"][1]
    [single] = answer(shipped(), asked.set_column(1, "messages", pa.array([given], tables.MESSAGES)), greedy).to_pylist()
    assert single["answer"] == turned["answer"]
    assert turned["tokens"] > single["tokens"]


def test_a_prompt_that_does_not_fit_is_cut_or_is_an_error_and_its_row_says_so():
    short, long = prompts(1)["messages"][0].as_py(), chat("and so on " * 400)
    table = pa.Table.from_pylist([{"prompt_id": "s", "messages": short}, {"prompt_id": "l", "messages": long}], tables.PROMPTS)
    cut = answer(shipped(), table, SHORT)
    assert cut["cut"].to_pylist() == [False] * 3 + [True] * 3
    assert cut["reason"].null_count == 6
    refused = answer(shipped(), table, SHORT.model_copy(update={"too_long": "error"})).to_pylist()
    assert [row["stop"] for row in refused[3:]] == ["error"] * 3
    assert all(row["answer"] is None and "the context leaves room for 502" in row["reason"] for row in refused[3:])
    assert [row["answer"] for row in refused[:3]] == cut["answer"].to_pylist()[:3]


def test_a_prompt_that_the_chat_template_refuses_is_an_error_of_its_own_row():
    model = shipped()
    tokenizer = copy.deepcopy(model.tokenizer)
    refusal = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    tokenizer.chat_template = refusal + "{% for m in messages %}{{ m.content }}{% endfor %}"
    system = [{"role": "system", "content": "Be brief."}, *chat("What?")]
    table = pa.Table.from_pylist([{"prompt_id": "s", "messages": system}, {"prompt_id": "q", "messages": chat("What?")}], tables.PROMPTS)
    first, second = answer(Model(model.folder, model.network, tokenizer), table, SHORT.model_copy(update={"samples": 1})).to_pylist()
    assert (first["stop"], first["answer"], first["reason"]) == ("error", None, "the chat template refuses it: no system")
    assert second["stop"] in ("end_of_turn", "limit")


def test_seconds_are_shared_out_by_tokens_batch_by_batch():
    rows = answer(shipped(), prompts(), SHORT.model_copy(update={"batch": 3})).to_pylist()
    assert all((row["seconds"] > 0) == (row["tokens"] > 0) for row in rows)
