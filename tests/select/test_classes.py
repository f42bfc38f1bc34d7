"""Classes of rows: what a column's value, a tag or a band of a signal means, and how many of a class a quota asks for."""

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.errors import RecipeError
from thousand.recipe import Between
from thousand.select.classes import Classes, at_least, at_most, matches

ROWS = {
    "source": ["chat:a.jsonl", "chat:b.jsonl", "stackexchange:coffee"],
    "licence": ["MIT", None, ""],
    "author": ["Ann", "Bob", None],
    "group": ["g1", "g1", None],
    "tags": [["tea", "milk"], [], None],
}
CLASSES = Classes(pa.table(ROWS), pa.table({"id": ["1", "2", "3"], "words": [3.0, 4.5, None], "log": [-2.0, 1e-3, 1e9]}))


@pytest.mark.parametrize(
    ("column", "value", "rows"),
    [
        ("source", "chat", [0, 1]),
        ("source", "a.jsonl", [0]),
        ("source", "chat:b.jsonl", [1]),
        ("source", "jsonl", []),
        ("licence", "MIT", [0]),
        ("licence", "unknown", [1, 2]),
        ("author", "Bob", [1]),
        ("group", "g1", [0, 1]),
        ("tags", "milk", [0]),
        ("tags", "unknown", [1, 2]),
        ("tags", "mil", []),
        ("words", "3..4.5", [0]),  # up to, not including, the second number: bands that touch share no row
        ("words", "4.5..9", [1]),
        ("words", "..", [0, 1]),  # every row that was measured
        ("words", "..4", [0]),
        ("words", "4..", [1]),
        ("log", "-2..0", [0]),
        ("log", "1e-4..1e-2", [1]),
        ("log", "1_000..", [2]),
    ],
)
def test_which_rows_are_of_a_class(column, value, rows):
    members = CLASSES.members(column, value, "quota")
    assert members.dtype == np.bool_
    assert np.flatnonzero(members).tolist() == rows


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("words", "four", r"quota\.words\.four: words is a number\.\s+Name a band"),
        ("words", "4", r"quota\.words\.4: words is a number"),
        ("words", "1.2.3..4", r"quota\.words\.1\.2\.3\.\.4: words is a number"),
        ("words", "9..3", r"quota\.words\.9\.\.3: no value lies between 9 and 3"),
        ("words", "3..3", r"no value lies between 3 and 3"),
        ("wrods", "3..4", r"quota\.wrods: the ledger has no signal 'wrods'\.\s+Did you mean 'words'\? .* It has: words, log\."),
        ("sauce", "chat", r"Did you mean 'source'"),
        ("id", "1", "the ledger has no signal 'id'"),
    ],
)
def test_a_class_that_cannot_be_is_an_error(column, value, said):
    with pytest.raises(RecipeError, match=said):
        CLASSES.members(column, value, f"quota.{column}")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.none() | st.integers(-50, 50), min_size=1, max_size=30), st.lists(st.integers(-60, 60), unique=True, max_size=5))
def test_bands_end_to_end_hold_every_measured_row_once(values, cuts):
    ends = ["", *map(str, sorted(cuts)), ""]
    classes = Classes(pa.table(ROWS), pa.table({"words": pa.array(values, pa.float64())}))
    members = sum(classes.members("words", f"{low}..{high}", "").astype(int) for low, high in itertools.pairwise(ends))
    assert members.tolist() == [int(value is not None) for value in values]


def test_the_stratum_of_a_row_is_its_value_or_the_first_of_them():
    assert CLASSES.strata("source", "strata").tolist() == ROWS["source"]
    assert CLASSES.strata("licence", "strata").tolist() == ["MIT", "unknown", "unknown"]
    assert CLASSES.strata("tags", "strata").tolist() == ["tea", "unknown", "unknown"]
    with pytest.raises(RecipeError, match=r"strata: 'words' does not divide the rows\.\s+There are: source, licence"):
        CLASSES.strata("words", "strata")


def test_what_was_not_measured_is_not_a_number():
    assert CLASSES.signal("words", "").tolist()[:2] == [3.0, 4.5]
    assert np.isnan(CLASSES.signal("words", "")[2])


@pytest.mark.parametrize(
    ("wanted", "budget", "bounds"),
    [
        (4, 10, (4, 4)),
        (0, 10, (0, 0)),
        (0.5, 10, (5, 5)),
        (0.5, 5, (2, 3)),  # a share by itself is met within a row, or two halves of five could not be
        (0.07, 100, (7, 7)),  # 0.07 * 100 is a little more than 7
        (1.0, 3, (3, 3)),
        (Between(least=3), 10, (3, None)),
        (Between(most=0.25), 10, (0, 2)),  # a bound is kept to the row
        (Between(least=0.25), 10, (3, None)),
        (Between(least=0.1, most=4), 30, (3, 4)),
    ],
)
def test_how_many_a_quota_asks_for(wanted, budget, bounds):
    (quota,) = CLASSES.quotas({"source": {"chat": wanted}}, budget, "arms.mine.quota")
    assert quota.name == "arms.mine.quota.source.chat"
    assert quota.least == bounds[0]
    assert quota.most == bounds[1] if bounds[1] is not None else quota.most > 10**6


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(0, 1000), st.integers(1, 10**6))
def test_shares_of_thousandths_are_counted_as_whole_numbers_are(thousandths, budget):
    assert at_least(thousandths / 1000, budget) == -(-thousandths * budget // 1000)
    assert at_most(thousandths / 1000, budget) == thousandths * budget // 1000


def test_bounds_that_cross_and_shares_of_tokens_are_errors():
    with pytest.raises(RecipeError, match=r"quota\.source\.chat: no number is at least 4 and at most 2\."):
        CLASSES.quotas({"source": {"chat": Between(least=0.4, most=2)}}, 10, "quota")
    with pytest.raises(RecipeError, match=r"quota\.source\.chat: a share needs a budget of rows"):
        CLASSES.quotas({"source": {"chat": Between(most=0.4)}}, None, "quota")


def test_a_source_is_named_by_its_form_its_file_or_both():
    assert all(matches("chat:a:b.jsonl", each) for each in ("chat:a:b.jsonl", "chat", "a:b.jsonl"))
    assert not matches("chat:a.jsonl", "a")
