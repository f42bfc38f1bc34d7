"""Of arms that differ in their number of examples alone, the one to show where there is no room for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from thousand.report.evidence import ArmEvidence
from thousand.report.summary import ArmResult

A = TypeVar("A", ArmEvidence, ArmResult)


def foremost(arms: Sequence[A], examples: int) -> list[A]:
    """One arm of each family, that with as many examples as can be had; variants of the claim are left out.

    Args:
        examples: the claim's.
    """
    nearest: dict[tuple[str | None, str], A] = {}
    for arm in arms:
        if arm.role != "variant":
            family = (arm.family, "" if arm.family else arm.name)
            nearest[family] = min(nearest.get(family, arm), arm, key=lambda each: abs(each.examples - examples))
    return list(nearest.values())
