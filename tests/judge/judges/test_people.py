"""Whoever judged at the desk, in the ledger of all judges."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.judge.parts import answers
from thousand import tables
from thousand.errors import DataError, RecipeError
from thousand.judge import judge, make, read_verdicts
from thousand.recipe import Choice
from thousand.report import analyse, arrays

ANSWERS = {("claim", 0): answers("x", "y"), ("other", 0): answers("u", "v")}
PAIR = {"prompt_id": "p0", "sample": 0, "criterion": "overall", "a": "claim", "a_seed": 0, "b": "other", "b_seed": 0}


def at_the_desk(tmp_path, *rows):
    path = tmp_path / "desk" / "verdicts.parquet"
    tables.write(path, pa.Table.from_pylist([PAIR | row for row in rows], schema=tables.VERDICTS))
    return path


def people(desk, *more):
    return judge(ANSWERS, [Choice(name="people"), *more], claim="claim", desk=desk)


def test_each_person_is_a_judge_and_all_together_are_the_one_that_decides(tmp_path):
    said = [("people:ann", "ab", "a"), ("people:ben", "ba", "tie"), ("people", None, "tie")]
    verdicts = people(at_the_desk(tmp_path, *({"judge": who, "order": order, "verdict": verdict} for who, order, verdict in said)))
    assert list(zip(*(verdicts[name].to_pylist() for name in ("judge", "order", "verdict")), strict=True)) == said
    (made,) = make([Choice(name="people")])
    assert (made.name, made.decides) == ("people", True)
    paired = arrays.paired(verdicts, "claim")
    assert {judge: pair.score.tolist() for (judge, *_), pair in paired.items()} == {
        "people:ann": [[[[1.0]]]],
        "people:ben": [[[[0.0]]]],
        "people": [[[[0.0]]]],
    }


def test_as_long_as_nobody_has_judged_there_are_no_verdicts_and_no_error(tmp_path):
    assert people(tmp_path / "desk" / "verdicts.parquet").num_rows == 0
    both = people(tmp_path / "desk" / "verdicts.parquet", Choice(name="longest"))
    assert set(both["judge"].to_pylist()) == {"longest"}


def test_without_a_run_it_is_said_where_people_judge():
    with pytest.raises(DataError, match="judges at the desk of a run") as error:
        people(None)
    assert "thousand desk RUN" in str(error.value)


def test_verdicts_on_arms_that_are_not_there_are_an_error_as_in_any_file(tmp_path):
    with pytest.raises(DataError, match="b: 'another' is not in this run"):
        people(at_the_desk(tmp_path, {"judge": "people:ann", "b": "another", "verdict": "a"}))


def test_no_other_judge_may_take_a_persons_name(tmp_path):
    (tmp_path / "v.jsonl").write_text("")
    for name, said in (("people:ann", "that of a person at a desk"), ("people", "two judges of the name 'people'")):
        with pytest.raises(RecipeError, match=said):
            make([Choice(name="people"), Choice(name="verdicts", options={"path": str(tmp_path / "v.jsonl"), "name": name})])
    with pytest.raises(RecipeError, match="desk: there is no such option"):
        make([Choice(name="people", options={"desk": "x"})])


def test_people_together_are_compared_with_other_judges_and_not_with_themselves(tmp_path):
    said = [("people:ann", "a"), ("people:ben", "a"), ("people", "a"), ("model", "b")]
    path = at_the_desk(tmp_path, *({"judge": who, "verdict": verdict} for who, verdict in said))
    found = analyse(read_verdicts(path))
    pairs = {(each.first, each.second): each.strict.value for each in found.agreement}
    assert pairs == {
        ("people:ann", "people:ben"): 1.0,
        ("people:ann", "model"): 0.0,
        ("people:ben", "model"): 0.0,
        ("people", "model"): 0.0,
    }
