"""What the arms of a recipe will take, before they are worked at: examples, steps and models."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

from thousand.align import planned_steps, preference_steps, preference_work
from thousand.gather import read_pairs
from thousand.recipe import Recipe
from thousand.run.units import seeds


@dataclass(frozen=True)
class Plan:
    """One arm.

    Attributes:
        examples: of one training; 0 where nothing is trained.
        steps: of one training. work: the same in steps of training on examples, which are timed.
        models: asked, one for each seed.
        checkpoints: of each training that are asked, too, in order to choose one.
    """

    arm: str
    kind: str
    examples: int
    steps: int
    work: float
    models: int
    checkpoints: int

    @property
    def trained(self) -> int:
        """Models that are trained."""
        return self.models if self.steps else 0


_TOKENS = 200.0
"""Of an example, where nothing is known of the pool: the order of magnitude of a paragraph and its question."""


def plan(recipe: Recipe, candidates: int, tokens: float = _TOKENS) -> list[Plan]:
    """Every arm, in the recipe's order.

    Args:
        candidates: of the pool; how many an arm takes that takes every one is known no better before it is done.
        tokens: of an example, for arms whose budget is of tokens.
    """
    return [_arm(recipe, name, candidates, tokens) for name in recipe.arms]


def _arm(recipe: Recipe, name: str, candidates: int, tokens: float) -> Plan:
    arm = recipe.arms[name]
    if arm.kind in ("base", "shown"):
        return Plan(name, arm.kind, 0, 0, 0.0, seeds(recipe, name), 0)
    if arm.kind == "preferred":
        pairs = min(arm.budget or sys.maxsize, read_pairs(arm.preferences or "").table.num_rows)
        settings = recipe.training(name)
        return Plan(
            name, arm.kind, pairs, preference_steps(pairs, settings), preference_work(pairs, settings), seeds(recipe, name), checkpoints=0
        )
    source, settings = arm.guard or name, recipe.training(arm.guard or name)
    chosen = recipe.arms[source]
    budget = math.ceil(chosen.tokens / max(1.0, tokens)) if chosen.tokens else chosen.budget or candidates
    examples = min(budget, candidates)
    steps = planned_steps(examples, settings)
    chooses = arm.kind == "trained" and settings.choose.by != "last"
    checkpoints = math.ceil(steps / math.ceil(examples / settings.batch)) if chooses and examples else 0
    return Plan(name, arm.kind, examples, steps, float(steps), seeds(recipe, name), checkpoints)
