"""The judge that prefers the longer answer: the null judge, which any other must beat before it is believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from thousand.judge.kinds import Case, Comparer, Progress, Said


def longest(*, margin: float = 0.1) -> Comparer:
    """Args:
    margin: share by which an answer must be longer; within it, a tie.
    """

    def ask(cases: Sequence[Case], progress: Progress) -> list[Said]:
        pairs = [tuple(map(len, case.texts)) for case in cases]
        progress(len(pairs))
        return [Said(_verdict(first, second, margin), raw=f"{first} {second}") for first, second in pairs]

    return Comparer("longest", ask)


def _verdict(first: int, second: int, margin: float) -> Literal["first", "second", "tie"]:
    if abs(first - second) <= margin * max(first, second):
        return "tie"
    return "first" if first > second else "second"
