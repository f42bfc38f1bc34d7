"""The questions of a dump, kept at hand until their answers come: on disk once they are many, so that memory stays small."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import NamedTuple


class Question(NamedTuple):
    """What an answer needs of its question.

    Attributes:
        prompt: the text an assistant would be asked.
        accepted: the id of the answer its asker accepted.
    """

    prompt: str
    accepted: int | None
    tags: list[str]


class Posts:
    """A temporary database: SQLite keeps it in memory while it is small, on disk when it is not, and removes it when closed."""

    def __init__(self) -> None:
        self._store = sqlite3.connect("")
        self._store.execute("pragma journal_mode = off")
        self._store.execute("pragma cache_size = -65536")  # 64 MB before it goes to disk
        self._store.execute("create table seen (id integer primary key)")
        self._store.execute("create table questions (id integer primary key, prompt text, accepted integer, tags text)")
        self._store.execute("create table waiting (id integer primary key, post text)")

    def first(self, identity: int) -> bool:
        """Whether no post has had this id before."""
        return self._store.execute("insert or ignore into seen values (?)", (identity,)).rowcount == 1

    def remember(self, identity: int, question: Question) -> None:
        """Keep a question for its answers."""
        row = (identity, question.prompt, question.accepted, json.dumps(question.tags))
        self._store.execute("insert into questions values (?, ?, ?, ?)", row)

    def question(self, identity: int) -> Question | None:
        """The question of an id, if it has come."""
        row = self._store.execute("select prompt, accepted, tags from questions where id = ?", (identity,)).fetchone()
        return Question(row[0], row[1], json.loads(row[2])) if row else None

    def wait(self, identity: int, post: Mapping[str, str]) -> None:
        """Keep an answer whose question has not come yet."""
        self._store.execute("insert into waiting values (?, ?)", (identity, json.dumps(post)))

    def waiting(self) -> Iterator[dict[str, str]]:
        """The answers that are still waiting, by id."""
        for (post,) in self._store.execute("select post from waiting order by id"):
            yield json.loads(post)

    def close(self) -> None:
        """Give the memory and the disk back."""
        self._store.close()
