"""Where events are kept: an SQLite file of the run, or a PostgreSQL database for a team.

An event is numbered while its writer holds the one lock of the store, and the lock goes when the event can be read. So whoever
has read up to a number has missed none below it, however many threads, processes and machines write.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from thousand.desk.events import Event
from thousand.desk.where import address, remember, where_is, where_to_be
from thousand.errors import DataError, ThousandError

_PATIENCE = 30
"""Seconds that a writer waits for the others."""
_LOCK = 0x7468_6F75_7361_6E64
"""The advisory lock of PostgreSQL that writers hold: "thousand"."""

_TABLES = sa.MetaData()
_EVENTS = sa.Table(
    "thousand_events",
    _TABLES,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("desk", sa.Text, nullable=False),  # one database may serve several runs
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("before", sa.Text, nullable=False),  # JSON in ASCII, which every database holds as it is
    sa.Column("after", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.UniqueConstraint("desk", "id"),
    sa.Index("thousand_events_subject", "desk", "subject"),
    sqlite_autoincrement=True,
)


class Store:
    """The events of one desk. Any number of threads may share a store, any number of processes may open the same.

    Attributes:
        name: where it is, without a password.
    """

    def __init__(self, engine: sa.Engine, desk: str) -> None:
        self._engine, self._desk = engine, desk
        self._one_writer = threading.Lock()  # threads queue here, in order, rather than each asking the database again and again
        self.name = engine.url.set(drivername=engine.dialect.name).render_as_string(hide_password=True)

    @classmethod
    def open(cls, url: str, desk: str = "") -> Store:
        """The store at a URL, made if it is not there.

        Args:
            url: ``sqlite:///FILE`` or ``postgresql://USER@HOST/DATABASE``; a password may be in PGPASSWORD instead.
            desk: tells apart the desks that share a database.

        Raises:
            RecipeError: the URL is of neither kind.
            ThousandError: it cannot be opened, or PostgreSQL's client is not installed.
        """
        where = address(url)
        lite = where.get_backend_name() == "sqlite"
        waits: dict[str, Any] = {"timeout": _PATIENCE} if lite else {"connect_timeout": 10, "application_name": "thousand desk"}
        engine = sa.create_engine(where, connect_args=waits, pool_size=5, max_overflow=15, pool_pre_ping=not lite)
        if lite:
            _private(Path(where.database or ""))
            sa.event.listen(engine, "connect", _prepare)
            sa.event.listen(engine, "begin", _begin)
        store = cls(engine, desk)
        with store._writing() as connection:
            _TABLES.create_all(connection)
        return store

    @classmethod
    def at(cls, run: Path) -> Store:
        """The store of a run, made if there is none: see `thousand.desk.where`.

        Raises:
            DataError: there is no such run.
            RecipeError, ThousandError: as `open`.
        """
        if not run.is_dir():
            raise DataError(f"There is no run at {run}.", "Run a recipe first, if only until its pool is curated: thousand run RECIPE.")
        where = where_to_be(run)
        store = cls.open(where.url, where.desk)
        if not where.desk:
            return store
        kept = remember(run, where)  # only now that it could be opened
        if kept.desk == where.desk:
            return store
        store.close()  # another process has named the desk
        return cls.open(where.url, kept.desk)

    @classmethod
    def find(cls, run: Path) -> Store | None:
        """The store of a run, or None where nobody has opened a desk.

        Raises:
            RecipeError, ThousandError: as `open`.
        """
        where = where_is(run)
        return cls.open(where.url, where.desk) if where else None

    def append(self, event: Event) -> Event:
        """Store an event and return it with its number. It is on the disk when this returns.

        Returns:
            The event of that id that was stored first: this one, or if it was posted before, the one from then.

        Raises:
            ThousandError: the store cannot be written.
        """
        return self.append_all([event])[0]

    def append_all(self, events: Iterable[Event]) -> list[Event]:
        """Store events in their order, all or none; as `append`."""
        with self._writing() as connection:
            return [self._stored(connection, event) for event in events]

    def events(self, after: int = 0, kinds: Sequence[str] | None = None, subject: str | None = None) -> list[Event]:
        """The events with a number above ``after``, in the order of their numbers.

        Args:
            kinds: only these.
            subject: only those about it.
        """
        query = sa.select(_EVENTS).where(_EVENTS.c.desk == self._desk, _EVENTS.c.seq > after).order_by(_EVENTS.c.seq)
        if kinds is not None:
            query = query.where(_EVENTS.c.kind.in_(list(kinds)))
        if subject is not None:
            query = query.where(_EVENTS.c.subject == subject)
        with self._told("read"), self._engine.connect() as connection:
            return [_event(row) for row in connection.execute(query)]

    def last(self) -> int:
        """The number of the last event; 0 where there is none."""
        query = sa.select(sa.func.coalesce(sa.func.max(_EVENTS.c.seq), 0)).where(_EVENTS.c.desk == self._desk)
        with self._told("read"), self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def close(self) -> None:
        """Let the connections go; what is stored stays."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _stored(self, connection: sa.Connection, event: Event) -> Event:
        known = sa.select(_EVENTS).where(_EVENTS.c.desk == self._desk, _EVENTS.c.id == event.id)
        row = connection.execute(known).one_or_none()
        if row is None:
            values = event.row() | {"desk": self._desk, "before": json.dumps(event.before), "after": json.dumps(event.after)}
            connection.execute(sa.insert(_EVENTS).values(values))
            row = connection.execute(known).one()
        return _event(row)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """A transaction that no other writer of the store is in."""
        writers = self._engine.execution_options(writes=True)
        with self._told("written"), self._one_writer, writers.begin() as connection:
            if self._engine.dialect.name == "postgresql":
                connection.execute(_PATIENT)
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            yield connection

    @contextmanager
    def _told(self, done: str) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, PoolTimeout) as error:
            said = str(getattr(error, "orig", error)).strip().splitlines() or [type(error).__name__]
            raise ThousandError(
                f"The desk's store {self.name} cannot be {done}: {said[0]}.",
                "Check that it is there, who may write to it, the password (PGPASSWORD) and the room on the disk.",
            ) from error


_PATIENT = sa.text(
    f"SELECT set_config('lock_timeout', '{_PATIENCE}s', true), set_config('idle_in_transaction_session_timeout', '{_PATIENCE}s', true), "
    "CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END"
)
"""A writer whose machine is gone lets the others go on; and what is acknowledged is on the disk, whatever the server's default."""


def _event(row: Any) -> Event:
    return Event(row.id, row.who, row.at, row.kind, row.subject, json.loads(row.before), json.loads(row.after), row.reason, row.seq)


def _private(file: Path) -> None:
    """Names and tokens of people are in it: the file is its owner's alone."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise ThousandError(f"The desk's store {file} cannot be written: {error.strerror}.", "Check who may write there.") from None


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except Exception as error:  # two who open a new file at once: SQLite does not wait for this change by itself
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")
