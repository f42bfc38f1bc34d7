"""Answers against what the prompts give: checks worked by hand, and patterns that cannot hang."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.judge.parts import answers, case, prompts
from thousand.errors import DataError
from thousand.judge import judge
from thousand.judge.judges.reference import last_number, reference
from thousand.recipe import Choice


def checked(answer, *checks, **options):
    [said] = reference(**options).ask(
        [case("q", answer, checks=[dict(zip(("kind", "value"), each, strict=True)) for each in checks])], print
    )
    return said


@pytest.mark.parametrize(
    ("kind", "value", "right", "wrong"),
    [
        ("exact", "Paris", [" paris\n", "PARIS"], ["Paris.", "in Paris", ""]),
        ("contains", "New York", ["It is new\n york.", "New Yorkers"], ["New-York", ""]),
        ("numeric", "1234.5", ["So it is 1,234.5.", "not 7 but $1234.50", "1.2345e3"], ["1,234.5 of 2", "1234", "none", ""]),
        ("numeric", "-3", ["-3", "It is \u22123 degrees", "x=-3"], ["3", "5-3"]),
        ("numeric", "12", ["12 km", "12km", "12%"], ["v12", "1.12"]),
        ("regex", r"^\s*(yes|no)\b", ["yes, it is", " no"], ["not", "Yes"]),
        ("regex", "(?i)yes", ["YES"], ["no"]),
    ],
)
def test_a_check_passes_what_it_should_and_nothing_else(kind, value, right, wrong):
    assert [checked(answer, (kind, value)).ratings["correct"] for answer in right] == [1.0] * len(right)
    assert [checked(answer, (kind, value)).ratings["correct"] for answer in wrong] == [0.0] * len(wrong)


def test_all_checks_must_pass_and_those_that_do_not_are_named():
    said = checked("It is 12 or so", ("numeric", "12"), ("contains", "exactly"), ("regex", "^No"))
    assert (said.ratings, said.raw) == ({"overall": 0.0, "correct": 0.0}, "not contains: exactly; not regex: ^No")
    assert checked("12", ("numeric", "12.1"), tolerance=0.05).ratings["overall"] == 1.0


def test_without_checks_the_reference_is_compared_and_prompts_with_neither_are_left_out():
    given_ = prompts({"reference": "Paris"}, {}, {"reference": "Rome", "checks": [{"kind": "contains", "value": "Milan"}]})
    ledger = judge({("a", 0): answers("paris", "?", "Milan!")}, [Choice(name="reference")], claim="a", prompts=given_)
    rows = [(row["prompt_id"], row["criterion"], row["rating"]) for row in ledger.to_pylist()]
    assert rows == [("p0", "overall", 1.0), ("p0", "correct", 1.0), ("p2", "overall", 1.0), ("p2", "correct", 1.0)]
    with pytest.raises(DataError, match="reference has nothing to judge: no prompt has a reference or checks"):
        judge({("a", 0): answers("x")}, [Choice(name="reference")], claim="a")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(a*)*b", "(.*a){20}b"])
def test_no_pattern_hangs_whatever_the_answer(pattern):
    """With backtracking these take longer than anybody waits."""
    started = time.monotonic()
    assert checked("a" * 20_000 + "!", ("regex", pattern)).ratings["correct"] == 0.0
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("regex", "(", "RE2 cannot read"),
        ("regex", r"(a)\1", "RE2 cannot read"),
        ("numeric", "many", "is no number"),
        ("rgex", "x", "no kind of check"),
    ],
)
def test_a_check_that_cannot_be_used_names_the_prompt(kind, value, said):
    with pytest.raises(DataError, match=rf"The prompt 'p': checks: .*{said}"):
        checked("x", (kind, value))


@given(st.floats(allow_nan=False, allow_infinity=False), st.text(st.characters(categories=["L", "Zs"]), max_size=10))
@settings(deadline=None)
def test_a_number_is_found_at_the_end_however_it_is_written(number, before):
    for written in (repr(number), f"{number:.17g}", f"{number:,.1f}"):
        assert last_number(f"{before} 7 {written}") == float(written.replace(",", ""))


@given(st.text(max_size=200) | st.text(alphabet="0123456789,.-+eE ", max_size=200))
@settings(deadline=None)
def test_any_text_has_a_last_number_or_none(text):
    assert last_number(text) is None or isinstance(last_number(text), float)
