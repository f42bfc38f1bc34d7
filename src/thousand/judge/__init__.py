"""Answers to verdicts: ratings and comparisons in both orders, by models, by rule or by people, in one ledger."""

from thousand.judge.judge import asks_models, judge, make, preview
from thousand.judge.kinds import Answered, Case, Comparer, Imported, Judge, Rater, Said
from thousand.judge.ledger import check_once, read_verdicts, write_verdicts

__all__ = [
    "Answered",
    "Case",
    "Comparer",
    "Imported",
    "Judge",
    "Rater",
    "Said",
    "asks_models",
    "check_once",
    "judge",
    "make",
    "preview",
    "read_verdicts",
    "write_verdicts",
]
