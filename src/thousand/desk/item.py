"""One example with everything that is known of it, for the page that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from thousand.conversation import Message
from thousand.desk import guide
from thousand.desk.decisions import Opinion, State
from thousand.desk.examples import Examples, excerpt, selection_place
from thousand.desk.taste import Taste

_NEAR = 4
"""Neighbours shown of each kind."""
TURNS = 200
"""Turns that are shown, and that an edit may have."""


@dataclass(frozen=True)
class Turn:
    """One turn: as it is to be trained on, and as the pool has it where that differs."""

    role: str
    text: str
    original: str | None


@dataclass(frozen=True)
class Measure:
    """A signal: its value, None where it could not be computed and ``why``; the rule over it in words, and whether it is broken."""

    name: str
    value: float | None
    why: str | None
    rule: str | None
    broken: bool


@dataclass(frozen=True)
class Near:
    """Another example: the beginning of what it asks, its cosine where it is a neighbour, and what became of it."""

    content: str
    asks: str
    likeness: float | None = None
    fate: str = ""


@dataclass(frozen=True)
class Item:
    """What the page shows of an example.

    Attributes:
        further: turns beyond `TURNS`; with some it can be read in part and not edited.
        pick: its row of the selection, None where it is not in it. taker: whether it takes the place of one that is rejected.
        row: of the candidates and their ledger; None for what was written here.
        mine: what the visitor said of it. others: what others said, told only to who has said something: opinions are to be their own.
        seq: number of the last event about it that the page knows.
        waiting: why there are no neighbours yet, or, where it failed, none to come.
        reserved: whether the run wrote a reserve at all.
        chance: of the visitor's accepting it, by what was learnt of their taste; None where nothing was.
    """

    content: str
    turns: Sequence[Turn]
    further: int
    pick: Mapping[str, Any] | None
    taker: bool
    row: Mapping[str, Any] | None
    measures: Sequence[Measure]
    mine: Opinion | None
    skipped: bool
    others: Sequence[Opinion]
    state: State | None
    seq: int
    in_set: Sequence[Near]
    in_pool: Sequence[Near]
    displaced: Sequence[Near]
    nearest: Near | None
    twin: Near | None
    waiting: str | None
    failed: bool
    replacement: Near | None
    reserved: bool
    checks: guide.Checks
    chance: float | None

    @property
    def link(self) -> str | None:
        """Where it is from, if that is an address one may follow."""
        link = (self.row or {}).get("link") or ""
        try:
            return link if urlsplit(link).scheme in ("http", "https") else None
        except ValueError:
            return None


def item(examples: Examples, who: str, content: str) -> Item | None:
    """An example; None where there is no such."""
    original = examples.messages(content)
    if original is None:
        return None
    selection, candidates = examples.pool.selection, examples.pool.candidates
    at = candidates.rows_of("content", [content]).get(content)
    row = candidates.row(at) if at is not None else None
    state = examples.states.get(content)
    mine = state.opinions.get(who) if state else None
    pick = selection_place(selection, content)
    rules = guide.bands(examples.pool.run)
    selected = examples.selected_rows()
    places = examples.neighbourhood
    replacement = mine.replacement if mine and mine.stance == "rejected" else examples.replacement(who, content)
    taste = examples.taste(who)
    waiting = None if places.vectors() is not None else places.failed or "The examples are being compared; come back in a moment."
    events = examples.history.of(content)
    named = _named(examples, [*((pick or {}).get("displaced") or []), (pick or {}).get("nearest"), (row or {}).get("twin")])
    turns = _turns(original, _current(state, mine))
    return Item(
        content=content,
        turns=turns[:TURNS],
        further=max(0, len(turns) - TURNS),
        pick=pick,
        taker=examples.takes_a_place(content),
        row=row,
        measures=_measures(row, candidates.signals, rules) if row else (),
        mine=mine,
        skipped=state is not None and who in state.skipped,
        others=[each for name, each in state.opinions.items() if name != who] if state and mine else [],
        state=state if mine else None,
        seq=events[-1].seq or 0 if events else 0,
        in_set=[_near(examples, *each) for each in places.nearest(at, _NEAR, among=selected)] if at is not None else (),
        in_pool=[_near(examples, *each) for each in places.nearest(at, _NEAR, without=selected)] if at is not None else (),
        displaced=[named[each] for each in (pick or {}).get("displaced") or [] if each in named],
        nearest=named.get((pick or {}).get("nearest")),
        twin=named.get((row or {}).get("twin")),
        waiting=waiting,
        failed=places.failed is not None,
        replacement=_by_content(examples, replacement) if replacement else None,
        reserved=selection.reserve is not None,
        checks=guide.checks(rules, (row or {}).get("source") or ""),
        chance=taste.chances.get(content) if isinstance(taste.taste, Taste) else None,
    )


def _current(state: State | None, mine: Opinion | None) -> Sequence[Message] | None:
    """The messages as the visitor, or who has settled it, wants them; None where that is as they are."""
    if mine is None or state is None:
        return None
    if state.settled_by is not None:
        return state.applies.messages if state.applies else None
    return mine.messages or (state.applies.messages if state.applies else None)


def _turns(original: Sequence[Mapping[str, str]], current: Sequence[Message] | None) -> list[Turn]:
    if current is None:
        return [Turn(turn["role"], turn["content"], None) for turn in original]
    before = [turn["content"] for turn in original] + [None] * (len(current) - len(original))
    return [
        Turn(turn["role"], turn["content"], was if was != turn["content"] else None) for turn, was in zip(current, before, strict=False)
    ]


def _measures(row: Mapping[str, Any], signals: Sequence[str], rules: Mapping[str, Any]) -> list[Measure]:
    why = dict(each.split(": ", 1) for each in row["unmeasured"] or [] if ": " in each)
    broken = set(row["reasons"] or [])
    made = [
        Measure(name, row[name], why.get(name), guide.words(rules[name]) if name in rules else None, name in broken) for name in signals
    ]
    return sorted(made, key=lambda each: (not each.broken, each.rule is None, each.name))


def _near(examples: Examples, at: int, likeness: float | None = None) -> Near:
    row = examples.pool.candidates.row(at)
    if row["content"] in examples.pool.selection.places:
        fate = f"rank {examples.pool.selection.places[row['content']] + 1:,}"
    else:
        fate = "kept" if row["kept"] else f"dropped: {', '.join(row['reasons'] or [])}"
    return Near(row["content"], excerpt(row["messages"]), likeness, fate)


def _named(examples: Examples, ids: Sequence[str | None]) -> dict[str | None, Near]:
    wanted = [each for each in ids if each]
    rows = examples.pool.candidates.rows_of("id", wanted) if wanted else {}
    return {name: _near(examples, at) for name, at in rows.items()}


def _by_content(examples: Examples, content: str) -> Near | None:
    rows = examples.pool.candidates.rows_of("content", [content])
    return _near(examples, rows[content]) if rows else None
