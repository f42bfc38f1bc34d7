"""Who may enter: the owner, and those who were given a name, a role and a link. Each is an event; of a token only the hash is kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from thousand.conversation import MalformedRow
from thousand.desk.events import Event
from thousand.desk.sessions import digest
from thousand.errors import RecipeError

Role = Literal["owner", "curator", "judge"]
ROLES: tuple[Role, ...] = ("owner", "curator", "judge")
"""The owner does everything; a curator reviews and judges; a judge judges."""
LONGEST_NAME = 80


@dataclass(frozen=True)
class Member:
    """Attributes:
    token: digest of the token in their link.
    """

    name: str
    role: Role
    token: str


def invite(name: str, role: Role, by: str) -> tuple[Event, str]:
    """The event that makes somebody a member, or gives a member a new link and role, and the token for the link, said this once.

    Raises:
        RecipeError: a name that cannot be told from others when it is read, or a role that does not exist.
    """
    if role not in ROLES:
        raise RecipeError(f"{role!r} is not a role.", f"There are: {', '.join(ROLES)}.")
    token, name = secrets.token_urlsafe(32), name.strip()
    try:
        if len(name) > LONGEST_NAME:
            raise MalformedRow("name", f"it has {len(name)} characters")
        return Event.now(by, "member", name, after={"role": role, "token": digest(token)}), token
    except MalformedRow as error:
        raise RecipeError(f"{name!r} is not a name: {error}.", f"Up to {LONGEST_NAME} characters in one line.") from None


def dismiss(name: str, by: str) -> Event:
    """The event that takes a member's link away and ends their sessions. What they decided stays."""
    return Event.now(by, "member", name)


def members(events: Iterable[Event]) -> dict[str, Member]:
    """The members that the events leave, by name. An event that is not one of ours (imported, say) makes nobody a member."""
    current: dict[str, Member] = {}
    for event in events:
        if event.kind != "member":
            continue
        given = event.after
        if isinstance(given, dict) and given.get("role") in ROLES and isinstance(given.get("token"), str):
            current[event.subject] = Member(event.subject, given["role"], given["token"])
        else:
            current.pop(event.subject, None)
    return current
