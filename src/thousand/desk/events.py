"""What somebody did at the desk, when, and to what. Nothing is overwritten: what holds now is folded from the events.

What ``after`` is, by kind (``before`` is whatever the page showed, for people to read, and decides nothing):

- ``accept``: null.
- ``reject``: null, or ``{"replacement": CONTENT}`` with the content hash of the row that takes the place.
- ``edit``: the messages as they shall be, all of them.
- ``write``: the messages of a new example; its subject is their content hash, and stays so when they are edited later.
- ``skip``: null; not decided now.
- ``undo``: ``{"event": ID}`` takes back that event of its author about its subject; null, the last one that is not taken back yet.
- ``settle``: ``{"change": "accept" | "reject" | "edit"}``, with ``messages`` for an edit, and for a rejection, if one is
  named, ``replacement``.
- ``guide``, ``verdict``, ``member``: anything.
"""

from __future__ import annotations

import json
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from thousand.conversation import MalformedRow, Message, content_id, text
from thousand.conversation import read as conversation_in

Kind = Literal["accept", "reject", "edit", "write", "skip", "undo", "settle", "guide", "verdict", "member"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST = 10_000_000
"""Characters of ``before`` or ``after`` as JSON: the longest row that a pool may have."""
_FIELDS = ("id", "who", "at", "kind", "subject", "before", "after", "reason")
_NAMES = {"id": 64, "who": 100, "at": 40, "kind": 20, "subject": 200}
_CONTROL = ("Cc", "Cf", "Zl", "Zp")  # categories of Unicode; Cf holds what turns the direction of a line


@dataclass(frozen=True)
class Event:
    """One thing that somebody did.

    Attributes:
        id: made by the client, a UUID: the same event posted twice is stored once.
        who: a name.
        at: when, UTC, ISO 8601.
        subject: the content hash of an example as the pool has it, or as it was first written; for a verdict the id of what
            was judged.
        before, after: JSON values; see the module.
        reason: in its author's words.
        seq: its number in the store, which gives it; greater than that of every event stored before.
    """

    id: str
    who: str
    at: str
    kind: Kind
    subject: str
    before: Any = None
    after: Any = None
    reason: str | None = None
    seq: int | None = None

    @classmethod
    def now(
        cls, who: str, kind: Kind, subject: str, *, before: Any = None, after: Any = None, reason: str | None = None, event_id: str = ""
    ) -> Event:
        """An event of this moment, checked as by `read`."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        return read(vars(cls(event_id or str(uuid.uuid4()), who, at, kind, subject, before, after, reason)))

    def row(self) -> dict[str, Any]:
        """It as a JSON object, without the number that a store gave it."""
        row = asdict(self)
        del row["seq"]
        return row


def read(row: Mapping[str, Any]) -> Event:
    """An event from a JSON object; a ``seq`` in it is not read.

    Raises:
        MalformedRow: which field is wrong and why.
    """
    unknown = row.keys() - {*_FIELDS, "seq"}
    if unknown:
        raise MalformedRow(min(map(str, unknown))[:100], f"no such field; there are {', '.join(_FIELDS)}")
    names = {field: _name(row, field, most) for field, most in _NAMES.items()}
    if names["kind"] not in KINDS:
        raise MalformedRow("kind", f"unknown kind {names['kind']!r}, expected one of {', '.join(KINDS)}")
    when(names["at"])
    reason = None if row.get("reason") is None else text(row, "reason")
    before, after = (_json(row, field) for field in ("before", "after"))
    event = Event(**names, before=before, after=after, reason=reason)  # type: ignore[arg-type]
    _check_after(event)
    return event


def when(at: str) -> datetime:
    """The moment of an event.

    Raises:
        MalformedRow: it is no moment, or not UTC.
    """
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise MalformedRow("at", f"{at!r} is no moment, expected such as 2026-01-31T12:00:00+00:00") from None
    if moment.utcoffset() != timedelta(0):
        raise MalformedRow("at", f"{at!r} is not UTC; end it with +00:00 or Z")
    return moment


def _name(row: Mapping[str, Any], field: str, most: int) -> str:
    value = text(row, field)
    if not value.strip() or len(value) > most:
        raise MalformedRow(field, f"expected 1 to {most} characters, found {len(value.strip())}")
    if any(unicodedata.category(each) in _CONTROL for each in value):
        raise MalformedRow(field, "line breaks, control characters and marks of direction are not allowed here")
    return value


def _json(row: Mapping[str, Any], field: str) -> Any:
    value = row.get(field)
    try:
        size = len(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        raise MalformedRow(field, "not JSON: a number that is none, or lists within lists without end") from None
    if size > LONGEST:
        raise MalformedRow(field, f"longer than {LONGEST:,} characters")
    return value


def _check_after(event: Event) -> None:
    after = event.after
    if event.kind in ("accept", "skip") and after is not None:
        raise MalformedRow("after", f"expected nothing for {event.kind}")
    if event.kind == "undo" and after is not None:
        _only(after, {"event"})
        text(after, "event")
    if event.kind in ("edit", "write"):
        written = messages_in(after, "after")
        if event.kind == "write" and event.subject != content_id(written):
            raise MalformedRow("subject", f"expected the content hash of what was written, {content_id(written)}")
    if event.kind == "reject" and after is not None:
        _only(after, {"replacement"})
        _replacement(after)
    if event.kind == "settle":
        _only(after, {"change", "messages", "replacement"})
        change = text(after, "change")
        if change not in ("accept", "reject", "edit"):
            raise MalformedRow("after.change", f"expected accept, reject or edit, found {change[:100]!r}")
        if (change == "edit") != ("messages" in after):
            raise MalformedRow("after.messages", "expected for an edit, and for nothing else")
        if change == "edit":
            messages_in(after["messages"], "after.messages")
        if "replacement" in after:
            if change != "reject":
                raise MalformedRow("after.replacement", "expected for a rejection, and for nothing else")
            _replacement(after)


def messages_in(value: Any, field: str) -> list[Message]:
    """A conversation that ends with an answer, each turn a ``role`` and a ``content`` and nothing else.

    Raises:
        MalformedRow: it is not one.
    """
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(turn, Mapping) for turn in value):
        raise MalformedRow(field, "expected a list of turns, each a role and a content")
    try:
        messages = conversation_in({"messages": list(value)}, "messages")
    except MalformedRow as error:
        raise MalformedRow(error.field.replace("messages", field, 1), str(error)) from None
    for position, (turn, message) in enumerate(zip(value, messages, strict=True)):
        if dict(turn) != message:
            raise MalformedRow(f"{field}[{position}]", "expected role and content, and no more, the role in its own name")
    return messages


def _only(value: Any, known: set[str]) -> None:
    if not isinstance(value, Mapping) or not set(value) <= known:
        raise MalformedRow("after", f"expected an object of {', '.join(sorted(known))}")


def _replacement(after: Mapping[str, Any]) -> None:
    if not text(after, "replacement").strip() or len(after["replacement"]) > _NAMES["subject"]:
        raise MalformedRow("after.replacement", "expected the content hash of a candidate")
