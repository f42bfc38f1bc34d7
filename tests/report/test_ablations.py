from tests.report.rich import RECIPE, rich
from thousand.recipe import Recipe
from thousand.report.ablations import ablations, differs, equal_size
from thousand.report.figure import NARROW


def test_only_arms_with_as_many_examples_are_compared_and_no_base_guard_or_failure():
    summary, _ = rich()
    assert [arm.name for arm in equal_size(summary.arms)] == ["curated-100", "random-100", "longest-100"]


def test_what_differs_is_said_in_the_recipes_words():
    recipe = Recipe.model_validate(RECIPE)
    assert differs("curated-100", "curated-100", recipe) == "facility_location, quality asked, gate 0.3"
    assert differs("longest-100", "curated-100", recipe) == "longest, no quality, no gate"
    assert differs("not-there", "curated-100", recipe) == ""


def test_the_difference_stands_under_each_name():
    summary, evidence = rich()
    svg = ablations(equal_size(summary.arms), evidence.recipe, NARROW).svg()
    assert ">longest, no quality, no gate</text>" in svg
