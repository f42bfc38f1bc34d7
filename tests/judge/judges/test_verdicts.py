"""Verdicts of others: imported whole, or refused by file and line."""

from __future__ import annotations

import pytest

from tests.judge.parts import answers
from tests.small import lines
from thousand import tables
from thousand.errors import DataError
from thousand.judge import judge
from thousand.recipe import Choice

ARMS = {("a", 0): answers("x", "y"), ("b", 0): answers("x", "y"), ("b", 1): answers("x", "y")}


def imported(path, **options):
    return judge(ARMS, [Choice(name="verdicts", options={"path": str(path)} | options)], claim="a")


def test_pairs_and_ratings_are_imported_with_what_they_leave_out_filled_in(tmp_path):
    path = lines(
        tmp_path / "v.jsonl",
        {"prompt_id": "p0", "a": "a", "b": "b", "b_seed": 1, "order": "ba", "verdict": "b", "raw": "B, clearly\u2028I think", "cost": 0.5},
        "",
        {"prompt_id": "p1", "a": "b", "a_seed": 1, "rating": 4, "criterion": "style", "judge": "Ann"},
        {"prompt_id": "p1", "a": "a", "b": "b"},
    )
    table = imported(path)
    assert table.schema.equals(tables.VERDICTS)
    rows = table.to_pylist()
    some = ("prompt_id", "sample", "judge", "criterion", "a", "a_seed", "b", "b_seed", "order", "verdict", "rating", "cost")
    assert [tuple(row[each] for each in some) for row in rows] == [
        ("p0", 0, "people", "overall", "a", 0, "b", 1, "ba", "b", None, 0.5),
        ("p1", 0, "Ann", "style", "b", 1, None, None, None, None, 4.0, None),
        ("p1", 0, "people", "overall", "a", 0, "b", 0, None, None, None, None),  # nobody could read it: kept
    ]
    assert imported(path, name="experts")["judge"].to_pylist() == ["experts", "Ann", "experts"]


def test_a_line_may_hold_any_character_that_json_allows(tmp_path):
    path = tmp_path / "v.jsonl"
    path.write_text('{"prompt_id": "p0", "a": "a", "b": "b", "verdict": "a", "raw": "one\u2028two\x85three"}\n', encoding="utf-8")
    assert imported(path)["raw"].to_pylist() == ["one\u2028two\x85three"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{broken", "not JSON"),
        ("[]", "expected an object, found list"),
        ({"prompt_id": "p9", "a": "a", "b": "b", "verdict": "a"}, "prompt_id: 'p9' is not in this run"),
        ({"a": "a", "b": "b", "verdict": "a"}, "prompt_id: it is missing"),
        ({"prompt_id": "p0", "a": "c", "rating": 3}, "a: 'c' is not in this run"),
        ({"prompt_id": "p0", "a": "a", "b": "c", "verdict": "a"}, "b: 'c' is not in this run"),
        ({"prompt_id": "p0", "a": "a", "b": "b", "winner": "a"}, r"winner: no such column\.\s+There are: prompt_id"),
        ({"prompt_id": "p0", "a": "a", "b": "b", "verdict": "A"}, "verdict: expected a or b or tie, found 'A'"),
        ({"prompt_id": "p0", "a": "a", "rating": "4"}, "rating: expected a number, found '4'"),
        ({"prompt_id": "p0", "a": "a", "verdict": "a"}, "b: a verdict is of a pair, and there is no second arm"),
        ({"prompt_id": "p0", "a": "b", "a_seed": 2, "rating": 3}, "a_seed: 2 is not in this run: b has 0, 1"),
        ({"prompt_id": "p0", "a": "a", "b": "b", "b_seed": 7, "verdict": "a"}, "b_seed: 7 is not in this run: b has 0, 1"),
        ({"prompt_id": "p0", "a": "a", "sample": 1, "rating": 3}, "sample: 1 is not in this run: of 'p0', a has 0"),
        ({"prompt_id": "p0", "a": "a", "b": "a", "verdict": "tie"}, "b: it is the same answer as a"),
        ({"prompt_id": "p0", "a": "a", "b": "b", "rating": 3}, "rating: it is of one answer"),
        ({"prompt_id": "p0", "a": "a", "b": "b", "verdict": "a", "order": "AB"}, "order: expected ab or ba, found 'AB'"),
        ({"prompt_id": "p0", "a": "a", "rating": True}, "rating: expected a number, found True"),
        ('{"prompt_id": "p0", "a": "a", "rating": NaN}', "rating: expected a number, found nan"),
        ('{"prompt_id": "p0", "a": "a", "raw": "\\ud800"}', "raw: expected valid Unicode"),
        ({"prompt_id": "p0", "a": "a", "tokens": 2**63}, "tokens: expected a whole number"),
        ({"prompt_id": "p0", "a": "a", "rating": 2}, "the same was judged before, at .*:1"),
        ({"prompt_id": "p0", "a": "a", "rating": 4, "sample": "first"}, "sample: expected a whole number, found 'first'"),
    ],
)
def test_a_row_that_does_not_belong_to_the_run_is_refused_by_line(tmp_path, row, said):
    path = lines(tmp_path / "v.jsonl", {"prompt_id": "p0", "a": "a", "rating": 1}, row)
    with pytest.raises(DataError, match=rf"{path}:2: .*{said}"):
        imported(path)


def test_files_that_are_missing_or_not_text_are_named(tmp_path):
    with pytest.raises(DataError, match=r"There is no file of verdicts at .*none\.jsonl"):
        imported(tmp_path / "none.jsonl")
    (tmp_path / "v.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match=r"v\.jsonl cannot be read"):
        imported(tmp_path / "v.jsonl")
