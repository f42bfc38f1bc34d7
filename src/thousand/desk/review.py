"""The pages of review, and what they post: one decision at a time, each an event that is on the disk before it is acknowledged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from thousand.conversation import MalformedRow, content_id
from thousand.desk import guide
from thousand.desk.access import Curator, Owner
from thousand.desk.decisions import last_word
from thousand.desk.desk import Desk
from thousand.desk.events import Event
from thousand.desk.examples import Examples, excerpt
from thousand.desk.item import TURNS, item
from thousand.desk.queue import Order, Show

router = APIRouter()
WINDOW = 1000
"""Examples of a queue that are named at once."""
Content = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
Subject = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
_TOLD = ("accept", "reject", "edit", "settle", "undo")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", str_max_length=500_000)
    id: UUID


class Turn(BaseModel):
    """One turn of an edited or written example."""

    model_config = ConfigDict(extra="forbid")
    role: Literal["system", "user", "assistant", "tool"]
    content: Annotated[str, Field(min_length=1, max_length=200_000)]


class Decision(_Body):
    """What a curator did.

    Attributes:
        subject: the example's content in the pool; null for one that is written.
        messages: for an edit and a new example, all turns.
        replacement: of a rejection, the content of what shall take the place; null leaves it to the reserve.
        seen: number of the last event about the subject that the page knew.
    """

    kind: Literal["accept", "reject", "edit", "write", "skip", "undo"]
    subject: Subject | None = None
    messages: Annotated[list[Turn], Field(min_length=1, max_length=TURNS)] | None = None
    reason: Annotated[str, Field(max_length=2000)] | None = None
    replacement: Subject | None = None
    seen: Annotated[int, Field(ge=0, le=2**53)] = 0


class Liking(_Body):
    """More like an example, or none like it: it reorders the queue, and proposes; it decides nothing."""

    subject: Subject
    like: Literal["more", "none"]


class NewGuide(_Body):
    """The style guide as it shall be."""

    text: Annotated[str, Field(max_length=20_000)]


@router.get("/review", response_class=HTMLResponse)
def review(
    request: Request,
    visitor: Curator,
    show: Show = "open",
    order: Order = "rank",
    like: Annotated[str, Query(pattern="^([0-9a-f]{16})?$")] = "",
    at: Annotated[str, Query(pattern="^([0-9a-f]{16})?$")] = "",
) -> HTMLResponse:
    """The page, with its first example in it."""
    desk = Desk.of(request)
    examples = desk.examples
    queue = _window(examples, visitor.who, show, order, like or None, 0)
    first = at or next(iter(queue["contents"]), "")
    return desk.page(
        request,
        "review.html.jinja",
        visitor,
        queue=queue,
        first=first,
        fragment=_fragment(desk, visitor.who, first) if first else "",
        progress=examples.progress(visitor.who),
        guide=_guide(desk),
        likes=excerpt(examples.messages(like) or [], 80) if like else "",
        taste=_taste(examples, visitor.who),
        arm=examples.pool.arm,
        unit=guide.checks(guide.bands(desk.run), "").row(),
    )


@router.get("/review/items/{content}", response_class=HTMLResponse)
def one(request: Request, visitor: Curator, content: Content) -> HTMLResponse:
    """One example, as a piece of the page."""
    return HTMLResponse(_fragment(Desk.of(request), visitor.who, content))


@router.get("/api/queue")
def queue(
    request: Request,
    visitor: Curator,
    show: Show = "open",
    order: Order = "rank",
    like: Annotated[str, Query(pattern="^([0-9a-f]{16})?$")] = "",
    start: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> dict[str, Any]:
    """What comes next."""
    return _window(Desk.of(request).examples, visitor.who, show, order, like or None, start)


@router.get("/api/progress")
def progress(request: Request, visitor: Curator) -> dict[str, Any]:
    """How far the review has come, what is known of one's taste, and what one did last."""
    return _standing(Desk.of(request), visitor.who)


