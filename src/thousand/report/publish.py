"""The verb: a run's evidence becomes a summary, a page with its figures, a card and the claim's data set."""

from __future__ import annotations

from pathlib import Path

from thousand.manifest import write_text
from thousand.report.card import card
from thousand.report.dataset import write_dataset
from thousand.report.evidence import Evidence
from thousand.report.files import write_figures
from thousand.report.gallery import gallery
from thousand.report.page import page
from thousand.report.summarise import summarise
from thousand.report.summary import Summary


def report(evidence: Evidence, out: Path) -> Summary:
    """Write ``report.html``, ``figures/``, ``CARD.md`` and ``dataset/`` into a folder, each file whole or not at all.

    Returns:
        The summary, with the page's path in ``report``.
    """
    path = out / "report.html"
    summary = summarise(evidence).model_copy(update={"report": str(path)})
    drawn = gallery(summary, evidence)
    write_text(out / "CARD.md", card(summary, evidence))
    write_dataset(summary, evidence, out / "dataset")
    write_figures(drawn.every(), out / "figures")
    write_text(path, page(summary, evidence, drawn))
    return summary
