"""The team's page: who is in it, who did how much, how far curators agree, and what is to be settled."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from thousand.conversation import MalformedRow
from thousand.desk import curators, sharing, wording
from thousand.desk.access import Curator, Owner
from thousand.desk.decisions import State
from thousand.desk.desk import Desk
from thousand.desk.events import Event
from thousand.desk.members import LONGEST_NAME, ROLES, Role, dismiss, invite
from thousand.errors import RecipeError

router = APIRouter()
_MOST = 50
"""Conflicts that are shown at once."""

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class NewMember(BaseModel):
    """Somebody who is to have a link."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    role: Role


class OldMember(BaseModel):
    """Somebody whose link is taken away."""

    model_config = ConfigDict(extra="forbid")

    name: Name


class Settlement(BaseModel):
    """What is to apply to an example about which curators differ.

    Attributes:
        like: the curator whose opinion it is to be.
        seen: number of the last event about it that the page knew.
    """

    model_config = ConfigDict(extra="forbid")

    event: UUID
    subject: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
    like: Name
    seen: Annotated[int, Field(ge=0, le=2**53)]


@router.get("/team", response_class=HTMLResponse)
def page(request: Request, visitor: Curator) -> HTMLResponse:
    """Everybody and what they did."""
    desk = Desk.of(request)
    states = list(desk.history.states.values())
    conflicts = [state for state in states if state.conflict is not None and (visitor.role == "owner" or visitor.who in state.opinions)]
    return desk.page(
        request,
        "team.html.jinja",
        visitor,
        members=sorted(desk.access.members.values(), key=lambda each: each.name),
        roles=ROLES,
        work=curators.work(states),
        shares=_shares(desk, states),
        overlap=sharing.OVERLAP,
        agreed=curators.agreement(states),
        conflicts=[_conflict(desk, state) for state in conflicts[:_MOST]],
        further=max(0, len(conflicts) - _MOST),
        words=wording,
    )


@router.post("/team/members")
def add(request: Request, visitor: Owner, given: NewMember) -> JSONResponse:
    """Make somebody a member, or give a member a new link and role. The link is in this answer and nowhere else."""
    desk = Desk.of(request)
    if given.name.strip() == desk.access.owner:
        raise HTTPException(422, "This is the name of whoever started the desk. Two people of one name could not be told apart.")
    try:
        event, token = invite(given.name, given.role, visitor.who)
        desk.history.record(Event.now(event.who, "member", event.subject, after=event.after))
    except (RecipeError, MalformedRow) as error:
        raise HTTPException(422, str(error)) from None
    origin = request.headers.get("origin") or str(request.base_url).rstrip("/")  # as the owner's browser reaches the desk
    return JSONResponse({"name": event.subject, "link": f"{origin}/enter?token={token}"})


@router.post("/team/dismiss", status_code=204)
def remove(request: Request, visitor: Owner, given: OldMember) -> None:
    """Take somebody's link away and end their sessions. What they decided stays."""
    desk = Desk.of(request)
    if given.name not in desk.access.members:
        raise HTTPException(404, "There is no member of this name.")
    desk.history.record(dismiss(given.name, visitor.who))


@router.post("/team/settle")
def settle(request: Request, visitor: Owner, given: Settlement) -> JSONResponse:
    """Settle what curators differ about, as one of them has it."""
    desk = Desk.of(request)
    state = desk.history.states.get(given.subject)
    opinion = state.opinions.get(given.like) if state else None
    if state is None or opinion is None:
        raise HTTPException(404, "Nobody of this name has decided about this example.")
    if any((event.seq or 0) > given.seen and event.id != str(given.event) for event in desk.history.of(given.subject)):
        raise HTTPException(409, "Somebody has said something about this example since. Load the page and look again.")
    change: Literal["accept", "reject", "edit"] = (
        "reject" if opinion.stance == "rejected" else "edit" if opinion.messages is not None else "accept"
    )
    after: dict[str, Any] = {"change": change}
    if change == "edit":
        after["messages"] = opinion.messages
    if change == "reject" and opinion.replacement:
        after["replacement"] = opinion.replacement
    stored = desk.history.record(Event.now(visitor.who, "settle", given.subject, after=after, event_id=str(given.event)))
    return JSONResponse({"seq": stored.seq, "change": change})


def _shares(desk: Desk, states: list[State]) -> dict[str, int]:
    """How many examples are each curator's to read, where several share them."""
    if desk.reviewed is None:
        return {}
    names = sharing.curators(desk.access.members, states)
    counts = dict.fromkeys(names, 0)
    for content in desk.reviewed.contents():
        for name in sharing.readers(content, names):
            counts[name] += 1
    return counts


def _conflict(desk: Desk, state: State) -> dict[str, Any]:
    """One, with what each would have."""
    pool = desk.reviewed.messages(state.subject) if desk.reviewed is not None else None
    views = [
        {"who": who, "stance": each.stance, "reason": each.reason, "messages": each.messages if each.messages is not None else pool or []}
        for who, each in state.opinions.items()
    ]
    seen = max((event.seq or 0 for event in desk.history.of(state.subject)), default=0)
    return {"subject": state.subject, "said": state.conflict, "views": views, "seen": seen, "pool": pool}
