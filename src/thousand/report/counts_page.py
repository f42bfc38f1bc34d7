"""A page for published counts: the bars of a paper's own table, and which of its differences are significant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from thousand.manifest import write_text
from thousand.report import wording
from thousand.report.counts import tell_counts
from thousand.report.figure import Figure, apart, name_of
from thousand.report.files import write_figures
from thousand.report.gallery import compared
from thousand.report.page import render
from thousand.report.summary import Comparison


def publish_counts(comparisons: Sequence[Comparison], out: Path) -> Path:
    """Write ``report.html`` and ``figures/`` into a folder and return the path of the page."""
    found = list(apart(gallery_counts(comparisons)))
    write_figures(found, out / "figures")
    page = render("counts.html.jinja", figures=found, told=tell_counts(comparisons))
    write_text(out / "report.html", page)
    return out / "report.html"


def gallery_counts(comparisons: Sequence[Comparison]) -> Iterator[Figure]:
    """The bars of each claim and judge, in the order of the file, as LIMA's figures 1 and 2."""
    for claim, judge in dict.fromkeys((each.a, each.judge) for each in comparisons):
        rows = [each for each in comparisons if (each.a, each.judge) == (claim, judge)]
        n = wording.listed([f"{each:,}" for each in sorted({row.n for row in rows})])
        caption = f"{claim} judged by {judge}, over {n} prompts. Net win is wins less losses, in percentage points, with its 95% interval."
        yield compared(rows, name_of("wins", claim, judge), caption)
