"""The verb: ratings, and comparisons in both orders, in one ledger; what cannot be read is kept as null."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.judge.parts import answers, prompts
from thousand import tables
from thousand.errors import DataError, RecipeError
from thousand.judge import Answered, Case, Comparer, Said, judge, make, preview
from thousand.judge.judge import _rows
from thousand.recipe import Choice


def function(name, **options):
    return Choice.model_validate({"function": {"call": f"tests.judge.parts:{name}", "options": options}})


def told(table, *columns):
    return [tuple(row[each] for each in columns) for row in table.to_pylist()]


def test_a_rater_gives_every_answer_a_row_per_criterion():
    ratings = judge({("a", 0): answers("four", "ab"), ("b", 3): answers("x", "seven77")}, [function("by_length", limit=5)], claim="a")
    assert ratings.schema.equals(tables.VERDICTS)
    assert told(ratings, "prompt_id", "a", "a_seed", "b", "criterion", "rating", "order", "verdict") == [
        ("p0", "a", 0, None, "overall", 4.0, None, None),
        ("p0", "a", 0, None, "correct", 1.0, None, None),
        ("p1", "a", 0, None, "overall", 2.0, None, None),
        ("p1", "a", 0, None, "correct", 0.0, None, None),
        ("p0", "b", 3, None, "overall", 1.0, None, None),
        ("p0", "b", 3, None, "correct", 0.0, None, None),
        ("p1", "b", 3, None, "overall", 5.0, None, None),
        ("p1", "b", 3, None, "correct", 1.0, None, None),
    ]
    assert set(ratings["judge"].to_pylist()) == {"by_length"}
    assert ratings["raw"][0].as_py() == "four"


def test_a_rating_that_cannot_be_read_is_kept_as_null():
    for name, raw in (("by_length", "unreadable"), ("not_a_number", None)):
        ratings = judge({("a", 0): answers("?")}, [function(name)], claim="a").to_pylist()
        [overall] = [row for row in ratings if row["criterion"] == "overall"]
        assert (overall["rating"], overall["raw"], overall["why"]) == (None, raw, "there is no rating")
    assert told(judge({("a", 0): answers("?")}, [function("by_length")], claim="a"), "criterion", "rating") == [
        ("overall", None),
        ("correct", None),
    ]


def test_a_judge_that_does_not_answer_for_each_is_refused():
    with pytest.raises(DataError, match=r"The judge forgetful gave 1 records for 2 questions\.\s+It must give one for each"):
        judge({("a", 0): answers("x", "y")}, [function("forgetful")], claim="a")


def test_a_comparer_sees_both_orders_and_its_words_become_the_arms():
    """The longer answer wins whichever stands first."""
    ledger = judge(
        {("claim", 0): answers("long answer", "b"), ("other", 0): answers("short", "longer")}, [Choice(name="longest")], claim="claim"
    )
    assert told(ledger, "prompt_id", "order", "a", "b", "verdict", "raw") == [
        ("p0", "ab", "claim", "other", "a", "11 5"),
        ("p1", "ab", "claim", "other", "b", "1 6"),
        ("p0", "ba", "claim", "other", "a", "5 11"),
        ("p1", "ba", "claim", "other", "b", "6 1"),
    ]
    assert ledger["rating"].null_count == ledger.num_rows


@pytest.mark.parametrize(
    ("said", "ab", "ba"),
    [("first", "a", "b"), ("second", "b", "a"), ("tie", "tie", "tie"), (None, None, None), ("a", None, None), ("First!", None, None)],
)
def test_first_and_second_are_mapped_to_the_arms_by_the_order(said, ab, ba):
    """A judge with a favourite place contradicts itself; words it was not asked for are kept as null."""
    stubborn = Comparer("stubborn", lambda cases, progress: [Said(said, raw="r") for _ in cases])
    x, y = Answered("claim", 0, "x"), Answered("other", 2, "y")
    found = []
    for order, shown in (("ab", (x, y)), ("ba", (y, x))):
        case = Case("p0", 0, "q", [{"role": "user", "content": "q"}], shown, order)
        found += _rows(stubborn, case, stubborn.ask([case], print)[0], "key")
    some = ("order", "verdict", "a", "a_seed", "b", "b_seed", "why")
    why = None if ab else "there is no verdict"
    assert [tuple(row[each] for each in some) for row in found] == [
        ("ab", ab, "claim", 0, "other", 2, why),
        ("ba", ba, "claim", 0, "other", 2, why),
    ]


def test_the_claim_is_compared_with_every_other_arm_seed_by_seed():
    table = answers("x")
    arms = {
        ("claim", 0): table,
        ("claim", 1): table,
        ("claim", 2): table,
        ("three", 0): table,
        ("three", 1): table,
        ("three", 2): table,
        ("one", 0): table,
    }
    pairs = told(judge(arms, [Choice(name="longest")], claim="claim"), "a", "a_seed", "b", "b_seed", "order")
    forward = [pair[:4] for pair in pairs if pair[4] == "ab"]
    assert forward == [("claim", i, "three", i) for i in range(3)] + [("claim", i, "one", 0) for i in range(3)]


def test_only_answers_to_the_same_prompt_and_sample_are_compared():
    a, b = answers("1", "2", "3", "4", samples=2), answers("x", "y", "z").slice(1)
    assert told(judge({("a", 0): a, ("b", 0): b}, [Choice(name="longest")], claim="a"), "prompt_id", "sample", "order") == [
        ("p1", 0, "ab"),
        ("p1", 0, "ba"),
    ]
    assert told(judge({("a", 0): a, ("b", 0): a}, [Choice(name="longest")], claim="a").slice(0, 4), "prompt_id", "sample") == [
        ("p0", 0),
        ("p0", 1),
        ("p1", 0),
        ("p1", 1),
    ]


def test_judges_stand_in_one_ledger_each_under_its_name():
    arms = {("a", 0): answers("x"), ("b", 0): answers("yy")}
    ledger = judge(arms, [function("by_length"), Choice(name="longest")], claim="a")
    assert set(told(ledger, "judge", "criterion")) == {("by_length", "overall"), ("by_length", "correct"), ("longest", "overall")}


def test_no_judge_is_an_empty_ledger():
    assert judge({("a", 0): answers("x")}, [], claim="a").schema.equals(tables.VERDICTS)


def test_an_unknown_judge_or_option_names_its_place():
    with pytest.raises(RecipeError, match=r"judge\.1\.longst: 'longst' is not known\.\s+Did you mean 'longest'"):
        make([Choice(name="longest"), Choice(name="longst")])
    with pytest.raises(RecipeError, match=r"judge\.0\.longest\.margn: there is no such option\.\s+There are: margin"):
        make([Choice(name="longest", options={"margn": 1})])
    with pytest.raises(RecipeError, match=r"judge\.1\.longest: there are two judges of the name 'longest'"):
        make([Choice(name="longest"), Choice(name="longest", options={"margin": 0.2})])


def test_an_answer_that_is_not_there_is_not_judged_and_its_verdict_says_why():
    whole, rows = answers("x", "yy"), answers("x", "yy").to_pylist()
    gone = pa.Table.from_pylist([rows[0], rows[1] | {"answer": None, "stop": "error", "reason": "500"}], schema=tables.ANSWERS)
    arms = {("a", 0): whole, ("b", 0): gone}
    ledger = judge(arms, [Choice(name="longest"), function("by_length")], claim="a")
    pairs = ledger.filter(pc.is_valid(ledger["b"]))
    assert told(pairs, "prompt_id", "order", "verdict", "why") == [
        ("p0", "ab", "tie", None),
        ("p1", "ab", None, "there is no answer of b: 500"),
        ("p0", "ba", "tie", None),
        ("p1", "ba", None, "there is no answer of b: 500"),
    ]
    alone = told(ledger.filter(pc.is_null(ledger["b"])), "a", "prompt_id", "rating", "why")
    assert alone[-1] == (
        "b",
        "p1",
        None,
        "there is no answer of b: 500",
    )
    assert preview(arms, [Choice(name="longest")], claim="a")["longest"].questions == 2


def test_arms_that_answered_different_prompts_under_one_name_are_not_compared():
    other = pa.Table.from_pylist([answers("x").to_pylist()[0] | {"prompt": "something else"}], schema=tables.ANSWERS)
    with pytest.raises(DataError, match="The arms a and b answered different prompts under the name 'p0'"):
        judge({("a", 0): answers("x"), ("b", 0): other}, [Choice(name="longest")], claim="a")


def test_answers_to_prompts_that_are_not_in_the_table_are_refused():
    with pytest.raises(DataError, match="The arm a answered 'p1', which is none of the prompts"):
        judge({("a", 0): answers("x", "y")}, [function("by_length")], claim="a", prompts=prompts({"prompt_id": "p0"}))


def test_a_verdict_has_a_key_of_what_was_asked_and_of_nothing_else():
    def keys(first, second, **options):
        return judge({("a", 0): answers(first), ("b", 0): answers(second)}, [Choice(name="longest", options=options)], claim="a")[
            "key"
        ].to_pylist()

    assert keys("x", "yy") == keys("x", "yy")
    assert len({*keys("x", "yy"), *keys("x", "y"), *keys("x", "yy", margin=0.2)}) == 6
    assert keys("x", "yy") == keys("yy", "x")[::-1]  # what is shown is the same, in the other order


def test_the_same_person_in_two_files_is_refused_and_two_people_are_not(tmp_path):
    def people(**who):
        for name in ("one", "two"):
            (tmp_path / f"{name}.jsonl").write_text(json.dumps({"prompt_id": "p0", "a": "a", "rating": 3, "judge": who[name]}))
        files = [Choice(name="verdicts", options={"path": str(tmp_path / f"{name}.jsonl"), "name": name}) for name in ("one", "two")]
        return judge({("a", 0): answers("x")}, files, claim="a")

    assert people(one="Ann", two="Bea").num_rows == 2
    with pytest.raises(DataError, match=r"The judge Ann judged the same twice, .*\n  Keep one of the two, or give their judges names"):
        people(one="Ann", two="Ann")


def test_what_is_free_has_no_cost():
    free = [Choice(name="longest"), function("by_length"), Choice(name="reference")]
    table = judge({("a", 0): answers("x"), ("b", 0): answers("y")}, free, claim="a", prompts=prompts({"reference": "x"}))
    assert table["cost"].null_count == table.num_rows
