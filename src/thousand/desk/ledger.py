"""The page that searches the ledger."""

from __future__ import annotations

from typing import Annotated

import pyarrow.compute as pc
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from thousand.desk.access import Curator
from thousand.desk.desk import Desk
from thousand.desk.examples import excerpt
from thousand.desk.search import Fate, Filters, find

router = APIRouter()
PAGE = 50
Words = Annotated[str, Query(max_length=200)]
Number = Annotated[str, Query(max_length=40)]


@router.get("/search", response_class=HTMLResponse)
def search(
    request: Request,
    visitor: Curator,
    text: Words = "",
    fate: Fate = "all",
    source: Words = "",
    reason: Words = "",
    signal: Words = "",
    least: Number = "",
    most: Number = "",
    start: Annotated[int, Query(ge=0, le=100_000_000)] = 0,
) -> HTMLResponse:
    """Rows of the ledger that are as asked, fifty at a time."""
    desk = Desk.of(request)
    examples = desk.examples
    candidates, selection = examples.pool.candidates, examples.pool.selection
    filters = Filters(text, fate, source, reason, signal, _number(least), _number(most))
    rows = find(candidates, filters, examples.selected_rows())
    found = [candidates.row(int(at)) for at in rows[start : start + PAGE]]
    listed = [
        {
            "content": row["content"],
            "asks": excerpt(row["messages"], 160),
            "source": row["source"],
            "rank": selection.places.get(row["content"]),
            "reasons": row["reasons"] or [],
            "value": row.get(signal) if signal in candidates.signals else None,
            "state": state if (state := examples.states.get(row["content"])) and visitor.who in state.opinions else None,
        }
        for row in found
    ]
    return desk.page(
        request,
        "search.html.jinja",
        visitor,
        filters=filters,
        least=least,
        most=most,
        rows=listed,
        total=len(rows),
        start=start,
        size=PAGE,
        signals=candidates.signals,
        sources=_most(candidates.table["source"]),
        reasons=_most(pc.list_flatten(candidates.table["reasons"])),
        wrong=[each for each in (least, most) if each and _number(each) is None],
    )


def _most(column: object, count: int = 100) -> list[str]:
    """The commonest values of a column, by name."""
    values = pc.value_counts(column).to_pylist()
    named = sorted((each for each in values if each["values"] is not None), key=lambda each: -each["counts"])[:count]
    return sorted(each["values"] for each in named)


def _number(given: str) -> float | None:
    try:
        return float(given) if given.strip() else None
    except ValueError:
        return None
