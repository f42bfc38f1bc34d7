"""The answers of a folder: one SQLite file, committed answer by answer, so that a kill loses none that had come."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from thousand.endpoint.replies import Question, Reply
from thousand.errors import DataError

FILE = "answers.sqlite"

# `charged` is the cost as far as it is known, and the worst case where it is not.
_TABLES = """
CREATE TABLE IF NOT EXISTS answers (
  key TEXT PRIMARY KEY, text TEXT, stop TEXT, prompt_tokens INTEGER, completion_tokens INTEGER, seconds REAL, cost REAL,
  model TEXT, currency TEXT, charged REAL);
CREATE TABLE IF NOT EXISTS failures (key TEXT, reason TEXT, at TEXT, model TEXT, currency TEXT, charged REAL);
"""


@contextmanager
def answers(folder: Path, model: str, currency: str | None) -> Iterator[Kept]:
    """The answers kept in a folder, for questions to one model.

    Raises:
        DataError: they cannot be read or written.
    """
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, timeout=60, check_same_thread=False)  # one thread at a time
        try:
            # A write-ahead log waits for no disk at every answer, and is whole after a kill and after a loss of power.
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.executescript(_TABLES)
            yield Kept(connection, model, currency)
        finally:
            connection.close()
    except (sqlite3.Error, FileExistsError, NotADirectoryError, PermissionError) as error:
        raise DataError(
            f"{path}: answers cannot be kept there: {error}.",
            "Make room if the disk is full, choose a folder that can be written to, or move the file away if it is another's.",
        ) from None


@dataclass(frozen=True)
class Kept:
    """Made by `answers`."""

    connection: sqlite3.Connection
    model: str
    currency: str | None

    def find(self, key: str) -> Reply | None:
        """The answer to a question."""
        row = self.connection.execute(
            "SELECT text, stop, prompt_tokens, completion_tokens, seconds, cost FROM answers WHERE key = ?", (key,)
        ).fetchone()
        if row is None:
            return None
        text, stop, prompt_tokens, completion_tokens, seconds, cost = row
        error = textless(stop) if text is None else None
        return Reply(text, error, stop, prompt_tokens, completion_tokens, seconds, cost, True, key)

    def begin(self, question: Question) -> int | None:
        """Count a call at its worst before it is made: whatever ends the run, the server may charge for it. None where it costs nothing."""
        return self._failed(question, "it was under way when the run ended", question.worst) if question.worst else None

    def add(self, question: Question, reply: Reply, charged: float, begun: int | None) -> None:
        """Keep an answer, in place of the call that was begun."""
        said = (reply.text, reply.stop, reply.prompt_tokens, reply.completion_tokens, reply.seconds, reply.cost)
        values = (question.key, *said, self.model, self.currency, charged)
        with self._at_once(begun is not None):
            self.connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
            self._forget(begun)

    def fail(self, question: Question, reason: str, charged: float, begun: int | None) -> None:
        """Keep the reason of a call that brought no answer, in place of the call that was begun."""
        with self._at_once(begun is not None):
            self._forget(begun)
            self._failed(question, reason, charged)

    def _failed(self, question: Question, reason: str, charged: float) -> int | None:
        values = (question.key, reason, datetime.now(UTC).isoformat(timespec="seconds"), self.model, self.currency, charged)
        return self.connection.execute("INSERT INTO failures VALUES (?, ?, ?, ?, ?, ?)", values).lastrowid

    def _forget(self, begun: int | None) -> None:
        if begun is not None:
            self.connection.execute("DELETE FROM failures WHERE rowid = ?", (begun,))

    @contextmanager
    def _at_once(self, several: bool) -> Iterator[None]:
        """All of several changes or none."""
        if several:
            self.connection.execute("BEGIN IMMEDIATE")
        with self.connection:  # ends what was begun
            yield

    @property
    def spent(self) -> float:
        """On the model, in the currency, since the first answer."""
        total = "SELECT total(charged) FROM {} WHERE model = ? AND currency IS ?"
        tables = (self.connection.execute(total.format(table), (self.model, self.currency)) for table in ("answers", "failures"))
        return float(sum(each.fetchone()[0] for each in tables))

    @property
    def any(self) -> bool:
        """Whether the model has answered before."""
        return self.connection.execute("SELECT 1 FROM answers WHERE model = ? LIMIT 1", (self.model,)).fetchone() is not None


def textless(stop: str | None) -> str:
    """What is wrong with an answer that has no text."""
    return f"the model gave no text ({stop or 'no reason given'})"
