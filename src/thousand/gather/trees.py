"""Trees of conversation, as OpenAssistant writes them (OASST): several replies to a message, ranked by people.

A tree stands in one row, each message with its ``replies`` within it, or as one row per message with the id of its parent.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from thousand import conversation
from thousand.conversation import MalformedRow, Message
from thousand.gather.rows import LONGEST_ROW

TREE, MESSAGE = "tree", "tree_message"
FORMS: Mapping[str, frozenset[str]] = {
    TREE: frozenset({"prompt"}),  # whose value is a message
    MESSAGE: frozenset({"message_id", "parent_id", "role", "text"}),  # the first of a tree has no parent
}
DEEPEST = 100  # turns
_LONGEST = 20 * LONGEST_ROW  # characters of all conversations of a tree, each of which repeats what it shares with others


class Node(NamedTuple):
    """A message of a tree.

    Attributes:
        place: where it stands, unique in its file: a line, or line 3's message's first reply's second reply: "3.1.2".
    """

    place: str
    row: Any


class Branch(NamedTuple):
    """A message that counts as a row: every answer, and whatever is left out of its tree.

    Attributes:
        turns: the conversation from the first message to this one.
        fault: why it is no candidate, if it is none.
    """

    node: Node
    turns: list[Message]
    fault: MalformedRow | None


def recognise(row: Mapping[str, Any]) -> str | None:
    """Which of the two forms a row has, if any."""
    if isinstance(row.get("prompt"), Mapping):
        return TREE
    return MESSAGE if FORMS[MESSAGE] - {"parent_id"} <= row.keys() else None


def branches(first: Node, replies: Callable[[Node], Iterable[Node]]) -> Iterator[Branch]:
    """The rows of a tree.

    A message that is deleted or that the reviewers have not approved is left out, and with it what answers it. A candidate
    is the best of the answers to a message: the only one, or of those that are ranked the one with the lowest rank.

    Args:
        replies: to a message; they are gone through twice.
    """
    left = _LONGEST
    for branch in _from([first], replies, [], lost=False):
        if branch.fault is None:
            left -= sum(len(turn["content"]) for turn in branch.turns)
            if left < 0:
                branch = branch._replace(fault=MalformedRow("", f"the tree unfolds to more than {_LONGEST:,} characters"))
        yield branch


def _from(siblings: Iterable[Node], replies: Callable[[Node], Iterable[Node]], above: list[Message], *, lost: bool) -> Iterator[Branch]:
    """The rows among the replies to one message, and below them. A reply that is not the best may still lead to others."""
    best = _best(siblings)
    for node in siblings:
        turns, fault, answer = above, None, False
        try:
            turn, _ = _read(node.row)
            turns = [*above, turn]
            answer = turn["role"] == "assistant"
            if len(turns) > DEEPEST:
                raise MalformedRow("replies", f"more than {DEEPEST} turns; it is left out with what answers it")
            if not lost:
                conversation.check(turns, answered=answer)
            elif answer:
                raise MalformedRow("parent_id", "it follows on a message that is left out")
        except MalformedRow as error:
            fault = error
        if fault is not None:
            yield Branch(node, turns, fault)
        elif answer:
            yield Branch(
                node, turns, None if node.place == best else MalformedRow("rank", "another answer to its message is ranked better")
            )
        if len(turns) <= DEEPEST:
            yield from _from(replies(node), replies, turns, lost=lost or fault is not None)


def _best(siblings: Iterable[Node]) -> str | None:
    """The place of the best answer, if it can be told. Ties go by id, whatever the order."""
    answers, lowest = 0, (math.inf, "", "")
    for node in siblings:
        try:
            turn, rank = _read(node.row)
        except MalformedRow:
            continue
        if turn["role"] == "assistant":
            answers += 1
            only = node.place
            if rank is not None:
                lowest = min(lowest, (rank, str(node.row.get("message_id")), node.place))
    return only if answers == 1 else lowest[2] or None


def _read(row: Any) -> tuple[Message, float | None]:
    """What a message says, and its rank among its siblings, from 0."""
    if not isinstance(row, Mapping):
        raise MalformedRow("replies", f"expected a message, found {type(row).__name__}")
    if row.get("deleted"):
        raise MalformedRow("deleted", "the message is deleted")
    approved = row.get("review_result")
    if approved is None and ("review_result" in row or "review_count" in row):
        raise MalformedRow("review_result", "nobody has reviewed the message")
    if not approved and approved is not None:
        raise MalformedRow("review_result", "the reviewers did not approve the message")
    message = conversation.turn(row, "role", "text")
    if not message["content"].strip():
        raise MalformedRow("text", f"empty {message['role']} turn")
    rank = row.get("rank")
    if rank is None or (isinstance(rank, float) and math.isnan(rank)):
        return message, None
    if isinstance(rank, bool) or not isinstance(rank, int | float) or not 0 <= rank < 1e9:
        raise MalformedRow("rank", f"expected a rank from 0, found {str(rank)[:100]!r}")
    return message, float(rank)


def within(node: Node) -> list[Node]:
    """The replies that stand within a message."""
    found = node.row.get("replies") if isinstance(node.row, Mapping) else None
    if found is None:
        return []
    if not isinstance(found, list):
        found = [found]  # which is then no message, and says so
    return [Node(f"{node.place}.{number}", each) for number, each in enumerate(found, start=1)]


class Messages:
    """The messages of a file, one row each, until all have come: SQLite keeps them in memory while they are few, on disk when not."""

    def __init__(self) -> None:
        self._store = sqlite3.connect("")
        self._store.execute("pragma journal_mode = off")
        self._store.execute("pragma cache_size = -65536")  # 64 MB before it goes to disk
        self._store.execute("create table messages (id text primary key, parent text, position integer, row text)")
        self._store.execute("create index below on messages (parent)")
        self._store.execute("create table reached (position integer primary key)")

    def add(self, position: int, row: Mapping[str, Any]) -> None:
        """Keep a message.

        Raises:
            MalformedRow: its id or its parent's is not text, or another message has its id.
        """
        identity, parent = conversation.text(row, "message_id"), conversation.text(row, "parent_id", required=False) or None
        try:
            self._store.execute("insert into messages values (?, ?, ?, ?)", (identity, parent, position, json.dumps(row, default=repr)))
        except sqlite3.IntegrityError:
            raise MalformedRow("message_id", "a message with this id stands earlier in the file") from None

    def trees(self) -> Iterator[Iterator[Branch]]:
        """The rows of every tree, and at last the messages that are in none."""
        for first in _Found(self._store, "parent is null", ()):
            yield branches(first, lambda node: _Found(self._store, "parent = ?", (node.row["message_id"],)))
        yield self._astray()

    def _astray(self) -> Iterator[Branch]:
        for node in _Found(self._store, "position not in (select position from reached)", ()):
            parent = node.row["parent_id"]
            known = self._store.execute("select 1 from messages where id = ?", (parent,)).fetchone()
            why = f"no first message leads to it within {DEEPEST} turns" if known else "the message it follows on is not in the file"
            yield Branch(node, [], MalformedRow("parent_id", why))

    def close(self) -> None:
        """Give the memory and the disk back."""
        self._store.close()


class _Found:
    """Messages of a file that fulfil a condition, asked for each time they are gone through, and marked as reached."""

    def __init__(self, store: sqlite3.Connection, where: str, values: tuple[str, ...]) -> None:
        self._store, self._where, self._values = store, where, values

    def __iter__(self) -> Iterator[Node]:
        query = f"select position, row from messages where {self._where} order by position"  # noqa: S608 - conditions of this module
        for position, row in self._store.execute(query, self._values):
            self._store.execute("insert or ignore into reached values (?)", (position,))
            yield Node(str(position), json.loads(row))
