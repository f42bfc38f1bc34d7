"""The examples as a curator meets them: the queue, one of them with everything that is known of it, and what was learnt of taste."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thousand.conversation import prompt_of
from thousand.desk import queue, sharing
from thousand.desk.decisions import State
from thousand.desk.history import History
from thousand.desk.near import Neighbourhood
from thousand.desk.pool import Candidates, Pool, Selection
from thousand.desk.queue import Order, Progress, Show
from thousand.desk.taste import ENOUGH, Taste, features, learn
from thousand.errors import ThousandError
from thousand.recipe import Arm, Between, load

_RELEARNT = 5
"""New decisions after which a taste is learnt anew, or a twentieth of those it was learnt from: more take longer."""


@dataclass(frozen=True)
class Learnt:
    """A curator's taste as last learnt, from so many decisions; the chances of all that is offered, by content."""

    taste: Taste | str
    decisions: int
    chances: Mapping[str, float]
    selection: str


class Examples:
    """What is reviewed at a desk. Safe for threads."""

    def __init__(self, pool: Pool, history: History) -> None:
        self.pool, self.history = pool, history
        self.neighbourhood = Neighbourhood(pool)
        self._learnt: dict[str, Learnt] = {}
        self._lock, self._learner, self._learning = threading.Lock(), ThreadPoolExecutor(1, "taste"), set[str]()
        self._rows: tuple[tuple[str, str], NDArray[np.int64]] | None = None
        self._brought: tuple[tuple[str, tuple[str, ...]], list[str]] = ("", ()), []

    @property
    def states(self) -> Mapping[str, State]:
        """What was said of each example."""
        return self.history.states

    def contents(self) -> list[str]:
        """Every example of the set."""
        selection, candidates, states = self.pool.selection, self.pool.candidates, self.states
        elsewhere = tuple(queue.accepted_elsewhere(selection, states))
        key, brought = self._brought
        if key != (candidates.key, elsewhere):
            brought = list(candidates.rows_of("content", elsewhere))
            self._brought = (candidates.key, elsewhere), brought
        return queue.offered(selection, states, brought)

    def arranged(self, who: str, show: Show, order: Order, like: str | None = None) -> list[str]:
        """Those that somebody is to be shown, in order."""
        contents = self.contents()
        likeness = self._likeness(like, contents) if like and order in ("more", "none") else None
        chance = (lambda _: self.taste(who).chances) if order == "taste" else None
        readers = sorted({*sharing.curators(self.history.members, self.states.values()), who})
        return queue.arranged(contents, self.states, who, show, lambda content: who in sharing.readers(content, readers), chance, likeness)

    def progress(self, who: str) -> Progress:
        """How far the review has come."""
        arm = _arm(self.pool)
        wanted = _wanted(arm) if arm else {}
        return queue.progress(self.pool.selection, self.contents(), self.states, who, wanted, arm.budget if arm else None)

    def replacement(self, who: str, content: str) -> str | None:
        """The content of what takes the place of an example when it is rejected."""
        taste = self.taste(who)
        better = isinstance(taste.taste, Taste) and taste.taste.better
        return queue.replacement(self.pool.selection, self.states, content, taste.chances if better else None)

    def takes_a_place(self, content: str) -> bool:
        """Whether an example stands for one of the selection that is rejected."""
        return content in queue.takers(self.pool.selection, self.states)

    def selected_rows(self) -> NDArray[np.int64]:
        """The rows of the selection among the candidates."""
        selection, candidates = self.pool.selection, self.pool.candidates
        key = (selection.key, candidates.key)
        if self._rows is None or self._rows[0] != key:
            found = candidates.rows_of("id", selection.table["id"].to_pylist())
            self._rows = key, np.array(sorted(found.values()), dtype=np.int64)
        return self._rows[1]

    def messages(self, content: str) -> list[dict[str, str]] | None:
        """What an example says in the pool, or as it was first written; None where there is no such example."""
        rows = self.pool.candidates.rows_of("content", [content])
        if rows:
            found: list[dict[str, str]] = self.pool.candidates.row(rows[content])["messages"]
            return found
        return next((event.after for event in self.history.of(content) if event.kind == "write"), None)

    def taste(self, who: str) -> Learnt:
        """What is known of a curator's taste now. It is learnt again behind their back when there is more to learn from."""
        decided = [(state.subject, state.opinions[who].stance) for state in self.states.values() if who in state.opinions]
        labels = {subject: stance != "rejected" for subject, stance in decided if stance != "written"}
        known, selection = self._learnt.get(who), self.pool.selection.key
        fresh = (
            known is not None
            and known.selection == selection
            and 0 <= len(labels) - known.decisions < max(_RELEARNT, known.decisions // 20)
        )
        if not fresh and len(labels) >= ENOUGH and self.neighbourhood.vectors() is not None:
            with self._lock:
                if who not in self._learning:
                    self._learning.add(who)
                    self._learner.submit(self._learn, who, labels)
        if known is None or len(labels) < ENOUGH:
            few = len(labels) < ENOUGH
            return Learnt(learn(np.zeros((len(labels), 0)), list(labels.values())) if few else "It is being learnt.", 0, {}, "")
        return known

    def _learn(self, who: str, labels: Mapping[str, bool]) -> None:
        try:
            selection, candidates = self.pool.selection, self.pool.candidates
            reserve = selection.reserve["content"].to_pylist() if selection.reserve is not None else []
            rows = candidates.rows_of("content", list(dict.fromkeys([*labels, *selection.places, *reserve])))
            at = np.array(list(rows.values()), dtype=np.int64)
            vectors = self.neighbourhood.vectors()
            if vectors is None or not len(at):
                return
            table = features(np.asarray(vectors[at]), _signals(candidates, at))
            places = {content: place for place, content in enumerate(rows)}
            decided = [(places[content], label) for content, label in labels.items() if content in places]
            taste = learn(table[[place for place, _ in decided]], [label for _, label in decided])
            chances = dict(zip(rows, taste.chances(table).tolist(), strict=True)) if isinstance(taste, Taste) else {}
            self._learnt[who] = Learnt(taste, len(labels), chances, selection.key)
        except Exception as error:  # a thread of its own: nobody else would hear of it
            self._learnt[who] = Learnt(f"It could not be learnt: {error}", len(labels), {}, self.pool.selection.key)
        finally:
            with self._lock:
                self._learning.discard(who)

    def _likeness(self, like: str, contents: Sequence[str]) -> Mapping[str, float]:
        candidates, vectors = self.pool.candidates, self.neighbourhood.vectors()
        rows = candidates.rows_of("content", [like, *contents])
        if vectors is None or like not in rows:
            return {}
        at = np.array([rows[content] for content in rows], dtype=np.int64)
        return dict(zip(rows, (np.asarray(vectors[at]) @ np.asarray(vectors[rows[like]])).tolist(), strict=True))


def _signals(candidates: Candidates, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n, s), NaN where a signal was not measured."""
    import pyarrow as pa

    if not candidates.signals:
        return np.zeros((len(rows), 0))
    taken = candidates.table.select(list(candidates.signals)).take(pa.array(rows))
    return np.column_stack([taken[name].to_numpy().astype(np.float64) for name in candidates.signals])


def _arm(pool: Pool) -> Arm | None:
    """The arm under review as the run's recipe has it; None where there is no recipe of this version."""
    path = pool.run / "recipe.yaml"
    return _arm_of(str(path), path.stat().st_mtime_ns, pool.arm) if path.is_file() else None


@lru_cache(maxsize=8)
def _arm_of(path: str, _changed: int, name: str) -> Arm | None:
    from pathlib import Path

    try:
        return load(Path(path)).arms.get(name)
    except ThousandError:
        return None


def _wanted(arm: Arm) -> Mapping[str, str]:
    """How many of each class the quotas ask for, in words, by the name that the selection's strata give it."""
    wanted = {f"quota.{column}.{value}": _bounds(count) for column, values in arm.quota.items() for value, count in values.items()}
    return wanted | ({"safety": f"at least {arm.safety:.0%}"} if arm.safety else {})


def _bounds(wanted: Any) -> str:
    match wanted:
        case Between(least=None, most=most):
            return f"at most {_number(most)}"
        case Between(least=least, most=None):
            return f"at least {_number(least)}"
        case Between(least=least, most=most):
            return f"{_number(least)} to {_number(most)}"
        case _:
            return _number(wanted)


def _number(count: Any) -> str:
    return f"{count:,}" if isinstance(count, int) else f"{count:.0%}"


def excerpt(messages: Sequence[Mapping[str, str]], most: int = 140) -> str:
    """The beginning of what is asked, in one line."""
    line = " ".join(prompt_of(messages).split()) if messages else ""  # type: ignore[arg-type]
    return f"{line[:most]}…" if len(line) > most else line


def selection_place(selection: Selection, content: str) -> dict[str, Any] | None:
    """The row of the selection, without the messages."""
    place = selection.places.get(content)
    if place is None:
        return None
    row: dict[str, Any] = selection.table.drop_columns(["messages"]).slice(place, 1).to_pylist()[0]
    return row