@router.post("/api/decisions")
def decide(request: Request, visitor: Curator, body: Decision) -> dict[str, Any]:
    """Store a decision. The same one posted again is stored once and answered alike.

    Where somebody else has decided about the example since the page was made, both decisions stay, and the answer says who and what.
    """
    desk = Desk.of(request)
    examples = desk.examples
    original = examples.messages(body.subject) if body.subject else None
    messages = None
    if body.kind in ("edit", "write"):
        if body.messages is None:
            raise HTTPException(422, "An edited or written example needs its messages.")
        messages = _restored([turn.model_dump() for turn in body.messages], original or [])
    if (body.subject is None) != (body.kind == "write"):
        raise HTTPException(422, "Every decision but a new example is about a subject.")
    subject = content_id(messages) if body.kind == "write" else str(body.subject)  # type: ignore[arg-type]
    replacement = None
    after: Any = messages
    if body.kind == "reject":
        replacement = body.replacement or examples.replacement(visitor.who, subject)
        after = {"replacement": replacement} if replacement else None
    if body.kind == "undo" and (word := last_word(examples.history.of(subject), subject, visitor.who)) is not None:
        after = {"event": word.id}
    stored = _record(desk, visitor.who, body.kind, subject, after, body.reason, str(body.id), before=original)
    replacement = (stored.after or {}).get("replacement") if stored.kind == "reject" else None
    state = examples.states.get(subject)
    told = [each for each in examples.history.of(subject) if (each.seq or 0) > body.seen and each.who != visitor.who and each.kind in _TOLD]
    return {
        "seq": stored.seq,
        "subject": subject,
        "told": [{"who": each.who, "did": each.kind, "at": each.at, "reason": each.reason} for each in told[-20:]],
        "conflict": state.conflict if state else None,
        "replacement": {"content": replacement, "asks": excerpt(examples.messages(replacement) or [])} if replacement else None,
        **_standing(desk, visitor.who),
    }


@router.post("/api/likes")
def like(request: Request, visitor: Curator, body: Liking) -> dict[str, Any]:
    """Note that more, or nothing more, of the kind is wanted."""
    stored = _record(Desk.of(request), visitor.who, "guide", body.subject, {"like": body.like}, None, str(body.id))
    return {"seq": stored.seq}


@router.post("/api/guide")
def write_guide(request: Request, visitor: Owner, body: NewGuide) -> dict[str, Any]:
    """Change the style guide; what it said before stays in the events."""
    desk = Desk.of(request)
    stored = _record(desk, visitor.who, "guide", guide.SUBJECT, body.text, None, str(body.id), before=_guide(desk))
    return {"seq": stored.seq, "html": desk.environment.filters["markdown"](str(stored.after))}


def _record(desk: Desk, who: str, kind: Any, subject: str, after: Any, reason: str | None, name: str, before: Any = None) -> Event:
    try:
        event = Event.now(who, kind, subject, before=before, after=after, reason=reason or None, event_id=name)
    except MalformedRow as error:
        raise HTTPException(422, f"{error.field}: {error}") from None
    stored = desk.history.record(event)
    if (stored.who, stored.kind, stored.subject) != (event.who, event.kind, event.subject):
        raise HTTPException(409, "Another event has this id.")
    return stored


def _fragment(desk: Desk, who: str, content: str) -> str:
    found = item(desk.examples, who, content)
    if found is None:
        raise HTTPException(404, "There is no such example. The pool may have changed.")
    return desk.fragment("item.html.jinja", {"item": found})


def _window(examples: Examples, who: str, show: Show, order: Order, like: str | None, start: int) -> dict[str, Any]:
    contents = examples.arranged(who, show, order, like)
    window = contents[start : start + WINDOW]
    return {"show": show, "order": order, "like": like or "", "start": start, "total": len(contents), "contents": window} | {
        "selection": examples.pool.selection.key
    }


def _standing(desk: Desk, who: str) -> dict[str, Any]:
    examples = desk.examples
    own = [(state.opinions[who].seq, state.subject) for state in examples.states.values() if who in state.opinions]
    return {
        "progress": examples.progress(who).row(),
        "taste": _taste(examples, who),
        "last": max(own)[1] if own else None,
        "selection": examples.pool.selection.key,
    }


def _taste(examples: Examples, who: str) -> dict[str, Any]:
    learnt = examples.taste(who).taste
    return {"sentence": learnt, "usable": False} if isinstance(learnt, str) else {"sentence": learnt.sentence(), "usable": True}


def _guide(desk: Desk) -> str:
    written = [event for event in desk.history.guides if event.subject == guide.SUBJECT and isinstance(event.after, str)]
    return written[-1].after if written else guide.DEFAULT


def _restored(edited: Sequence[dict[str, str]], original: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """A page knows one kind of line end: turns that differ from the original in nothing else are as they were."""
    before = [*original, *[{}] * len(edited)]
    return [
        {**turn, "content": was["content"]}
        if was.get("role") == turn["role"] and _lines(was["content"]) == _lines(turn["content"])
        else turn
        for turn, was in zip(edited, before, strict=False)
    ]


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
