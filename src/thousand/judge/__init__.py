"""Answers to verdicts: ratings and comparisons in both orders, by functions, by rule or by people, in one ledger."""

from thousand.judge.judge import judge, make
from thousand.judge.kinds import Comparer, Imported, Judge, Rater

__all__ = ["Comparer", "Imported", "Judge", "Rater", "judge", "make"]
