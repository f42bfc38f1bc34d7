"""Answers that were made elsewhere: any form of conversation, known by id or by what was asked."""

from __future__ import annotations

import json

import pytest

from tests.small import chat, lines
from thousand import tables
from thousand.answer import read_answers
from thousand.conversation import content_id
from thousand.errors import DataError


def test_every_form_of_conversation_is_an_answer_to_a_prompt(tmp_path):
    path = lines(
        tmp_path / "a.jsonl",
        {"id": 7, "prompt": "Who?", "response": "Me."},
        {"instruction": "Say", "input": "what", "output": "That.", "generator": "g"},
        {"messages": chat("One?", "1", "Two?", "2")},
    )
    table = read_answers(path)
    assert table.schema.names == tables.ANSWERS.names
    assert table["prompt_id"].to_pylist() == ["7", content_id(chat("Say\n\nwhat")), content_id(chat("One?", "1", "Two?"))]
    assert table["answer"].to_pylist() == ["Me.", "That.", "2"]
    assert table["stop"].to_pylist() == [None] * 3


def test_a_list_in_one_file_reads_the_same_as_lines(tmp_path):
    rows = [{"instruction": "Say", "output": "That."}, {"instruction": "Do", "output": "This."}]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    assert read_answers(tmp_path / "a.json").equals(read_answers(lines(tmp_path / "a.jsonl", *rows)))


def test_several_answers_to_one_prompt_are_its_samples(tmp_path):
    table = read_answers(lines(tmp_path / "a.jsonl", *({"prompt": "Who?", "response": each} for each in "xyz")))
    assert table["sample"].to_pylist() == [0, 1, 2]
    assert len(set(table["prompt_id"].to_pylist())) == 1


def test_an_empty_answer_is_an_answer_and_a_bad_one(tmp_path):
    forms = ({"prompt": "Who?", "response": ""}, {"instruction": "Do", "output": " "}, {"question": "Why?", "answer": ""})
    table = read_answers(lines(tmp_path / "a.jsonl", *forms))
    assert table["answer"].to_pylist() == ["", "", ""]
    assert table["prompt"].to_pylist() == ["Who?", "Do", "Why?"]


def test_one_id_is_one_prompt(tmp_path):
    path = lines(tmp_path / "a.jsonl", *({"id": 1, "prompt": each, "response": "Me."} for each in ("Who?", "Where?")))
    with pytest.raises(DataError, match=r"a\.jsonl:2: id: '1' is another prompt"):
        read_answers(path)


def test_a_table_without_what_may_be_unknown_is_filled_up_with_nothing(tmp_path):
    whole = read_answers(lines(tmp_path / "a.jsonl", {"prompt": "Who?", "response": "Me."}))
    tables.write(tmp_path / "a.parquet", whole.select(["prompt_id", "sample", "prompt", "answer"]))
    assert read_answers(tmp_path / "a.parquet").equals(whole)
    tables.write(tmp_path / "b.parquet", whole.drop_columns(["answer"]))
    with pytest.raises(DataError, match="no column answer"):
        read_answers(tmp_path / "b.parquet")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.jsonl", '{"prompt": "Who?"}\n', r"a\.jsonl:1: .*assistant"),
        ("a.jsonl", '{"prompt": "Who?", "response": true}\n', r"a\.jsonl:1: response: expected text, found bool"),
        ("a.jsonl", "", r"a\.jsonl is empty"),
        ("a.json", "{}", r"expected a list of rows"),
        ("a.json", "[]", r"expected a list of rows"),
        ("a.json", "[1]", r"a\.json, row 1: expected an object, found int"),
        ("a.json", "[" * 100_000, r"cannot be read"),
    ],
)
def test_what_is_no_answer_is_named_with_file_row_and_field(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=said):
        read_answers(tmp_path / name)
    with pytest.raises(DataError, match="no file"):
        read_answers(tmp_path / "nowhere.json")
