"""The run on one page: a single HTML file that needs no network and no script, and may be opened anywhere, for years."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from thousand import recipe as recipes
from thousand.report import judging, known, shift, wording
from thousand.report.evidence import Evidence
from thousand.report.figure import Cell, Table
from thousand.report.gallery import Gallery, gallery
from thousand.report.side_by_side import side_by_side
from thousand.report.summary import Summary
from thousand.version import __version__

HERE = Path(__file__).parent
_LONGEST = 2000  # characters of one answer on the page
MOST_ROWS = 120
"""Of one table on the page; its file has all of them."""


def page(summary: Summary, evidence: Evidence, drawn: Gallery | None = None) -> str:
    """The page as HTML. Whatever comes from pools and models is escaped, stripped of control characters and never a link.

    Args:
        drawn: the figures, where they have been drawn already.
    """
    lead, rest = headline(summary.verdict.sentence)
    drawn = drawn or gallery(summary, evidence)
    return render(
        "page.html.jinja",
        summary=summary,
        lead=lead,
        rest=rest,
        drawn=drawn,
        versus={arm.name: summary.comparison(arm.name) for arm in summary.arms},
        asked=side_by_side(evidence),
        chosen=[_example(row) for row in _first_ranks(evidence.claim.selections)],
        quantities=[name for name in drawn.others if name.startswith("quantity")],
        shifted=shift.tokens(summary.shift) if summary.shift else Table([], []),
        knows=known.numbers(summary.arms),
        stopped=known.stopped(summary.arms),
        noise=judging.noise_numbers(summary.noise),
        biases=judging.biases(summary.biases),
        reviewed=reviewed(evidence),
        conflicts=evidence.conflicts,
        not_applied=not_applied(evidence),
        people=evidence.people,
        recipe=recipes.dump(evidence.recipe),
    )


def render(template: str, **values: Any) -> str:
    """A template of this folder, with the page's style and the filters in which numbers and texts are said."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(filters(), hostile=hostile, drawing=drawing, textual=textual, filled=filled)
    style = Markup((HERE / "page.css").read_text(encoding="utf-8"))  # noqa: S704  our own file
    return environment.get_template(template).render(style=style, version=__version__, most_rows=MOST_ROWS, **values)


def filters() -> Mapping[str, Callable[..., Any]]:
    """Numbers as `wording` says them, for templates."""
    names = (
        "count",
        "rating",
        "span",
        "percent",
        "percent_span",
        "points",
        "points_span",
        "aligned",
        "probability",
        "duration",
        "listed",
        "plural",
        "number",
    )
    return {name: getattr(wording, name) for name in names}


def drawing(canvas: Any) -> Markup:
    """A figure's markup. It is our own, and the texts in it are escaped by the drawing."""
    return Markup(canvas.svg())  # noqa: S704


def filled(table: Table) -> Table:
    """A table without the columns in which nothing stands; the file beside the page has them all."""
    at = [at for at in range(len(table.columns)) if not table.rows or any(row[at] not in (None, "") for row in table.rows)]
    return Table([table.columns[each] for each in at], [[row[each] for each in at] for row in table.rows])


def textual(table: Table) -> list[bool]:
    """Which columns of a table are text, to be set to the left."""
    return [any(isinstance(row[at], str) and row[at] for row in table.rows) for at in range(len(table.columns))]


def headline(sentence: str) -> tuple[str, str]:
    """The answer and what supports it: "Less was more." and the rest."""
    ends = [at + 1 for mark in (". ", ": ") if (at := sentence.find(mark)) >= 0]
    cut = min(ends, default=len(sentence))
    return sentence[:cut], sentence[cut:].strip()


def hostile(text: str) -> str:
    """Text of unknown making, fit to be shown: cut when endless; control and direction marks made visible. Escaping is the template's."""
    shown = "".join(letter if letter.isprintable() or letter in "\n\t" else "\N{REPLACEMENT CHARACTER}" for letter in text[:_LONGEST])
    return f"{shown}…" if len(text) > _LONGEST else shown


def reviewed(evidence: Evidence) -> Table:
    """What each person decided about the claim's examples."""
    rows: list[list[Cell]] = [
        [each.who, each.accepted, each.edited, each.rejected, each.written, each.skipped, round(each.minutes)] for each in evidence.reviewed
    ]
    return Table(["Who", "Accepted", "Edited", "Rejected", "Written", "Put off", "Minutes"], rows)


def not_applied(evidence: Evidence) -> Table:
    """What people decided and could not be carried out."""
    rows: list[list[Cell]] = [[each.example, each.decision, ", ".join(each.by), each.reason] for each in evidence.not_applied]
    return Table(["Example", "Decision", "By", "Why it was not carried out"], rows)


def _first_ranks(selections: Iterable[pa.Table], n: int = 10) -> list[dict[str, Any]]:
    first = next(iter(selections), None)
    if first is None:
        return []
    rows: list[dict[str, Any]] = first.sort_by("rank").slice(0, n).to_pylist()
    return rows


def _example(row: Mapping[str, Any]) -> dict[str, Any]:
    """One pick as the page shows it."""
    turns: Sequence[Mapping[str, str]] = row["messages"] or []
    answered = bool(turns) and turns[-1]["role"] == "assistant"
    asked = [turn["content"] or "" for turn in (turns[:-1] if answered else turns) if turn["role"] != "system"]
    return {
        "rank": row["rank"],
        "prompt": "\n\n".join(asked),
        "response": turns[-1]["content"] or "" if answered else "",
        "reason": row["reason"] or "",
        "source": row["source"] or "",
        "origin": row["origin"] or "",
        "licence": row["licence"] or "unknown",
    }
