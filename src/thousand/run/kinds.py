"""How an arm of each kind becomes a model. A further kind is a function in a module of its own, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from thousand import recipe
from thousand.errors import RecipeError
from thousand.run.made import Made
from thousand.run.preferred import preferred
from thousand.run.shown import shown
from thousand.run.trained import guard, trained
from thousand.run.units import Unit
from thousand.run.work import Work


def untouched(work: Work, unit: Unit) -> Made:
    """The base as it is."""
    return Made(work.base, work.base_digest)


KINDS: Mapping[recipe.Kind, Callable[[Work, Unit], Made]] = {
    "trained": trained,
    "guard": guard,
    "base": untouched,
    "shown": shown,
    "preferred": preferred,
}


def make(work: Work, unit: Unit) -> Made:
    """The model of a unit.

    Raises:
        RecipeError: nothing carries out an arm of this kind.
        ThousandError: as `thousand.select.select`, `thousand.align.align` and `thousand.run.choosing.Chooser.choose`.
    """
    kind = work.recipe.arms[unit.arm].kind
    if kind not in KINDS:
        raise RecipeError(f"arms.{unit.arm}: an arm of the kind {kind!r} cannot be made.")
    return KINDS[kind](work, unit)
