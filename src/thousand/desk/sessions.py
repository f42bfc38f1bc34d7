"""Sessions: a random secret in a cookie, of which only the hash is kept, beside the run, so that a restart ends nobody's work."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

IDLE = 12 * 3600.0
"""Seconds without a request after which a session ends."""
LONGEST = 7 * 86400.0
"""Seconds after which it ends in any case."""
_NOTED = 60.0  # seconds; being seen again is written down no oftener than that
_TABLE = "CREATE TABLE IF NOT EXISTS sessions (digest TEXT PRIMARY KEY, who TEXT, token TEXT, began REAL, seen REAL)"


@dataclass(frozen=True)
class Session:
    """Attributes:
    who: a member's name.
    token: digest of the token it began with: it ends when that is no longer the member's.
    began, seen: seconds since 1970.
    """

    who: str
    token: str
    began: float
    seen: float


class Sessions:
    """The sessions of one desk, in a small database that several processes may share.

    Args:
        path: of the database; only its owner may read it.
    """

    def __init__(self, path: Path, idle: float = IDLE, longest: float = LONGEST, clock: Callable[[], float] = time.time) -> None:
        self.path, self.idle, self.longest, self._clock = path, idle, longest, clock
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        with self._open() as database:
            database.execute(_TABLE)

    def begin(self, who: str, token: str) -> str:
        """A new session's secret; sessions that have ended are cleared away."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        with self._open() as database:
            database.execute("DELETE FROM sessions WHERE seen < ? OR began < ?", (now - self.idle, now - self.longest))
            database.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", (digest(secret), who, token, now, now))
        return secret

    def find(self, secret: str) -> Session | None:
        """The session with the secret, unless there is none or it has ended."""
        key, now = digest(secret), self._clock()
        with self._open() as database:
            row = database.execute("SELECT who, token, began, seen FROM sessions WHERE digest = ?", (key,)).fetchone()
            if row is None:
                return None
            session = Session(*row)
            if now - session.seen > self.idle or now - session.began > self.longest:
                database.execute("DELETE FROM sessions WHERE digest = ?", (key,))
                return None
            if now - session.seen > _NOTED:
                database.execute("UPDATE sessions SET seen = ? WHERE digest = ?", (now, key))
        return session

    def end(self, secret: str) -> None:
        """End a session now."""
        with self._open() as database:
            database.execute("DELETE FROM sessions WHERE digest = ?", (digest(secret),))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=10)) as database, database:
            yield database


def digest(secret: str) -> str:
    """What is kept of a secret. It is random and long: no salt or stretching makes it harder to find."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
