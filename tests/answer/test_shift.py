"""Token-distribution shift as a table: greedy answers, token by token, and what could not be measured."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.model.test_shift import stirred
from tests.small import SHIPPED, STORIES, shipped
from thousand import tables
from thousand.answer import shift
from thousand.answer.shift import kind
from thousand.model import generate, load
from thousand.recipe import Answer

SETTINGS = Answer(max_tokens=24, temperature=1.0, repetition_penalty=1.5, samples=3)


def prompts(*asked: str | list[str]) -> pa.Table:
    turns = [[{"role": "user", "content": each} for each in ([one] if isinstance(one, str) else one)] for one in asked]
    rows = [{"prompt_id": f"p{i}", "messages": each} for i, each in enumerate(turns)]
    return pa.Table.from_pylist(rows, tables.PROMPTS)


def test_ranks_have_the_paper_s_names():
    assert [kind(rank) for rank in (1, 2, 3, 4, 500)] == ["unshifted", "marginal", "marginal", "shifted", "shifted"]


def test_a_model_beside_itself_is_unshifted_but_for_its_own_randomness():
    table = shift(shipped(), shipped(), prompts("What is the home of the zansaven?", "Who rules?"), SETTINGS)
    assert table.schema.equals(tables.SHIFT)
    rows = [row for row in table.to_pylist() if row["kind"] != "end"]
    assert {row["kind"] for row in rows} == {"unshifted"}  # whatever the settings say, its answers were greedy
    assert all(abs(row["kl"]) < 1e-5 for row in rows)
    [first] = generate(shipped(), ["<|endoftext|>Question: Who rules? Answer:"], max_tokens=24)
    assert "".join(row["token"] for row in rows if row["prompt_id"] == "p1").strip() == first.text


def test_an_aligned_model_s_answer_is_told_token_by_token_and_its_end_apart():
    aligned = stirred(load(SHIPPED), 0.05)
    table = shift(aligned, shipped(), prompts("Who rules?", ["Who?", "And then?"]), SETTINGS)
    for name in ("p0", "p1"):
        rows = [row for row in table.to_pylist() if row["prompt_id"] == name]
        assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
        for row in rows:
            if row["kind"] == "end":
                assert (row["rank"], row["token"], row["position"]) == (None, None, len(rows))
            elif row["kind"] is None:
                assert row["reason"]
            else:
                assert row["kind"] == kind(row["rank"])
                assert 0 < row["probability"] <= 1
    assert {"unshifted", "shifted"} <= set(table["kind"].to_pylist())


@pytest.mark.skipif(not STORIES.is_dir(), reason="the pretrained model is not beside this checkout")
def test_tokens_keep_the_space_that_they_begin_with_whatever_the_tokenizer():
    base = load(STORIES)
    table = shift(base, base, prompts("Tell me of a dog."), SETTINGS)
    [said] = generate(base, [f"{base.tokenizer.bos_token}Question: Tell me of a dog. Answer:"], max_tokens=24)
    assert "".join(token for token in table["token"].to_pylist() if token) == said.text
    assert " " in said.text


@pytest.mark.parametrize("asked", ["word " * 600, ["Who?", "word " * 600]])
def test_a_prompt_that_cannot_be_measured_has_one_row_that_says_why(asked):
    table = shift(shipped(), shipped(), prompts(asked, "Who rules?"), SETTINGS)
    first = [row for row in table.to_pylist() if row["prompt_id"] == "p0"]
    assert [(row["position"], row["kind"], row["reason"]) for row in first] == [(None, None, "the prompt was cut to fit the context")]
    assert table.num_rows > 5
