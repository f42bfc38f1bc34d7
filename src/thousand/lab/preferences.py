"""Pairs of answers of which the first is to be preferred: the second is bad in one of the ways in which rows of the pool are."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from thousand.lab.pool import MIX, Drawer, Truth
from thousand.lab.world import World

PAIRS = 4000


@dataclass(frozen=True)
class Pair:
    """Two answers to one prompt."""

    prompt: str
    chosen: str
    rejected: str


def make_pairs(world: World, seed: int = 0, size: int = PAIRS) -> tuple[list[Pair], list[Truth]]:
    """Pairs, all different, and for each the kind of its rejected answer and what was asked about.

    Prompts are drawn as the pool's are, and as unevenly: nothing held out is in them. Faults have their shares of the pool.
    """
    rng = random.Random(f"preferences {world.seed} {seed}")
    draw = Drawer(world, rng, skewed=True, topics=None)
    kinds, shares = zip(*((kind, share) for kind, share in MIX.items() if kind != "good"), strict=True)
    found: dict[Pair, Truth] = {}
    while len(found) < size:
        prompt, chosen, rejected, truth = draw.pair(rng.choices(kinds, shares)[0])
        found.setdefault(Pair(prompt, chosen, rejected), truth)
    return list(found), list(found.values())


def write_pairs(path: Path, pairs: Sequence[Pair]) -> None:
    """The public form: prompt, chosen, rejected."""
    path.write_text("".join(json.dumps(vars(each)) + "\n" for each in pairs), encoding="utf-8")
