"""The judging bench of one desk: what each person is shown next, and what the names stand for under which they were shown it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from thousand import tables
from thousand.desk.blind import Shown, every, names, naming, secret_of
from thousand.desk.deal import Dealing, deal
from thousand.desk.events import Event
from thousand.desk.items import TASKS, Item, Task, answer_files, claim_of, items, read_answers
from thousand.desk.store import Store
from thousand.desk.verdicts import Heard, heard, take_in

PROMPTS = "prompts.parquet"
"""The prompts of a run, schema `tables.PROMPTS`, beside its arms."""


@dataclass(frozen=True)
class Standing:
    """How far somebody is with one kind of items; repeats count like others, for they must not be told apart.

    Attributes:
        next: the opaque name of what comes next, and what it is; None where nothing is left.
        last: their last verdict that was given here and is not taken back.
    """

    next: tuple[str, Shown] | None
    done: int
    left: int
    last: Event | None


@dataclass
class _Dealt:
    """One kind of items as dealt out to one of a team, by opaque name, and what of it they have still to judge after so many events."""

    team: tuple[str, ...]
    whole: Sequence[tuple[str, Shown]]
    left: dict[str, Shown]
    events: int


@dataclass
class _Loaded:
    """The items of a run as its answers were, and what was made of them for each person."""

    signature: object
    items: Mapping[Task, Sequence[Item]]
    ways: Sequence[tuple[bytes, Shown]]
    dealt: dict[tuple[str, Task], _Dealt] = field(default_factory=dict)
    names: dict[str, Mapping[str, Shown]] = field(default_factory=dict)


class Bench:
    """What is to be judged in a run and what was said, as of now. Any number of threads may share it.

    Args:
        run: the run directory; answers that change there are read again.
    """

    def __init__(self, run: Path, store: Store, dealing: Dealing | None = None) -> None:
        self.run, self.store, self.dealing = run, store, dealing or Dealing()
        self.secret = secret_of(run)
        self._lock = threading.RLock()
        self._loaded: _Loaded | None = None
        self._events: list[Event] = []
        self._said: dict[tuple[str, str], Event] = {}

    def prepare(self, people: Iterable[str], judges: Iterable[str]) -> None:
        """Deal out what these people will ask for, so that nobody waits: of 10,000 pairs some two seconds, and half a one for each."""
        for who in people:
            for task in TASKS:
                self.standing(who, task, judges)

    def standing(self, who: str, task: Task, judges: Iterable[str] = ()) -> Standing:
        """Where somebody is.

        Args:
            judges: who else judges, whether they have begun or not.
        """
        with self._lock:
            loaded, said = self._load(), self._heard()
            mine = self._names(loaded, who)
            own = [event for (one, subject), event in said.items() if one == who and subject in mine and mine[subject].item.task == task]
            team = tuple(sorted({who, *judges, *(one for (one, _), event in said.items() if _here(event))}))
            left = self._left(loaded, who, task, team)
            last = max(filter(_here, own), key=lambda event: event.seq or 0, default=None)
            return Standing(next(iter(left.items()), None), len(own), len(left), last)

    def shown(self, who: str, opaque: str) -> Shown | None:
        """What a name stands for under which somebody was shown something; None where it is not theirs, or no longer there."""
        with self._lock:
            return self._names(self._load(), who).get(opaque)

    def taken_back(self, who: str) -> list[Event]:
        """The events with which somebody took a verdict back."""
        with self._lock:
            self._heard()
            return [event for event in self._events if event.who == who and event.after is None]

    def heard(self) -> Heard:
        """What everybody said."""
        with self._lock:
            loaded = self._load()
            return heard(self._heard(), lambda who: self._names(loaded, who))

    def counts(self) -> dict[Task, int]:
        """How many items there are of each kind."""
        with self._lock:
            return {task: len(found) for task, found in self._load().items.items()}

    def _left(self, loaded: _Loaded, who: str, task: Task, team: tuple[str, ...]) -> dict[str, Shown]:
        """What somebody has still to judge. Their own verdicts only take from it; after anything else it is made anew."""
        held = loaded.dealt.get((who, task))
        if held is None or held.team != team:
            name = naming(self.secret, who)
            order = deal(loaded.items[task], who, team, self.secret, self.dealing)
            held = loaded.dealt[who, task] = _Dealt(team, [(name(shown), shown) for shown in order], {}, -1)
        new = self._events[held.events :] if held.events >= 0 else []
        if held.events < 0 or any(event.who != who or event.after is None for event in new):
            held.left, new = self._still_open(loaded, who, held.whole), []
        for event in new:
            held.left.pop(event.subject, None)
        held.events = len(self._events)
        return held.left

    def _still_open(self, loaded: _Loaded, who: str, dealt: Sequence[tuple[str, Shown]]) -> dict[str, Shown]:
        """Not what they have judged, however it stood when they did: where the team has changed, sides may have, too. Nor what another
        has judged for both, nor again what they will not have seen.

        A repeat of what is still to come counts from the beginning: did it come to the rest when its first time is judged, the rest
        would tell that there is one.
        """
        times, others = Counter[str](), set[str]()
        for one, subject in self._said:
            if (shown := self._names(loaded, one).get(subject)) is not None:
                if one == who:
                    times[shown.item.key] += 1
                else:
                    others.add(shown.item.key)
        found = {}
        for opaque, shown in dealt:
            key = shown.item.key
            new = not times[key] and (shown.shared or key not in others)
            if (who, opaque) not in self._said and (times[key] == 1 if shown.again else new):
                found[opaque] = shown
                times[key] += 1  # by the time of its repeat it will have been judged
        return found

    def _names(self, loaded: _Loaded, who: str) -> Mapping[str, Shown]:
        if who not in loaded.names:
            loaded.names[who] = names(self.secret, who, loaded.ways)
        return loaded.names[who]

    def _heard(self) -> dict[tuple[str, str], Event]:
        """The verdicts that stand."""
        new = self.store.events(after=self._events[-1].seq or 0 if self._events else 0, kinds=["verdict"])
        take_in(self._said, new)
        self._events += new
        return self._said

    def _load(self) -> _Loaded:
        """The items, read again where answers have changed."""
        signature = [(path, path.stat().st_mtime_ns, path.stat().st_size) for path in answer_files(self.run)]
        if self._loaded is None or self._loaded.signature != signature:
            found = _items(self.run)
            self._loaded = _Loaded(signature, found, every(item for task in TASKS for item in found[task]))
        return self._loaded


def _items(run: Path) -> dict[Task, list[Item]]:
    answers, claim = read_answers(run), claim_of(run)
    tags: dict[str, list[str]] = {}
    if (run / PROMPTS).is_file():
        table = tables.read(run / PROMPTS, ["prompt_id", "tags"])
        tags = {prompt: named or [] for prompt, named in zip(table["prompt_id"].to_pylist(), table["tags"].to_pylist(), strict=True)}
    return {task: items(task, answers, claim or "", tags) for task in TASKS}


def _here(event: Event) -> bool:
    """Whether a verdict was given at a desk, not read from a file."""
    return isinstance(event.after, dict) and event.after.get("seconds") is not None
