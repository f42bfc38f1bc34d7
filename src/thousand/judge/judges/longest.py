"""The judge that prefers the longer answer: the null judge, which any other must beat before it is believed."""

from __future__ import annotations

from collections.abc import Sequence

from thousand.judge.kinds import Comparer


def longest(*, margin: float = 0.1) -> Comparer:
    """Args:
    margin: share by which an answer must be longer; within it, a tie.
    """

    def compare(triples: Sequence[tuple[str, str, str]]) -> list[dict[str, object]]:
        return [
            {"verdict": _verdict(len(first), len(second), margin), "raw": f"{len(first)} {len(second)}"} for _, first, second in triples
        ]

    return Comparer("longest", compare)


def _verdict(first: int, second: int, margin: float) -> str:
    if abs(first - second) <= margin * max(first, second):
        return "tie"
    return "first" if first > second else "second"
