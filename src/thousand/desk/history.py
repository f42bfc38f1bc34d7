"""The events of a store as a server works with them: read once, then only what is new; what they come to, subject by subject."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from thousand.desk.decisions import State, fold
from thousand.desk.events import Event
from thousand.desk.members import Member, members
from thousand.desk.store import Store


class History:
    """Safe for threads; other processes may write to the same store, and are seen by the next `refresh`.

    Attributes:
        states: of every example that anything was said of; replaced, never changed in place.
        members: who has a link.
        guides: every version of the style guide, the latest last.
        last: number of the last event that was read.
    """

    def __init__(self, store: Store) -> None:
        self.store, self.last = store, 0
        self.states: dict[str, State] = {}
        self.members: dict[str, Member] = {}
        self.guides: tuple[Event, ...] = ()
        self._subjects: dict[str, list[Event]] = {}
        self._joined: list[Event] = []
        self._lock = threading.Lock()

    def refresh(self) -> int:
        """Read what is new; the number of the last event."""
        with self._lock:
            new = self.store.events(after=self.last)
            if not new:
                return self.last
            changed = set()
            for event in new:
                if event.kind == "member":
                    self._joined.append(event)
                elif event.kind == "guide":
                    self.guides = (*self.guides, event)
                elif event.kind != "verdict":
                    self._subjects.setdefault(event.subject, []).append(event)
                    changed.add(event.subject)
            if any(event.kind == "member" for event in new):
                self.members = members(self._joined)
            states = dict(self.states)
            for subject in changed:
                states.pop(subject, None)
                states |= fold(self._subjects[subject]).states
            self.states = states
            self.last = new[-1].seq or 0
            return self.last

    def record(self, event: Event) -> Event:
        """Store an event, durably, and read what is new; the event with its number."""
        stored = self.store.append(event)
        self.refresh()
        return stored

    def of(self, subject: str) -> Sequence[Event]:
        """Everything that was said of an example, in order."""
        with self._lock:
            return tuple(self._subjects.get(subject, ()))
