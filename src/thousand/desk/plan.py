"""What decisions ask of a choice of examples: which candidates must be in it and which must not, and what is made of their texts.

Decisions are about contents and outlive the pool that they were made of. Those that cannot be carried out are listed with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from thousand.conversation import Message
from thousand.desk.decisions import Change, Decisions

GONE, HELD_OUT, DROPPED = "it is not among the candidates any more", "it holds a held-out prompt", "the rules drop it"


@dataclass(frozen=True)
class Copy:
    """A candidate with a content; several may have one.

    Attributes:
        clean: it holds no held-out prompt, by the ledger.
    """

    id: str
    kept: bool
    clean: bool


@dataclass(frozen=True)
class NotApplied:
    """A decision that is not carried out."""

    subject: str
    stance: str
    by: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Plan:
    """What is to be done.

    Attributes:
        include: ids of candidates that must be chosen, sorted: accepted, edited, or named to take a place, which the rules must keep.
        exclude: ids of candidates that must not be chosen, sorted.
        changes: by content, what was said of the candidates to be chosen.
        written: what is added to them, in the order of subjects.
        rejected: contents that are kept out because people said so.
        not_applied: what is not carried out.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    changes: Mapping[str, Change] = field(default_factory=dict)
    written: tuple[Change, ...] = ()
    rejected: int = 0
    not_applied: tuple[NotApplied, ...] = ()

    def record(self) -> list[Any]:
        """All of it as plain JSON: equal for equal plans, whenever their decisions were made."""
        changes = [*self.changes.values(), *self.written]
        told = [[each.subject, each.stance, list(each.by), each.messages] for each in changes]
        return [list(self.include), list(self.exclude), told, [list(vars(each).values()) for each in self.not_applied]]


def subjects(decisions: Decisions) -> set[str]:
    """The contents that `plan` must know the candidates of."""
    applying = decisions.applying
    return {each.subject for each in applying} | {each.replacement for each in applying if each.replacement is not None}


def plan(
    decisions: Decisions,
    candidates: Mapping[str, Sequence[Copy]],
    held_out: Callable[[Sequence[Sequence[Message]]], Sequence[str | None]] = lambda texts: [None] * len(texts),
) -> Plan:
    """What the decisions come to in a pool.

    Args:
        candidates: by content, for the `subjects` that are in the pool.
        held_out: for texts that people made, why each may not be trained on, or None.
    """
    applying = decisions.applying
    made = [change for change in applying if change.messages is not None]
    faults = {
        change.subject: fault
        for change, fault in zip(made, held_out([change.messages or [] for change in made]), strict=True)
        if fault is not None
    }
    include, exclude = set[str](), set[str]()
    changes, written, not_applied = dict[str, Change](), list[Change](), list[NotApplied]()
    kept_out = 0
    rejected = {change.subject for change in applying if change.stance == "rejected"}
    wanted = {change.subject for change in applying} - rejected

    def leave(change: Change, reason: str) -> None:
        not_applied.append(NotApplied(change.subject, change.stance, change.by, reason))

    for change in applying:
        copies = candidates.get(change.subject, ())
        clean = _best(copies)
        if change.stance == "rejected":
            exclude |= {each.id for each in copies}
            kept_out += bool(copies)
            if not copies and not _was_written(decisions, change.subject):
                leave(change, GONE)
            elif change.replacement is not None and change.replacement not in rejected:
                place = _best(candidates.get(change.replacement, ()))
                if place is not None and place.kept:
                    include.add(place.id)
                elif change.replacement not in wanted:  # nobody has looked at it
                    why = DROPPED if place is not None else HELD_OUT if change.replacement in candidates else GONE
                    leave(change, f"{change.replacement} was to take its place, and {why}: the strategy fills it")
        elif change.subject in faults:  # neither what was made of it nor what it was
            exclude |= {each.id for each in copies}
            leave(change, faults[change.subject])
        elif clean is not None:
            include.add(clean.id)
            changes[change.subject] = change
        elif change.stance == "written":
            written.append(change)
        else:
            leave(change, HELD_OUT if copies else GONE)
    return Plan(tuple(sorted(include - exclude)), tuple(sorted(exclude)), changes, tuple(written), kept_out, tuple(not_applied))


def _best(copies: Sequence[Copy]) -> Copy | None:
    """Of several candidates with one content the one to choose: one that the rules keep, then the first by id."""
    return min((each for each in copies if each.clean), key=lambda each: (not each.kept, each.id), default=None)


def _was_written(decisions: Decisions, subject: str) -> bool:
    """Rejecting what was written at the desk takes it out, and is done with that."""
    return decisions.states[subject].written
