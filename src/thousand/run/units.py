"""A unit of work is what one arm needs for one seed: a model, its answers, and what it still knows."""

from __future__ import annotations

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
    return min(recipe.arms[arm].draws, seeds(recipe, arm)) if recipe.arms[arm].select is not None else 0


def stages(recipe: Recipe) -> int:
    """Stages of all units together."""
    count = sum(draws(recipe, name) for name in recipe.arms)
    for unit in units(recipe):
        arm = recipe.arms[unit.arm]
        chooses = 2 * (arm.kind == "trained" and recipe.training(unit.arm).choose.by != "last")
        count += 1 + (arm.kind in ("trained", "guard", "preferred")) + chooses + bool(recipe.knowledge)
    return count
