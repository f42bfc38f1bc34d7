"""A unit of work is what one arm needs for one seed: a model, its answers, and what it still knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from thousand.recipe import Recipe


@dataclass(frozen=True)
class Unit:
    """One seed of one arm. Units do not know of each other, but for guards, which train as long as another arm was trained."""

    arm: str
    seed: int

    def __str__(self) -> str:
        return f"{self.arm}, seed {self.seed}"


def units(recipe: Recipe) -> list[Unit]:
    """All units of a recipe in the order in which they can be done: guards come after the arms that they guard."""
    arms = sorted(recipe.arms, key=lambda name: recipe.arms[name].guard is not None)
    return [Unit(name, seed) for name in arms for seed in range(seeds(recipe, name))]


def seeds(recipe: Recipe, arm: str) -> int:
    """Models of an arm."""
    return recipe.arms[arm].seeds or recipe.seeds


def draws(recipe: Recipe, arm: str) -> int:
    """Training sets that an arm draws, which are spread over its seeds."""
    if recipe.arms[arm].kind == "shown":  # the first examples of each of the claim's
        return min(draws(recipe, recipe.claim), seeds(recipe, arm))
    return min(recipe.arms[arm].draws, seeds(recipe, arm)) if recipe.arms[arm].kind in ("trained", "preferred") else 0


def is_reviewed(recipe: Recipe, arm: str) -> bool:
    """Whether people's decisions apply to an arm: to the claim, where an arm does not say."""
    asks = recipe.arms[arm].review
    return recipe.arms[arm].select is not None and (arm == recipe.claim if asks is None else asks)


def stages(recipe: Recipe, of: Sequence[Unit]) -> int:
    """Stages of some units together, with those of the draws that they are trained on."""
    drawn = {(unit.arm, unit.seed % draws(recipe, unit.arm)) for unit in of if draws(recipe, unit.arm)}
    count = sum(1 + is_reviewed(recipe, arm) for arm, _ in drawn)
    count += len({unit.arm for unit in of if recipe.arms[unit.arm].kind == "preferred"})  # whose pairs are read
    for unit in of:
        arm = recipe.arms[unit.arm]
        chooses = 2 * (arm.kind == "trained" and recipe.training(unit.arm).choose.by != "last")
        count += 1 + (arm.kind in ("trained", "guard", "preferred")) + chooses + bool(recipe.knowledge)
    return count
