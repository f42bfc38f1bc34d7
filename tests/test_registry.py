"""Names in a recipe become functions, and every wrong one is told where it stands and what there is."""

import sys
import types
from pathlib import Path

import pytest

from thousand import registry
from thousand.errors import RecipeError

STRATEGIES = "thousand.select.strategies"


def cook(rows, *, salt: int, pepper: float = 0.5, herbs: list[str] | None = None):
    return rows, salt, pepper, herbs


def test_the_names_are_the_modules_of_the_folder():
    folder = Path(sys.modules["thousand"].__file__).parent / "select" / "strategies"
    assert registry.names(STRATEGIES) == sorted(file.stem for file in folder.glob("*.py") if file.stem != "__init__")


def test_every_name_is_a_function_of_its_module():
    for package in (STRATEGIES, "thousand.curate.signals", "thousand.gather.forms", "thousand.judge.judges"):
        for name in registry.names(package):
            function = registry.find(package, name, "here")
            assert isinstance(function, types.FunctionType)
            assert function.__name__ == name
            assert sys.modules[function.__module__].__doc__


def test_an_unknown_name_is_answered_with_the_nearest_and_all():
    with pytest.raises(RecipeError) as error:
        registry.find(STRATEGIES, "facility", "arms.x.select")
    assert str(error.value).startswith("arms.x.select: 'facility' is not known.\n  Did you mean 'facility_location'? There are: all, ")


def test_a_name_like_nothing_is_answered_with_all():
    with pytest.raises(RecipeError) as error:
        registry.find(STRATEGIES, "zzz", "arms.x.select")
    assert "Did you mean" not in str(error.value)
    assert "random" in str(error.value)


@pytest.mark.parametrize("name", ["__init__", "os", "../select", "", "random.random"])
def test_only_a_module_of_the_folder_can_be_named(name):
    with pytest.raises(RecipeError, match="is not known"):
        registry.find(STRATEGIES, name, "here")


def test_options_are_bound_with_the_types_they_declare():
    assert registry.bind(cook, {"salt": "3", "herbs": ["dill"]}, "here")([1]) == ([1], 3, 0.5, ["dill"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"salt": 1, "suger": 2}, r"here\.suger: there is no such option\.\s+There are: salt, pepper, herbs"),
        ({"salt": 1, "rows": 2}, r"here\.rows: there is no such option"),
        ({"salt": "much"}, r"here\.salt: .*integer.*found 'much'"),
        ({"salt": 1.5}, r"here\.salt: .*found 1\.5"),
        ({"salt": 1, "herbs": "dill"}, r"here\.herbs: .*list.*found 'dill'"),
        ({"pepper": 1}, r"here: salt must be given"),
    ],
)
def test_wrong_options_are_named(given, message):
    with pytest.raises(RecipeError, match=message):
        registry.bind(cook, given, "here")
