"""Further measurements of the claim's models, as the recipe's ``measure`` names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from thousand import registry
from thousand.recipe import Choice, Recipe
from thousand.run.failure import Failure

if TYPE_CHECKING:  # a recipe is checked before any of this is there
    from thousand.run.arms import Trained
    from thousand.run.work import Work

MEASUREMENTS = "thousand.run.measurements"


@dataclass(frozen=True)
class Measured:
    """The tables that the measurements wrote, and why others could not be made; both by name."""

    tables: Mapping[str, Path]
    failed: Mapping[str, str]


def measure(work: Work, claim: Trained) -> Measured:
    """A claim without a model is not measured. A measurement that fails stops nothing: no verdict stands on it.

    Raises:
        OSError: the disk is full or cannot be written to.
    """
    tables: dict[str, Path] = {}
    failed: dict[str, str] = {}
    for i, choice in enumerate(work.recipe.measure if claim.failed is None else ()):
        try:
            tables[choice.name] = _named(choice, i)(work, claim)
        except OSError:
            raise
        except Exception as error:
            failed[choice.name] = Failure.of(error, work.recipe.claim, 0).what
            work.stages.listener.failed(choice.name, failed[choice.name])
    return Measured(tables, failed)


def check(recipe: Recipe) -> None:
    """Raise RecipeError where the recipe names a measurement or an option that there is not."""
    for position, choice in enumerate(recipe.measure):
        _named(choice, position)


def _named(choice: Choice, position: int) -> Callable[[Work, Trained], Path]:
    where = f"measure.{position}.{choice.name}"
    return registry.bind(registry.find(MEASUREMENTS, choice.name, where), choice.options, where)
