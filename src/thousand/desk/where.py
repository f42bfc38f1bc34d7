"""Which store a run's desk has: `RUN/desk/desk.sqlite`, unless a PostgreSQL database is named.

A database is named in the environment (THOUSAND_DESK), and from the first time on in ``RUN/desk/where.json``, without its password,
with a name for the desk: the runs that share a database do not share their events. The environment goes before the file, so that a
database can move.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from thousand.errors import DataError, RecipeError, ThousandError

PLACE, FILE, VARIABLE = "desk", "desk.sqlite", "THOUSAND_DESK"


@dataclass(frozen=True)
class Where:
    """A store's address.

    Attributes:
        desk: of those that share a database; "" in a file of its own.
    """

    url: str
    desk: str = ""


def where_is(run: Path) -> Where | None:
    """The address of the store that a run has, or None where it has none yet.

    Raises:
        DataError: ``where.json`` is not what it must be.
    """
    named, file, own = _named(), run / PLACE / "where.json", _file(run)
    if file.exists():
        kept = _read(file)
        return Where(named or kept.url, kept.desk)
    return Where(own) if (run / PLACE / FILE).exists() else None


def where_to_be(run: Path) -> Where:
    """The address of a run's store, be it there or not; one that is to be in a database gets a new name.

    Raises:
        RecipeError: the environment names a database, and the run has a desk in a file.
        DataError: as `where_is`.
    """
    named, there = _named(), where_is(run)
    if named and there is not None and not there.desk:
        raise RecipeError(
            f"{VARIABLE} names a database and the desk of this run is kept in {run / PLACE / FILE}.",
            f"Export its events, move the file away and import them, or unset {VARIABLE}.",
        )
    return there or (Where(named, uuid.uuid4().hex) if named else Where(_file(run)))


def remember(run: Path, where: Where) -> Where:
    """Write a database's address, without its password, to ``where.json``, and return it; or what another process has written there."""
    file = run / PLACE / "where.json"
    given = address(where.url)
    bare = sa.URL.create("postgresql", given.username, None, given.host, given.port, given.database, given.query)
    written = Where(bare.render_as_string(), where.desk)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"where.{uuid.uuid4().hex}.partial")
    partial.write_text(json.dumps(asdict(written), indent=1) + "\n", encoding="utf-8")
    try:
        os.link(partial, file)  # unlike a rename, it does not replace one that is there
    except FileExistsError:
        return _read(file)
    finally:
        partial.unlink()
    return written


def address(url: str) -> sa.URL:
    """A URL as SQLAlchemy has it.

    Raises:
        RecipeError: it is neither of SQLite nor of PostgreSQL.
        ThousandError: PostgreSQL's client is not installed.
    """
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        raise _no_url() from None
    if parsed.drivername == "sqlite" and parsed.database not in (None, "", ":memory:") and not parsed.query:
        return parsed
    if parsed.drivername not in ("postgresql", "postgres", "postgresql+psycopg") or "password" in parsed.query:
        raise _no_url()
    if find_spec("psycopg") is None:
        raise ThousandError("The desk is to be kept in PostgreSQL and its client is not installed.", "pip install 'thousand[postgres]'")
    return parsed.set(drivername="postgresql+psycopg")


def _named() -> str:
    return os.environ.get(VARIABLE, "").strip()


def _file(run: Path) -> str:
    return sa.URL.create("sqlite", database=str((run / PLACE / FILE).resolve())).render_as_string()


def _no_url() -> RecipeError:
    """Without the URL, which may hold a password."""
    return RecipeError(
        "The URL of the desk's store is not one of SQLite or PostgreSQL.",
        "Write postgresql://USER@HOST/DATABASE, with the password before the @ or in PGPASSWORD, or leave it out for a file of the run.",
    )


def _read(file: Path) -> Where:
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        where = Where(**record)
    except (ValueError, TypeError):
        raise DataError(f"{file} does not say where the desk's store is.", 'Write {"url": "postgresql://...", "desk": NAME}.') from None
    if not (isinstance(where.url, str) and isinstance(where.desk, str)):
        raise DataError(f"{file}: url and desk must be texts.")
    if address(where.url).password is not None:
        raise DataError(f"{file}: url holds a password.", f"Take it out and give it in PGPASSWORD or {VARIABLE}.")
    return where
