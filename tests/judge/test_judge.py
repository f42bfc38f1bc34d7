"""The verb: ratings, and comparisons in both orders, in one ledger; what cannot be read is kept as null."""

from __future__ import annotations

import pytest

from tests.judge.parts import answers
from thousand import tables
from thousand.errors import DataError, RecipeError
from thousand.judge import judge, make
from thousand.judge.judge import _compare
from thousand.judge.kinds import Comparer
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
    for name, raw in (("by_length", "unreadable"), ("not_a_number", None), ("words", None)):
        ratings = judge({("a", 0): answers("?")}, [function(name)], claim="a").to_pylist()
        [overall] = [row for row in ratings if row["criterion"] == "overall"]
        assert (overall["rating"], overall["raw"]) == (None, raw)
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
    stubborn = Comparer("stubborn", lambda triples: [{"verdict": said, "raw": "r"} for _ in triples])
    rows = _compare(stubborn, (("claim", 0), ("other", 2)), {("claim", 0): answers("x"), ("other", 2): answers("y")})
    assert [(row["order"], row["verdict"], row["a_seed"], row["b_seed"]) for row in rows] == [("ab", ab, 0, 2), ("ba", ba, 0, 2)]


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
