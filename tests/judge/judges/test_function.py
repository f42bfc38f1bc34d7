"""A judge written in Python: loaded by name, and refused with the reason."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tests.judge.parts import case
from thousand.errors import DataError, RecipeError
from thousand.judge import Said
from thousand.judge.judges.function import function


def test_it_is_made_with_its_options_and_named_as_its_function():
    rater = function(call="tests.judge.parts:by_length", options={"limit": 3})
    assert rater.name == "by_length"
    assert rater.ask([case("q", "long answer")], print) == [Said(ratings={"overall": 3, "correct": True}, raw="long answer")]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("tests.judge.partz:by_length", "No module named 'tests.judge.partz'"),
        ("tests.judge.parts:by_lenght", "no attribute 'by_lenght'"),
        ("tests.judge.parts", "has no attribute ''"),
        (":by_length", "Empty module name"),
        ("", "Empty module name"),
    ],
)
def test_what_cannot_be_found_is_refused_with_how_to_write_it(call, said):
    with pytest.raises(
        RecipeError, match=rf"judge\.function\.call: '{call}' cannot be loaded: .*{said}.*\s+Write it as package\.module:name"
    ):
        function(call=call)


def test_wrong_options_and_missing_files_are_refused():
    with pytest.raises(RecipeError, match=r"judge\.function\.options: .*unexpected keyword argument 'limits'"):
        function(call="tests.judge.parts:by_length", options={"limits": 3})
    with pytest.raises(RecipeError, match=r"judge\.function: /nowhere\.json is not there"):
        function(call="thousand.lab.oracle:oracle", options={"world": "/nowhere.json"})


def test_what_is_no_judge_is_refused_before_anything_is_judged():
    with pytest.raises(RecipeError, match=r"'tests\.judge\.parts:no_judge' returned str\.\s+It must return a function"):
        function(call="tests.judge.parts:no_judge")


@pytest.mark.parametrize("value", [np.float32(0.5), np.int64(1), np.bool_(True), Fraction(1, 2), True])
def test_any_kind_of_number_is_a_rating(value):
    [said] = function(call="tests.judge.parts:constant", options={"value": value}).ask([case("q", "x")], print)
    assert said.ratings == {"overall": float(value), "style": None}


@pytest.mark.parametrize("value", ["very good", [1], 10**400, 1j])
def test_what_is_no_number_is_refused_by_criterion(value):
    rater = function(call="tests.judge.parts:constant", options={"value": value})
    with pytest.raises(DataError, match=r"The judge constant: overall: expected a number, found .*\s+A rating is a number"):
        rater.ask([case("q", "x")], print)
