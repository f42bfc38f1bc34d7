"""A page for published counts: the bars of a paper's own table, and which of its differences are significant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from thousand.manifest import write_text
from thousand.report import wording
from thousand.report.counts import significance
from thousand.report.figure import Figure, apart, name_of
from thousand.report.files import write_figures
from thousand.report.gallery import compared
from thousand.report.page import headline, render
from thousand.report.summary import Comparison


@dataclass(frozen=True)
class Counted:
    """One claim by one judge: its bars, and what of them is significant, in words."""

    claim: str
    judge: str
    said: str
    figure: Figure


def publish_counts(comparisons: Sequence[Comparison], out: Path) -> Path:
    """Write ``report.html`` and ``figures/`` into a folder and return the path of the page."""
    tables = counted(comparisons)
    lead, rest = headline(tables[0].said) if tables else ("Nothing was compared.", "")
    write_figures([each.figure for each in tables], out / "figures")
    write_text(out / "report.html", render("counts.html.jinja", tables=tables, lead=lead.rstrip(":"), rest=rest))
    return out / "report.html"


def counted(comparisons: Sequence[Comparison]) -> list[Counted]:
    """Each claim and judge in the order of the file, as LIMA's figures 1 (people) and 2 (GPT-4)."""
    groups: dict[tuple[str, str], list[Comparison]] = {}
    for each in comparisons:
        groups.setdefault((each.a, each.judge), []).append(each)
    figures = apart(_figure(claim, judge, rows) for (claim, judge), rows in groups.items())
    return [
        Counted(claim, judge, significance(claim, rows), figure)
        for ((claim, judge), rows), figure in zip(groups.items(), figures, strict=True)
    ]


def _figure(claim: str, judge: str, rows: Sequence[Comparison]) -> Figure:
    n = wording.listed([f"{each:,}" for each in sorted({row.n for row in rows})])
    caption = f"{claim} judged by {judge}, over {n} prompts. Net win is wins less losses, in percentage points, with its 95% interval."
    return compared(rows, name_of("wins", claim, judge), caption)
