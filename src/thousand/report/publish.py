"""The verb: a run's evidence becomes a summary, a page and a card."""

from __future__ import annotations

from pathlib import Path

from thousand.manifest import write_text
from thousand.report.card import card
from thousand.report.evidence import Evidence
from thousand.report.page import page
from thousand.report.summarise import summarise
from thousand.report.summary import Summary


def report(evidence: Evidence, out: Path) -> Summary:
    """Write ``report.html`` and ``CARD.md`` into a folder, each whole or not at all.

    Returns:
        The summary, with the page's path in ``report``.
    """
    path = out / "report.html"
    summary = summarise(evidence).model_copy(update={"report": str(path)})
    write_text(out / "CARD.md", card(summary, evidence))
    write_text(path, page(summary, evidence))
    return summary
