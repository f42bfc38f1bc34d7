"""Held-out prompts: read in every form, and refused by file, line and field."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.small import lines
from thousand import tables
from thousand.answer import read_prompts
from thousand.errors import DataError

ASKED = [{"role": "user", "content": "Why is the sky blue?"}]


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "Why is the sky blue?"},
        {"instruction": "Why is the sky blue?"},
        {"messages": ASKED},
        {"messages": [*ASKED, {"role": "assistant", "content": "Short waves scatter more."}]},
        {"conversations": [{"from": "human", "value": "Why is the sky blue?"}, {"from": "gpt", "value": "It is."}]},
        {"conversations": ["Why is the sky blue?"]},
        {"prompt": "Why is the sky blue?", "response": "Short waves scatter more."},
        {"question": "Why is the sky blue?", "answer": "Short waves scatter more."},
        {"instruction": "Why is the sky blue?", "input": "", "output": "Short waves scatter more."},
    ],
)
def test_every_form_is_read_and_an_answer_is_left_out(tmp_path, row):
    table = read_prompts(lines(tmp_path / "p.jsonl", row))
    assert table.schema.equals(tables.PROMPTS)
    assert table["messages"].to_pylist() == [ASKED]


def test_a_dialogue_keeps_every_turn_before_the_last_answer(tmp_path):
    turns = [*ASKED, {"role": "assistant", "content": "Scattering."}, {"role": "user", "content": "Of what?"}]
    table = read_prompts(lines(tmp_path / "p.jsonl", {"messages": turns}))
    assert table["messages"].to_pylist() == [turns]


def test_a_rows_own_id_is_kept_and_otherwise_its_content_names_it(tmp_path):
    ids = read_prompts(lines(tmp_path / "p.jsonl", {"prompt": "a", "id": 7}, {"prompt": "b"}, {"prompt": "c", "id": None}))[
        "prompt_id"
    ].to_pylist()
    assert ids[0] == "7"
    assert [len(each) for each in ids[1:]] == [16, 16]
    moved = read_prompts(lines(tmp_path / "q.jsonl", {"prompt": "c"}, {"prompt": "b"}))["prompt_id"].to_pylist()
    assert moved == [ids[2], ids[1]]


def test_several_turns_to_be_answered_stand_in_a_row_of_texts(tmp_path):
    """The form of MT-bench."""
    row = {"question_id": 81, "category": "writing", "turns": ["Write a verse.", "Now in prose."], "reference": ["roses", "a rose"]}
    [found] = read_prompts(lines(tmp_path / "p.jsonl", row)).to_pylist()
    assert found["prompt_id"] == "81"
    assert found["messages"] == [{"role": "user", "content": each} for each in row["turns"]]
    assert found["reference"] == "a rose"  # of the last turn, whose answer is judged


def test_what_judges_ask_for_stands_with_the_prompt_and_an_answer_is_a_reference(tmp_path):
    rows = [
        {"prompt": "a", "reference": "b", "tags": "safety", "checks": [{"numeric": 4}, {"kind": "contains", "value": "x"}]},
        {"prompt": "c", "response": "d"},
        {"prompt": "e", "response": "f", "reference": 4.5, "tags": ["x", "y"]},
        {"prompt": "g", "response": ""},
    ]
    found = read_prompts(lines(tmp_path / "p.jsonl", *rows)).to_pylist()
    assert [each["reference"] for each in found] == ["b", "d", "4.5", None]
    assert [each["tags"] for each in found] == [["safety"], None, ["x", "y"], None]
    assert found[0]["checks"] == [{"kind": "numeric", "value": "4"}, {"kind": "contains", "value": "x"}]
    assert found[1]["checks"] is None


def test_gzip_and_empty_lines_change_nothing(tmp_path):
    plain = lines(tmp_path / "p.jsonl", {"prompt": "a"}, "", {"prompt": "b"})
    packed = tmp_path / "p.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    assert read_prompts(packed).equals(read_prompts(plain))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{broken", r":2: not JSON"),
        ("[1, 2]", r":2: expected an object, found list"),
        ({"text": "x"}, r":2: row: no known form: the fields are text"),
        ({"prompt": 3}, r":2: prompt: expected text, found int"),
        ({"prompt": "  "}, r":2: messages\[0\]\.content: empty user turn"),
        ({"messages": [{"role": "judge", "content": "x"}]}, r":2: messages\[0\]\.role: unknown role 'judge'"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, r":2: messages: no turns"),
        ({"messages": [*ASKED, *ASKED]}, r":2: messages: two user turns in a row"),
        ({"turns": []}, r":2: turns: no turns"),
        ({"turns": ["a", None]}, r":2: turns\[1\]: expected text, found nothing"),
        ({"turns": ["a", " "]}, r":2: turns\[1\]: empty text"),
        ({"prompt": "a", "reference": {"x": 1}}, r":2: reference: expected text, found dict"),
        ({"prompt": "a", "checks": {"exact": "4"}}, r":2: checks: expected a list of checks, found dict"),
        ({"prompt": "a", "checks": [{"exact": "4"}, "b"]}, r":2: checks\[1\]: expected one kind and its value"),
        ({"prompt": "a", "checks": [{"exact": None}]}, r":2: checks\[0\]\.exact: expected text, found nothing"),
        ({"prompt": "a", "tags": ["safety", None]}, r":2: tags\[1\]: expected text, found nothing"),
    ],
)
def test_a_bad_row_is_named_by_file_line_and_field(tmp_path, row, said):
    path = lines(tmp_path / "p.jsonl", {"prompt": "fine"}, row)
    with pytest.raises(DataError, match=str(path) + said):
        read_prompts(path)


def test_an_id_that_stands_there_twice_is_refused(tmp_path):
    path = lines(tmp_path / "p.jsonl", {"prompt": "a", "id": "x"}, {"prompt": "b", "id": "y"}, {"prompt": "c", "id": "x"})
    with pytest.raises(DataError, match=r"the prompt 'x' stands there twice\.\s+Comparisons are paired by prompt"):
        read_prompts(path)
    with pytest.raises(DataError, match="twice"):
        read_prompts(lines(tmp_path / "q.jsonl", {"prompt": "same"}, {"prompt": "same"}))


def test_files_that_are_missing_empty_or_damaged_are_named(tmp_path):
    with pytest.raises(DataError, match=r"There is no file .*none\.jsonl"):
        read_prompts(tmp_path / "none.jsonl")
    with pytest.raises(DataError, match="is empty"):
        read_prompts(lines(tmp_path / "empty.jsonl", "", ""))
    (tmp_path / "latin.jsonl").write_bytes(b'{"prompt": "caf\xe9"}\n')
    with pytest.raises(DataError, match=r"latin\.jsonl cannot be read"):
        read_prompts(tmp_path / "latin.jsonl")
    packed = gzip.compress(json.dumps({"prompt": "x" * 5000}).encode(), mtime=0)
    for name, damaged in (("cut", packed[:30]), ("odd", packed[:20] + b"\xff" * 10 + packed[30:]), ("not", b"plain text")):
        path = tmp_path / f"{name}.jsonl.gz"
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=rf"{name}\.jsonl\.gz"):
            read_prompts(path)
