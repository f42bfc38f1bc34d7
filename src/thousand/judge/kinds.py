"""The kinds of judge: one that rates an answer by itself, one that compares two, and verdicts that were given elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Rater:
    """Rates answers one by one.

    Attributes:
        name: under which its verdicts stand in the ledger.
        rate: from (prompt, answer) pairs to records, one each: numbers by criterion, and ``raw``. A record without a number
            for ``overall`` is a verdict that could not be read: it is kept, and counted.
    """

    name: str
    rate: Callable[[Sequence[tuple[str, str]]], list[dict[str, object]]]


@dataclass(frozen=True)
class Comparer:
    """Compares two answers to a prompt. It is asked twice, each answer first once.

    Attributes:
        compare: from (prompt, first, second) to records with ``verdict`` ("first", "second", "tie", or None where it cannot
            be read) and ``raw``.
    """

    name: str
    compare: Callable[[Sequence[tuple[str, str, str]]], list[dict[str, object]]]


@dataclass(frozen=True)
class Imported:
    """Verdicts in a file."""

    name: str
    path: Path


Judge = Rater | Comparer | Imported
