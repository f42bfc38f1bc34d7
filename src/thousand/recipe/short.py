"""What a recipe may say in one line for several: bases by name, and budgets of one arm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def bases_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with several bases, written as one mapping, told apart from one.

    Raises:
        ValueError: there are none, or one folder has two names.
    """
    bases = record.get("base")
    if not isinstance(bases, Mapping):
        return record
    if not bases:
        raise ValueError("base: at least one is needed, as a folder or as name: folder")
    for name, folder in bases.items():
        other = next(each for each in bases if bases[each] == folder)
        if other != name:
            raise ValueError(f"base.{name}: {folder!r} is the base {other!r}, too")
    return {**record, "base": next(iter(bases.values())), "bases": dict(bases)}


def each_budget(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with every arm of several budgets as so many arms, ``NAME-100`` and so on, in the order of the budgets.

    Raises:
        ValueError: no budget, one that is no number or is named twice, or an arm that has such a name already.
    """
    arms = record.get("arms")
    if not isinstance(arms, Mapping):
        return record
    found: dict[str, Any] = {}
    for name, arm in arms.items():
        budgets = arm.get("budget") if isinstance(arm, Mapping) else None
        several = {f"{name}-{budget}": {**arm, "budget": budget, "family": name} for budget in _checked(name, budgets)}
        for each, own in (several or {name: arm}).items():
            if each in found or (several and each in arms):
                raise ValueError(f"arms.{name}: there are two arms of the name {each!r}, for several budgets make several arms")
            found[each] = own
    return {**record, "arms": found}


def _checked(name: str, budgets: Any) -> list[int]:
    """The budgets of an arm that has several, else none."""
    if not isinstance(budgets, list):
        return []
    if not budgets:
        raise ValueError(f"arms.{name}.budget: at least one number of examples is needed")
    for budget in budgets:
        if isinstance(budget, bool) or not isinstance(budget, int) or budget < 1:
            raise ValueError(f"arms.{name}.budget: a list of numbers of examples belongs here, found {budget!r}")
        if budgets.count(budget) > 1:
            raise ValueError(f"arms.{name}.budget: {budget} is there twice")
    return budgets
