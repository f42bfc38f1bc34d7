"""Further measurements of the claim's models, as the recipe's ``measure`` names them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from thousand import registry
from thousand.recipe import Choice, Recipe

if TYPE_CHECKING:  # a recipe is checked before any of this is there
    from thousand.run.arms import Trained
    from thousand.run.work import Work

MEASUREMENTS = "thousand.run.measurements"


def measure(work: Work, claim: Trained) -> dict[str, Path]:
    """The tables that the measurements wrote, by name. A claim without a model is not measured."""
    if claim.failed is not None:
        return {}
    return {choice.name: _named(choice, i)(work, claim) for i, choice in enumerate(work.recipe.measure)}


def check(recipe: Recipe) -> None:
    """Raise RecipeError where the recipe names a measurement or an option that there is not."""
    for position, choice in enumerate(recipe.measure):
        _named(choice, position)


def _named(choice: Choice, position: int) -> Callable[[Work, Trained], Path]:
    where = f"measure.{position}.{choice.name}"
    return registry.bind(registry.find(MEASUREMENTS, choice.name, where), choice.options, where)
