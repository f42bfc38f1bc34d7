"""The answer: wins, ties and losses, the verdict by a written rule, and one page, one card and one table that say it."""

from thousand.report.across import Across, across
from thousand.report.across_page import publish_across
from thousand.report.analysis import Analysis, analyse
from thousand.report.card import card
from thousand.report.choice import Picture, choice
from thousand.report.counts import read_counts, tell_counts
from thousand.report.counts_page import publish_counts
from thousand.report.evidence import ArmEvidence, Evidence
from thousand.report.foremost import foremost
from thousand.report.page import page
from thousand.report.people import NotApplied, Reviewed
from thousand.report.publish import report
from thousand.report.summarise import summarise
from thousand.report.summary import ArmResult, Comparison, Contamination, Cost, PoolCounts, Question, Rating, Summary, Verdict
from thousand.report.terminal import show, show_across
from thousand.report.told import tell

__all__ = [
    "Across",
    "Analysis",
    "ArmEvidence",
    "ArmResult",
    "Comparison",
    "Contamination",
    "Cost",
    "Evidence",
    "NotApplied",
    "Picture",
    "PoolCounts",
    "Question",
    "Rating",
    "Reviewed",
    "Summary",
    "Verdict",
    "across",
    "analyse",
    "card",
    "choice",
    "foremost",
    "page",
    "publish_across",
    "publish_counts",
    "read_counts",
    "report",
    "show",
    "show_across",
    "summarise",
    "tell",
    "tell_counts",
]
