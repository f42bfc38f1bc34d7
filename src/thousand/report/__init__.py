"""The answer: wins, ties and losses, the verdict by a written rule, and one page, one card and one table that say it."""

from thousand.report.card import card
from thousand.report.choice import Picture, choice
from thousand.report.compare import compare_verdicts
from thousand.report.evidence import ArmEvidence, Evidence
from thousand.report.page import page
from thousand.report.publish import report
from thousand.report.summarise import summarise
from thousand.report.summary import ArmResult, Comparison, Contamination, Cost, PoolCounts, Question, Rating, Summary, Verdict
from thousand.report.terminal import show

__all__ = [
    "ArmEvidence",
    "ArmResult",
    "Comparison",
    "Contamination",
    "Cost",
    "Evidence",
    "Picture",
    "PoolCounts",
    "Question",
    "Rating",
    "Summary",
    "Verdict",
    "card",
    "choice",
    "compare_verdicts",
    "page",
    "report",
    "show",
    "summarise",
]
