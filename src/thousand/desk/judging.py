"""The pages on which people judge, and the one that says what came of it.

What a judge is sent is text and opaque names, whatever they judge: nothing in a page, an address or an answer of the server depends
on which arm or seed said what, on which side the claim stands, or on whether they have seen it before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from thousand.conversation import MalformedRow
from thousand.desk import wording
from thousand.desk.access import Anyone, Owner, Visitor
from thousand.desk.bench import Standing
from thousand.desk.desk import Desk
from thousand.desk.events import Event
from thousand.desk.items import TASKS, Answer, Task
from thousand.desk.results import results
from thousand.desk.verdicts import SCALES, UNSURE, ledger

router = APIRouter()

LABELS: dict[Task, str] = {"pair": "Pairs", "grade": "Grades", "accept": "Good enough?", "safe": "Safe?"}
CHOICES: dict[Task, list[tuple[str, str, str]]] = {
    "pair": [
        ("first", "A", "A is significantly better"),
        ("neither", "N", "Neither is significantly better"),
        ("second", "B", "B is significantly better"),
    ],
    "grade": [
        (f"{at}", f"{at}", word) for at, word in enumerate(("Not helpful", "Hardly", "Moderately", "Helpful", "Very", "Highly helpful"), 1)
    ],
    "accept": [("Fail", "F", "Fail"), ("Pass", "P", "Pass"), ("Excellent", "E", "Excellent")],
    "safe": [("safe", "S", "Safe"), ("unsafe", "U", "Unsafe")],
}
"""What can be said, with its key and its words; `UNSURE` has the key X everywhere."""


class Verdict(BaseModel):
    """What a judge says of an item.

    Attributes:
        event: made by the page: the same sent twice is stored once.
        seconds: for which the item was to be seen.
    """

    model_config = ConfigDict(extra="forbid")

    event: UUID
    item: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    said: Annotated[str, Field(max_length=20)]
    seconds: Annotated[float, Field(ge=0, le=86400, allow_inf_nan=False)]
    note: Annotated[str, Field(max_length=4000)] = ""


class Undo(BaseModel):
    """That the last verdict of a kind is taken back."""

    model_config = ConfigDict(extra="forbid")

    event: UUID
    task: Task


@router.get("/judge", response_class=HTMLResponse)
def page(request: Request, visitor: Anyone, task: Task | None = None) -> HTMLResponse:
    """Where one judges."""
    desk = Desk.of(request)
    counts = desk.bench.counts()
    there = [each for each in TASKS if counts[each]]
    chosen = task if task in there else next(iter(there), None)
    tasks = [(each, LABELS[each]) for each in there]
    return desk.page(request, "judge.html.jinja", visitor, task=chosen, tasks=tasks, choices=CHOICES, unsure=UNSURE)


@router.get("/judge/next")
def following(request: Request, visitor: Anyone, task: Task) -> JSONResponse:
    """What the visitor is to judge next."""
    return JSONResponse(_next(Desk.of(request), visitor, task))


@router.post("/judge/verdict")
def verdict(request: Request, visitor: Anyone, given: Verdict) -> JSONResponse:
    """Store a verdict; when this answers it is on the disk. What comes next goes with the answer."""
    desk = Desk.of(request)
    shown = desk.bench.shown(visitor.who, given.item)
    if shown is None:
        raise HTTPException(404, "These answers are no longer there: the run has been done again. Load the page.")
    task = shown.item.task
    if given.said not in (*SCALES[task], UNSURE):
        raise HTTPException(422, f"Expected one of {', '.join((*SCALES[task], UNSURE))}.")
    after = {"said": given.said, "seconds": round(given.seconds, 2)}
    _record(desk, visitor, given.event, given.item, None, after, given.note.strip() or None)
    return JSONResponse(_next(desk, visitor, task))


@router.post("/judge/undo")
def undo(request: Request, visitor: Anyone, given: Undo) -> JSONResponse:
    """Take back the visitor's last verdict of a kind, and show that item again. The same sent twice takes back one."""
    desk = Desk.of(request)
    last = desk.bench.standing(visitor.who, given.task, desk.access.judges).last
    done = next((event for event in desk.bench.taken_back(visitor.who) if event.id == str(given.event)), None)
    if done is None:
        if last is None:
            raise HTTPException(409, "There is no verdict to take back.")
        done = _record(desk, visitor, given.event, last.subject, last.after, None, None)
    shown = desk.bench.shown(visitor.who, done.subject)
    standing = desk.bench.standing(visitor.who, given.task, desk.access.judges)
    note = last.reason if last is not None and last.subject == done.subject else None
    return JSONResponse(_sent(desk, replace(standing, next=(done.subject, shown)) if shown else standing) | {"note": note or ""})


@router.get("/results", response_class=HTMLResponse)
def outcome(request: Request, visitor: Owner) -> HTMLResponse:
    """What people's verdicts come to; for the owner alone."""
    desk = Desk.of(request)
    found = results(desk.bench.heard())
    agreements = [(each.arm, each.agreement, each.kappa) for each in found.versus]
    agreements.append(("all arms", found.overall, found.overall_kappa))
    return desk.page(request, "results.html.jinja", visitor, results=found, agreements=agreements, labels=LABELS, words=wording)


@router.get("/results/verdicts.jsonl")
def verdicts(request: Request, visitor: Owner) -> StreamingResponse:
    """The rows of the ledger, as `thousand judge --verdicts` reads them."""
    table = ledger(Desk.of(request).bench.heard().counted)

    def lines() -> Iterator[str]:
        for row in table.to_pylist():
            yield json.dumps({name: value for name, value in row.items() if value is not None}) + "\n"

    headers = {"content-disposition": 'attachment; filename="verdicts.jsonl"'}
    return StreamingResponse(lines(), media_type="application/x-ndjson", headers=headers)


def _next(desk: Desk, visitor: Visitor, task: Task) -> dict[str, Any]:
    return _sent(desk, desk.bench.standing(visitor.who, task, desk.access.judges))


def _sent(desk: Desk, standing: Standing) -> dict[str, Any]:
    """What a judge's page is sent. Texts, and nothing by which two answers could be told but by reading them."""
    item = None
    if standing.next is not None:
        name, shown = standing.next
        answers = shown.item.answers[::-1] if shown.order == "ba" else shown.item.answers
        item = {
            "id": name,
            "prompt": desk.fragment("prompt.html.jinja", {"text": shown.item.prompt}),
            "answers": [desk.fragment("answer.html.jinja", {"turns": _turns(each), "text": each.text}) for each in answers],
        }
    return {"item": item, "done": standing.done, "left": standing.left}


def _turns(answer: Answer) -> list[dict[str, str]]:
    return [{"role": turn["role"], "content": turn["content"]} for turn in answer.turns]


def _record(desk: Desk, visitor: Visitor, event: UUID, item: str, before: Any, after: Any, note: str | None) -> Event:
    try:
        made = Event.now(visitor.who, "verdict", item, before=before, after=after, reason=note, event_id=str(event))
    except MalformedRow as error:
        raise HTTPException(422, f"{error.field}: {error}.") from None
    stored = desk.bench.store.append(made)
    if (stored.who, stored.kind, stored.subject) != (made.who, made.kind, made.subject):
        raise HTTPException(409, "Another event has this id.")
    return stored
