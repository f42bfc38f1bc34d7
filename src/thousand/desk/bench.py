"""The judging bench of one desk: what each person is shown next, and what the names stand for under which they were shown it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from thousand import tables
from thousand.desk.blind import Shown, name, names, secret_of
from thousand.desk.deal import Dealing, deal
from thousand.desk.events import Event
from thousand.desk.items import TASKS, Item, Task, answer_files, claim_of, items, read_answers
from thousand.desk.store import Store
from thousand.desk.verdicts import Heard, heard, standing

PROMPTS = "prompts.parquet"
"""The prompts of a run, schema `tables.PROMPTS`, beside its arms."""


@dataclass(frozen=True)
class Progress:
    """How far somebody is with one kind of items; repeats count like others, for they must not be told apart."""

    done: int
    left: int


@dataclass
class _Loaded:
    """The items of a run as its answers were, and what was made of them for each person."""

    signature: object
    items: Mapping[Task, Sequence[Item]]
    dealt: dict[tuple[str, Task, tuple[str, ...]], list[tuple[str, Shown]]] = field(default_factory=dict)
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

    def next(self, who: str, task: Task, judges: Iterable[str] = ()) -> tuple[str, Shown] | None:
        """What somebody is to judge next, after its opaque name; None where nothing is left.

        Args:
            judges: who else judges, whether they have begun or not.
        """
        return next(iter(self._open(who, task, judges)), None)

    def progress(self, who: str, task: Task, judges: Iterable[str] = ()) -> Progress:
        """How far somebody is."""
        with self._lock:
            own = self.names(who)
            done = sum(one == who and subject in own and own[subject].item.task == task for one, subject in standing(self._heard()))
            return Progress(done, len(self._open(who, task, judges)))

    def last(self, who: str, task: Task) -> Event | None:
        """The last verdict that somebody gave here and that is not taken back."""
        with self._lock:
            own = self.names(who)
            said = [
                event
                for (one, subject), event in standing(self._heard()).items()
                if one == who and subject in own and own[subject].item.task == task and _here(event)
            ]
        return max(said, key=lambda event: event.seq or 0, default=None)

    def names(self, who: str) -> Mapping[str, Shown]:
        """What every name that somebody can have been given stands for."""
        with self._lock:
            loaded = self._load()
            if who not in loaded.names:
                loaded.names[who] = names(self.secret, who, [item for task in TASKS for item in loaded.items[task]])
            return loaded.names[who]

    def heard(self) -> Heard:
        """What everybody said."""
        with self._lock:
            return heard(self._heard(), self.names)

    def counts(self) -> dict[Task, int]:
        """How many items there are of each kind."""
        with self._lock:
            return {task: len(self._load().items[task]) for task in TASKS}

    def _open(self, who: str, task: Task, judges: Iterable[str]) -> list[tuple[str, Shown]]:
        """What somebody has still to judge: not what another has judged for both, nor again what they will not have seen.

        A repeat of what is still to come counts from the beginning: did it come to the rest when its first time is judged, the rest
        would tell that there is one.
        """
        with self._lock:
            said = standing(self._heard())
            team = tuple(sorted({who, *judges, *(one for (one, _), event in said.items() if _here(event))}))
            dealt = self._dealt(who, task, team)
            own = {self.names(who)[subject].item.key for one, subject in said if one == who and subject in self.names(who)}
            others = {
                shown.item.key
                for one, subject in said
                if one != who and (shown := self.names(one).get(subject)) and shown.item.task == task
            }
        found = []
        for opaque, shown in dealt:
            key = shown.item.key
            if (who, opaque) not in said and (key in own if shown.again else shown.shared or key not in others):
                found.append((opaque, shown))
                own.add(key)  # by the time of its repeat it will have been judged
        return found

    def _dealt(self, who: str, task: Task, team: tuple[str, ...]) -> list[tuple[str, Shown]]:
        loaded = self._load()
        if (who, task, team) not in loaded.dealt:
            order = deal(loaded.items[task], who, team, self.secret, self.dealing)
            loaded.dealt[who, task, team] = [(name(self.secret, who, shown), shown) for shown in order]
        return loaded.dealt[who, task, team]

    def _heard(self) -> list[Event]:
        self._events += self.store.events(after=self._events[-1].seq or 0 if self._events else 0, kinds=["verdict"])
        return self._events

    def _load(self) -> _Loaded:
        """The items, read again where answers have changed."""
        signature = [(path, path.stat().st_mtime_ns, path.stat().st_size) for path in answer_files(self.run)]
        if self._loaded is None or self._loaded.signature != signature:
            self._loaded = _Loaded(signature, _items(self.run))
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
