"""Who is asking, and whether they may: the link's token becomes a session, the session a visitor with a role."""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, cast

from fastapi import Depends, HTTPException, Request

from thousand.desk.history import History
from thousand.desk.limits import Buckets, Limits
from thousand.desk.members import Member, Role
from thousand.desk.sessions import Sessions, digest


@dataclass(frozen=True)
class Visitor:
    """Attributes:
    csrf: what every write of this session must bring in the header ``X-CSRF-Token``.
    """

    who: str
    role: Role
    csrf: str


class Access:
    """The door.

    Args:
        owner, token: the name of whoever started the desk, and the token in their link. Their sessions outlive a restart; the
            link does not, for its token is new each time.
        cookie: name of the session's cookie. Ports share cookies, so each run has its own.
    """

    def __init__(self, history: History, sessions: Sessions, *, owner: str, token: str, cookie: str, limits: Limits) -> None:
        self.history, self.sessions, self.cookie = history, sessions, cookie
        self.owner, self._token = owner, digest(token)
        self._person, self._stranger, self._wrong = Buckets(limits.person), Buckets(limits.stranger), Buckets(limits.wrong)

    def enter(self, token: str, address: str) -> str:
        """Begin a session: its secret.

        Raises:
            HTTPException: 403 for a wrong token, 429 after too many of them from an address; for a right one neither, for behind a
                proxy all have one address.
        """
        given = digest(token)
        found: tuple[str, str] | None = None
        known = [(self.owner, self._token, ""), *((each.name, each.token, each.token) for each in self.members.values())]
        for who, expected, begun_with in known:
            if hmac.compare_digest(given, expected):  # all are compared: the time says nothing of which
                found = who, begun_with
        if found is None:
            _wait(self._wrong.take(address))
            raise HTTPException(403, "This link is not valid. Ask whoever runs the desk for yours; an owner's link is new at each start.")
        return self.sessions.begin(*found)

    def visitor(self, request: Request) -> Visitor:
        """Whoever is asking.

        Raises:
            HTTPException: 401 without a session, 403 for a write without the session's token, 429 for too many requests.
        """
        self.history.refresh()
        address = request.client.host if request.client else ""
        secret = request.cookies.get(self.cookie, "")
        session = self.sessions.find(secret) if secret else None
        role = self._role(session.who, session.token) if session else None
        if session is None or role is None:
            _wait(self._stranger.take(address))
            raise HTTPException(401, "Your session has ended, or never began. Open your link again; nothing you did is lost.")
        _wait(self._person.take(session.who))  # however many sessions they begin
        csrf = hmac.new(secret.encode(), b"csrf", sha256).hexdigest()
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            given = request.headers.get("x-csrf-token", "")
            if not hmac.compare_digest(given.encode(), csrf.encode()):
                raise HTTPException(403, "This request does not come from a page of your session. Load the page again.")
        return Visitor(session.who, role, csrf)

    @property
    def members(self) -> dict[str, Member]:
        """Everybody who has a link, as of now."""
        self.history.refresh()
        return self.history.members

    @property
    def judges(self) -> list[str]:
        """Who judges, and shares the items with the others, whether they have begun or not."""
        return [member.name for member in self.members.values() if member.role == "judge"]

    def _role(self, who: str, token: str) -> Role | None:
        if not token:
            return "owner" if who == self.owner else None
        member = self.history.members.get(who)
        return member.role if member and hmac.compare_digest(member.token, token) else None


def allow(*roles: Role) -> Callable[[Request], Visitor]:
    """A dependency: the visitor, if they have one of the roles; 403 otherwise."""

    def visitor(request: Request) -> Visitor:
        access = cast(Access, request.app.state.desk.access)
        found = access.visitor(request)
        if found.role not in roles:
            raise HTTPException(403, f"This is not for a {found.role}.")
        return found

    return visitor


Owner = Annotated[Visitor, Depends(allow("owner"))]
Curator = Annotated[Visitor, Depends(allow("owner", "curator"))]
Anyone = Annotated[Visitor, Depends(allow("owner", "curator", "judge"))]


def _wait(seconds: float) -> None:
    if seconds:
        headers = {"Retry-After": str(math.ceil(seconds))}
        raise HTTPException(429, f"Too many requests. Wait {math.ceil(seconds)} s.", headers=headers)
