"""Reading what a judging model said: a label that is all of a line, whatever stands around it, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.judge.verdict import read_verdict

GRADES = {str(grade): grade for grade in range(1, 7)}
PAIR = {"A": "first", "B": "second", "neither": "tie"}


@pytest.mark.parametrize(
    ("said", "grade"),
    [
        ("5", 5),
        ("The answer is full and in good order.\n\n5", 5),
        ("4\n4", 4),  # as LIMA's prompt asks for it: the choice, and once more
        ("Reasons.\n**6**", 6),
        ("Reasons.\n[[2]]", 2),
        ("Reasons.\n`3`.\n\n", 3),
        ('Reasons.\r\n  "1"  \r\n', 1),
        ("Reasons.\n# 4", 4),
        ("I thought of 2 first.\n4", 4),
        ("", None),
        ("\n \n", None),
        ("0", None),
        ("7", None),
        ("-1", None),
        ("5.5", None),
        ("5/6", None),
        ("<5>", 5),
        ("<5", None),
        ("> 5", None),
        (".5", None),
        ("**.5**", None),
        ("~5", None),
        ("4 or 5", None),
        ("4, 5", None),
        ("five", None),
        ("Grade: 5", None),
        ("5\nThat is my grade.", None),
        ("I would give it a 5", None),
        ("I cannot grade this.", None),
        ("1, 2, 3, 4, 5 or 6", None),
        ("\u0665", None),  # an Arabic five
    ],
)
def test_a_grade_from_1_to_6_is_the_whole_last_line(said, grade):
    assert read_verdict(said, GRADES) == grade


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("A", "first"),
        ("It is plainer.\nb.", "second"),
        ("Both do.\n*Neither*", "tie"),
        ("Both do.\nNEITHER!", "tie"),
        ("A\nB", "second"),
        ("A or B", None),
        ("A is better", None),
        ("AB", None),
        ("neither A nor B", None),
        ("C", None),
    ],
)
def test_a_comparison_is_the_whole_last_line(said, verdict):
    assert read_verdict(said, PAIR) == verdict


def test_the_first_line_counts_where_the_judge_says_so():
    assert read_verdict("\nA\nbecause it is plainer", PAIR, line="first") == "first"
    assert read_verdict("because it is plainer\nA", PAIR, line="first") is None


@pytest.mark.parametrize(
    ("said", "line", "verdict"),
    [
        ("Both are close.\n\nA", "last", None),  # A gives more ...
        ("Both are close.\nA\n", "last", None),
        ("A", "last", "first"),  # of a judge that may say one token
        ("A", "first", "first"),
        ("A\nbecause it is", "first", "first"),
        ("Both are close.\nA", "first", None),
    ],
)
def test_of_a_text_that_was_cut_off_the_last_line_counts_only_where_it_is_the_only_one(said, line, verdict):
    assert read_verdict(said, PAIR, line=line, cut=True) == verdict


def test_of_a_text_that_was_cut_off_a_criterion_s_line_counts_where_the_first_is_read():
    said = "Style: 3\nAccuracy: 1"  # it may have become "1, or rather 5"
    assert [read_verdict(said, GRADES, line="first", after=each, cut=True) for each in ("style", "accuracy")] == [3, None]
    assert read_verdict(said, GRADES, after="style", cut=True) is None


@pytest.mark.parametrize(
    ("said", "grade"),
    [
        ("Style: 3\nAccuracy: 5", 5),
        ("**accuracy**: **2**\nStyle: 6", 2),
        ("Accuracy : 4.", 4),
        ("Accuracy: 1\nAccuracy: 6", 6),
        ("Accuracy\n5", None),
        ("Accuracy: good", None),
        ("inaccuracy: 5", None),
        ("5", None),
    ],
)
def test_of_several_criteria_each_has_its_line(said, grade):
    assert read_verdict(said, GRADES, after="accuracy") == grade


@given(st.text(max_size=200))
@settings(deadline=None)
def test_whatever_is_said_gives_a_value_of_the_scale_or_nothing(said):
    assert read_verdict(said, PAIR) in {"first", "second", "tie", None}
    assert read_verdict(said, GRADES, after="overall") in {*range(1, 7), None}


@given(
    st.sampled_from(sorted(PAIR)),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.sampled_from(["{}", "**{}**", "[[{}]]", "({}).", '"{}"', "> {}", "\u201c{}\u201d"]),
    st.booleans(),
)
@settings(deadline=None)
def test_whatever_is_said_before_it_the_last_line_is_the_verdict(label, before, around, lower):
    said = around.format(label.lower() if lower else label)
    assert read_verdict(f"{before}\n{said}\n", PAIR) == PAIR[label]


@given(st.sampled_from(sorted(GRADES)), st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20))
@settings(deadline=None)
def test_a_label_with_more_beside_it_is_no_verdict(label, more):
    assert read_verdict(f"{label} {more}", GRADES) is None
    assert read_verdict(f"{more} {label}", GRADES) is None
