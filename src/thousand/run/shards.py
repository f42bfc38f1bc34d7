"""A run cut into shards: each process or machine does its part of the units in one directory that all of them see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thousand.errors import RecipeError, ThousandError
from thousand.manifest import locked, write_text
from thousand.recipe import Recipe
from thousand.run.plan import plan
from thousand.run.units import Unit, units


@dataclass(frozen=True)
class Shard:
    """The ``number``-th of ``of`` parts, counted from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @classmethod
    def read(cls, text: str) -> Shard:
        """From ``2/4``.

        Raises:
            RecipeError: it is not that.
        """
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise RecipeError(f"--shard {text}: there is no such part.", "Write which of how many: --shard 2/4.")
        return cls(int(match[1]), int(match[2]))


@dataclass(frozen=True)
class Sharded:
    """What a shard has done.

    Attributes:
        done: its units that are finished. failed: those that are not, each with its reason.
        remaining: units of the whole run that no shard has finished yet.
    """

    shard: str
    done: list[str]
    failed: list[str]
    remaining: list[str]

    def sentence(self) -> str:
        """The same in words."""
        lines = [f"Shard {self.shard}: {_models(len(self.done))} done."]
        lines += [f"Failed: {each}" for each in self.failed]
        if self.remaining:
            some = ", ".join(self.remaining[:5]) + (", ..." if len(self.remaining) > 5 else "")
            lines.append(f"Of the whole run {_models(len(self.remaining))} remain: {some}.")
        rest = "does what remains, judges and reports" if self.remaining else "judges and reports"
        lines.append(f"The same command without --shard {rest}.")
        return "\n".join(lines)


@contextmanager
def beside(out: Path, key: str) -> Iterator[None]:
    """Be at work in a run directory beside other shards of the same recipe, pool, base and prompts.

    Args:
        key: the name of all these. The caller holds a lock that whoever else begins here would need.

    Raises:
        ThousandError: shards of another key are at work: each would make anew what the others stand on.
    """
    folder = out / ".shards"
    path = folder / "key"
    if path.is_file() and path.read_text(encoding="utf-8") != key:
        try:
            with locked(folder):
                pass
        except ThousandError:
            raise ThousandError(
                f"Shards are at work in {out} with another recipe, pool, base or other prompts.",
                "Wait for them to end, or choose another --out.",
            ) from None
    write_text(path, key)
    with locked(folder, among=True):
        yield


def part(recipe: Recipe, shard: Shard, candidates: int) -> list[Unit]:
    """The units of a shard, in the order in which they can be done.

    What belongs together (an arm that is guarded, and its guard) goes to one shard; the largest by expected steps are dealt first,
    each to the shard that has the least. Every process deals alike.

    Args:
        candidates: of the pool.
    """
    steps = {each.arm: each.steps for each in plan(recipe, candidates)}
    groups: dict[Any, list[Unit]] = {}
    for unit in units(recipe):
        guarded = recipe.arms[unit.arm].guard
        groups.setdefault(Unit(guarded, 0) if guarded else unit, []).append(unit)
    weighed = sorted(groups.values(), key=lambda group: (-_weight(group, steps), group[0].arm, group[0].seed))
    loads = [0] * shard.of
    mine: set[Unit] = set()
    for group in weighed:
        least = loads.index(min(loads))
        loads[least] += _weight(group, steps)
        mine |= set(group) if least == shard.number - 1 else set()
    return [unit for unit in units(recipe) if unit in mine]


def _weight(group: Sequence[Unit], steps: dict[str, int]) -> int:
    return sum(1 + steps[unit.arm] for unit in group)  # what is not trained is asked all the same


def _models(count: int) -> str:
    return f"{count} model{'' if count == 1 else 's'}"
