"""Whose work a set is: what each curator has decided, and how long they sat over it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from thousand.desk.decisions import Decisions, Stance
from thousand.desk.events import Event, when

BREAK = 300.0
"""Seconds without an event after which somebody was elsewhere."""
_WORK = ("accept", "reject", "edit", "write", "skip", "undo", "settle")


@dataclass(frozen=True)
class Work:
    """What one curator did.

    Attributes:
        accepted, edited, rejected, written: examples of which they say so now.
        skipped: examples they put off and did not come back to.
        minutes: between their events, breaks left out. The time before the first of a sitting is not known and not counted.
    """

    who: str
    accepted: int
    edited: int
    rejected: int
    written: int
    skipped: int
    minutes: float


@dataclass(frozen=True)
class Account:
    """What a desk's decisions come to.

    Attributes:
        accepted, edited, rejected, written: examples to which it applies.
        conflicts: examples about which curators do not agree, so that nothing applies.
        people: in the order of names.
    """

    accepted: int
    edited: int
    rejected: int
    written: int
    conflicts: int
    people: Sequence[Work]

    @property
    def minutes(self) -> float:
        """Of all together."""
        return sum(each.minutes for each in self.people)

    def sentence(self) -> str:
        """The account in words."""
        people = "\n".join(f"{each.who}: {_counts(each)}, {each.minutes:.0f} minutes" for each in self.people)
        open_ones = f" {self.conflicts:,} are in conflict and wait to be settled." if self.conflicts else ""
        return f"{_counts(self)}.{open_ones}" + (f"\n{people}" if people else "")


def account(events: Iterable[Event], decisions: Decisions) -> Account:
    """The account of a desk.

    Args:
        decisions: folded from the events.
    """
    moments: dict[str, list[datetime]] = {}
    for event in events:
        if event.kind in _WORK:
            moments.setdefault(event.who, []).append(when(event.at))
    opinions = [opinion for state in decisions.states.values() for opinion in state.opinions.values()]
    people = []
    for who in sorted(moments):
        own = Counter(opinion.stance for opinion in opinions if opinion.who == who)
        skipped = sum(who in state.skipped for state in decisions.states.values())
        people.append(Work(who, *_four(own), skipped, minutes=_minutes(moments[who])))
    applies = Counter(change.stance for change in decisions.applying)
    return Account(*_four(applies), conflicts=len(decisions.conflicts), people=people)


def _minutes(moments: Sequence[datetime]) -> float:
    gaps = ((after - before).total_seconds() for before, after in pairwise(sorted(moments)))
    return sum(gap for gap in gaps if gap <= BREAK) / 60


def _four(counts: Counter[Stance]) -> tuple[int, int, int, int]:
    return counts["accepted"], counts["edited"], counts["rejected"], counts["written"]


def _counts(each: Work | Account) -> str:
    return f"{each.accepted:,} accepted, {each.edited:,} edited, {each.rejected:,} rejected, {each.written:,} written"
