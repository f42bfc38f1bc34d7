"""From events to what holds: what each curator says of each example, and what of it applies.

One curator: the last thing they said. Somebody who has edited and then accepts, accepts what they have edited. Several: a rejection
beside an acceptance or an edit is a conflict, and so are two different edits; it applies nothing until an owner settles it. An
acceptance beside an edit agrees to it. A settlement holds until it is settled anew or taken back; who has said otherwise since is
named beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from thousand.conversation import Message, content_id
from thousand.desk.events import Event

Stance = Literal["accepted", "edited", "written", "rejected"]
DECIDES = ("accept", "reject", "edit", "write", "skip", "settle")
"""Kinds of events that say something of an example."""


@dataclass(frozen=True)
class Opinion:
    """What one curator says of one example.

    Attributes:
        messages: as they want them, where they differ from those of the subject, or are written.
        replacement: content hash of the row that is to take the place of one that is rejected.
        at, seq: of the event that says so.
    """

    who: str
    stance: Stance
    messages: list[Message] | None
    replacement: str | None
    reason: str | None
    at: str
    seq: int


@dataclass(frozen=True)
class Change:
    """What applies to one example.

    Attributes:
        by: who says so, in the order of names.
        messages: for ``edited`` and ``written``, what is trained on; None where that is the candidate's own.
        replacement: for ``rejected``, the content hash of the row that takes the place; None leaves it to the strategy.
    """

    subject: str
    stance: Stance
    by: tuple[str, ...]
    messages: list[Message] | None = None
    replacement: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class State:
    """All that is said of one example.

    Attributes:
        opinions: by curator.
        skipped: who has put it off, last of all that they did about it.
        applies: None where nobody has decided, or where they do not agree.
        conflict: what they do not agree about, a sentence; None where they do or where it is settled.
        settled_by: the owner who has settled it.
        against: who has said otherwise since it was settled.
        written: somebody wrote it here.
    """

    subject: str
    opinions: Mapping[str, Opinion]
    skipped: frozenset[str]
    applies: Change | None
    conflict: str | None = None
    settled_by: str | None = None
    against: tuple[str, ...] = ()
    written: bool = False


@dataclass(frozen=True)
class Decisions:
    """The states of all examples that anything was said of, in the order of their subjects."""

    states: Mapping[str, State] = field(default_factory=dict)

    @property
    def applying(self) -> list[Change]:
        """What applies."""
        return [state.applies for state in self.states.values() if state.applies is not None]

    @property
    def conflicts(self) -> list[State]:
        """Where an owner must settle."""
        return [state for state in self.states.values() if state.conflict is not None]


def fold(events: Iterable[Event]) -> Decisions:
    """What holds after these events.

    Args:
        events: as a store gives them: in the order of their numbers. Kinds that decide nothing about an example are passed over.
    """
    said = _said(events)
    states = {subject: _state(subject, by_author) for subject, by_author in sorted(said.items()) if any(by_author.values())}
    return Decisions(states)


def last_word(events: Iterable[Event], subject: str, who: str) -> Event | None:
    """The last thing that somebody said of an example and has not taken back."""
    own = _said(event for event in events if (event.subject, event.who) == (subject, who))
    return next(reversed(own.get(subject, {}).get(who, [])), None)


def _said(events: Iterable[Event]) -> dict[str, dict[str, list[Event]]]:
    """Of each subject and each author what is not taken back, in order."""
    said: dict[str, dict[str, list[Event]]] = {}
    for event in events:
        if event.kind not in (*DECIDES, "undo"):
            continue
        own = said.setdefault(event.subject, {}).setdefault(event.who, [])
        if event.kind != "undo":
            own.append(event)
        elif event.after is not None:  # where stores were merged, it need not be the last
            own[:] = [each for each in own if each.id != event.after["event"]]
        elif own:
            own.pop()
    return said


def _state(subject: str, by_author: Mapping[str, Sequence[Event]]) -> State:
    opinions = {who: opinion for who, events in sorted(by_author.items()) if (opinion := _opinion(subject, events)) is not None}
    skipped = frozenset(who for who, events in by_author.items() if events and events[-1].kind == "skip")
    texts = [e.after for events in by_author.values() for e in events if e.kind == "write"]
    original = texts[0] if texts else None  # all alike: the subject is their hash
    settled = max((e for events in by_author.values() for e in events if e.kind == "settle"), key=_number, default=None)
    if settled is None:
        applies, conflict = _agreed(subject, list(opinions.values()))
        return State(subject, opinions, skipped, _as_written(applies, original), conflict, written=bool(texts))
    settlement = _settled(subject, settled)
    since = [each for each in opinions.values() if each.seq > _number(settled) and not _agrees(each, settlement)]
    against = tuple(each.who for each in since)
    return State(subject, opinions, skipped, _as_written(settlement, original), None, settled.who, against, bool(texts))


def _opinion(subject: str, events: Sequence[Event]) -> Opinion | None:
    """Of one curator, from what they have not taken back."""
    own = [event for event in events if event.kind in ("accept", "reject", "edit", "write")]
    if not own:
        return None
    last = own[-1]
    texts = [event for event in own if event.kind in ("edit", "write")]
    messages = texts[-1].after if texts else None
    if last.kind == "reject":
        replacement = (last.after or {}).get("replacement")
        return Opinion(last.who, "rejected", None, replacement, last.reason, last.at, _number(last))
    if messages is not None and content_id(messages) != subject:
        return Opinion(last.who, "edited", messages, None, last.reason, last.at, _number(last))
    stance: Stance = "written" if any(event.kind == "write" for event in own) else "accepted"
    return Opinion(last.who, stance, messages if stance == "written" else None, None, last.reason, last.at, _number(last))


def _agreed(subject: str, opinions: Sequence[Opinion]) -> tuple[Change | None, str | None]:
    """What applies of what several say, or why nothing does."""
    if not opinions:
        return None, None
    by = tuple(each.who for each in opinions)
    against = [each for each in opinions if each.stance == "rejected"]
    if against and len(against) < len(opinions):
        return None, f"{_names(against)} would reject it, {_names(each for each in opinions if each.stance != 'rejected')} would not"
    if against:
        named = min((each for each in against if each.replacement is not None), key=lambda each: each.seq, default=None)
        reason = next((each.reason for each in against if each.reason), None)
        return Change(subject, "rejected", by, replacement=named.replacement if named else None, reason=reason), None
    edits: dict[str, list[Opinion]] = {}
    for each in opinions:
        if each.stance == "edited":
            edits.setdefault(content_id(each.messages or []), []).append(each)
    if len(edits) > 1:
        return None, f"{_names(each[0] for each in edits.values())} have each edited it, and differently"
    if edits:
        edit = next(iter(edits.values()))[0]
        return Change(subject, "edited", by, messages=edit.messages, reason=edit.reason), None
    return Change(subject, "accepted", by, reason=next((each.reason for each in opinions if each.reason), None)), None


def _settled(subject: str, event: Event) -> Change:
    after: Mapping[str, Any] = event.after
    by = (event.who,)
    if after["change"] == "reject":
        return Change(subject, "rejected", by, replacement=after.get("replacement"), reason=event.reason)
    if after["change"] == "edit" and content_id(after["messages"]) != subject:
        return Change(subject, "edited", by, messages=after["messages"], reason=event.reason)
    return Change(subject, "accepted", by, reason=event.reason)


def _as_written(change: Change | None, original: list[Message] | None) -> Change | None:
    """An example that somebody has written and nobody rejects stays one that is written, whatever was made of its text."""
    if change is None or original is None or change.stance == "rejected":
        return change
    return replace(change, stance="written", messages=change.messages or original)


def _agrees(opinion: Opinion, settlement: Change) -> bool:
    if "rejected" in (opinion.stance, settlement.stance):
        return opinion.stance == settlement.stance
    return opinion.stance != "edited" or opinion.messages == settlement.messages


def _names(opinions: Iterable[Opinion]) -> str:
    *most, last = sorted({each.who for each in opinions})
    return f"{', '.join(most)} and {last}" if most else last


def _number(event: Event) -> int:
    return event.seq or 0
