"""Pairs of answers from files: every form in which they are published, and every row that is none with its reason."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from thousand import tables
from thousand.errors import DataError
from thousand.gather import read_pairs

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "pools" / "hh_rlhf_harmless_test.jsonl.gz"
GOOD = {"prompt": "Why?", "chosen": "Because.", "rejected": "No."}


def said(role, content):
    return {"role": role, "content": content}


def chat(*turns):
    return [said("assistant" if i % 2 else "user", turn) for i, turn in enumerate(turns)]


def lines(path, *rows):
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "row",
    [
        GOOD,
        GOOD | {"chosen": [said("assistant", "Because.")], "rejected": [said("assistant", "No.")]},
        GOOD | {"prompt": [said("user", "Why?")]},
        GOOD | {"chosen": chat("Why?", "Because."), "rejected": chat("Why?", "No.")},  # as UltraFeedback has it
        {"chosen": chat("Why?", "Because."), "rejected": chat("Why?", "No.")},
        {"chosen": "\n\nHuman: Why?\n\nAssistant: Because.", "rejected": "\n\nHuman: Why?\n\nAssistant: No."},
        {"prompt": "\n\nHuman: Why?\n\nAssistant:", "chosen": " Because.", "rejected": " No."},
        GOOD | {"chosen": [{"from": "gpt", "value": "Because."}], "rejected": [{"from": "gpt", "value": "No."}]},
    ],
)
def test_every_form_gives_the_same_pair(tmp_path, row):
    pairs = read_pairs(str(lines(tmp_path / "pairs.jsonl", row)))
    assert pairs.table.schema.equals(tables.PAIRS)
    [found] = pairs.table.to_pylist()
    assert found["messages"] == chat("Why?")
    assert (found["chosen"].strip(), found["rejected"].strip()) == ("Because.", "No.")
    assert found["origin"] == "pairs.jsonl:1"


def test_turns_before_the_last_answer_are_part_of_the_prompt(tmp_path):
    before = "\n\nHuman: Hello\n\nAssistant: Yes?\n\nHuman: A list\n\nwith a gap\n\nAssistant: "
    row = {"chosen": before + "One\n\nTwo", "rejected": before + "None"}
    [found] = read_pairs(str(lines(tmp_path / "pairs.jsonl", row))).table.to_pylist()
    assert found["messages"] == chat("Hello", "Yes?", "A list\n\nwith a gap")
    assert (found["chosen"], found["rejected"]) == ("One\n\nTwo", "None")


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (GOOD | {"rejected": "Because. "}, "rejected", "the two answers are the same"),
        (GOOD | {"chosen": " "}, "chosen", "empty assistant turn"),
        (GOOD | {"rejected": None}, "rejected", "expected text, found nothing"),
        (GOOD | {"rejected": 4}, "rejected", "expected text, found int"),
        (GOOD | {"chosen": ["Because."]}, "chosen[0]", "expected a message, found str"),
        (GOOD | {"chosen": [said("narrator", "Because.")]}, "chosen[0].role", "unknown role 'narrator'"),
        (GOOD | {"prompt": ""}, "messages[0].content", "empty user turn"),
        ({"chosen": "Because.", "rejected": "No."}, "prompt", "expected text or messages, found nothing"),
        (GOOD | {"chosen": chat("How?", "Because.")}, "chosen", "asks something else than the prompt"),
        ({"chosen": chat("Why?", "Because."), "rejected": chat("How?", "No.")}, "rejected", "part before their last answers"),
        ({"chosen": chat("Why?"), "rejected": chat("Why?", "No.")}, "chosen", "the last turn is not the assistant's"),
        ("{broken", None, "not JSON"),
        ("[1]", None, "expected fields with names, found list"),
        (GOOD, None, "the same pair stands there before"),
    ],
)
def test_a_row_that_is_no_pair_is_kept_with_its_place_and_reason(tmp_path, row, field, reason):
    pairs = read_pairs(str(lines(tmp_path / "pairs.jsonl", GOOD, row)))
    assert pairs.table.num_rows == 1
    [rejected] = pairs.rejected.to_pylist()
    assert (rejected["origin"], rejected["field"]) == ("pairs.jsonl:2", field)
    assert reason in rejected["reason"]
    assert rejected["raw"]
    assert pairs.sentence().startswith("2 rows read = 1 pairs + 1 rejected (")


def test_a_file_without_any_pair_is_an_error_that_says_why(tmp_path):
    with pytest.raises(DataError, match=r"no pair in .*pairs.jsonl:1: rejected: the two answers are the same"):
        read_pairs(str(lines(tmp_path / "pairs.jsonl", GOOD | {"rejected": "Because."})))
    with pytest.raises(DataError, match="no file at"):
        read_pairs(str(tmp_path / "missing.jsonl"))


def test_a_name_is_of_what_is_said_and_not_of_where(tmp_path):
    other = GOOD | {"prompt": "How?"}
    first, second = (
        read_pairs(str(lines(tmp_path / name, *rows))).table for name, rows in (("a.jsonl", (GOOD, other)), ("b.jsonl", (other, GOOD)))
    )
    assert first["pair_id"].to_pylist() == second["pair_id"].to_pylist()[::-1]
    swapped = GOOD | {"chosen": "No.", "rejected": "Because."}
    assert read_pairs(str(lines(tmp_path / "c.jsonl", GOOD, swapped))).table.num_rows == 2


@pytest.mark.skipif(not SHARED.is_file(), reason="the published pairs are not on this machine")
def test_every_row_of_a_published_file_is_accounted_for():
    pairs = read_pairs(str(SHARED))
    with gzip.open(SHARED, "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    assert pairs.table.num_rows + pairs.rejected.num_rows == len(rows)
    assert pairs.table.num_rows / len(rows) > 0.99
    by_origin = {each["origin"].rpartition(":")[2]: each for each in pairs.table.to_pylist()}
    for number, row in list(enumerate(rows, 1))[:200]:
        if found := by_origin.get(str(number)):
            assert row["chosen"].rstrip().endswith(found["chosen"])
            assert row["rejected"].rstrip().endswith(found["rejected"])


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": [said("system", "In French."), *chat("Why?")], "chosen": chat("Why?", "Parce que."), "rejected": chat("Why?", "No.")},
        {"system": "In French.", "prompt": "Why?", "chosen": "Parce que.", "rejected": "No."},
        {"system": "In French.", "prompt": None, "chosen": chat("Why?", "Parce que."), "rejected": chat("Why?", "No.")},
    ],
)
def test_what_stands_before_the_question_is_not_lost(tmp_path, row):
    [pair] = read_pairs(str(lines(tmp_path / "p.jsonl", row))).table.to_pylist()
    assert pair["messages"] == [said("system", "In French."), *chat("Why?")]


def test_a_conversation_that_ends_with_another_question_is_no_answer_to_the_prompt(tmp_path):
    prompt = [said("system", "In French."), *chat("Why?")]
    row = {"prompt": prompt, "chosen": chat("How?", "So."), "rejected": chat("How?", "No.")}
    rejected = read_pairs(str(lines(tmp_path / "p.jsonl", GOOD, row))).rejected.to_pylist()
    assert "asks something else than the prompt" in rejected[0]["reason"]
