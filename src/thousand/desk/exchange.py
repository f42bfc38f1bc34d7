"""Events in a file, to move them between stores and to keep them: JSON Lines, one event a line, in the order of the store.

The number that a store gave an event is not written: another store gives its own, in the same order.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from thousand.conversation import MalformedRow
from thousand.desk.events import LONGEST, Event, read
from thousand.desk.store import Store
from thousand.errors import DataError

_LINE = 2 * LONGEST + 100_000  # bytes: the longest ``before`` and ``after``, and the rest


@dataclass(frozen=True)
class Imported:
    """What came of a file.

    Attributes:
        events: in the file.
        fresh: of them, those that the store did not have.
        members: of them, those that would have let somebody in, and were left out.
    """

    events: int
    fresh: int
    members: int = 0


def write_events(path: Path, events: Iterable[Event]) -> int:
    """Write events to a file, whole or not at all, and return how many. `read_events` gives them back, but for their numbers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial, count = path.with_name(f"{path.name}.partial"), 0
    with partial.open("w", encoding="utf-8") as stream:
        for event in events:
            stream.write(json.dumps(event.row()) + "\n")  # in ASCII: no text, however hostile, can end a line
            count += 1
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, path)
    return count


def read_events(path: Path) -> list[Event]:
    """The events of a file, each once.

    Raises:
        DataError: it cannot be read, or a row is not an event, or two differ and have one id; with file, line and field.
    """
    return [event for _, event in _events_in(path)]


def import_events(store: Store, path: Path, *, members: bool = False) -> Imported:
    """Store the events of a file that are not there yet: all or none, in the order of the file, after those that are there.

    Args:
        members: whether to take in who has a link to the desk, and as what. Whoever made the file can give themselves one.

    Raises:
        DataError: as `read_events`, or the store holds another event of one's id; nothing is stored.
        ThousandError: the store cannot be written.
    """
    rows = list(_events_in(path))
    there = {event.id: replace(event, seq=None) for event in store.events()}
    for where, event in rows:
        if there.get(event.id, event) != event:
            raise DataError(f"{where}: id: the desk holds another event {event.id}.", "Give one of the two another id, or leave it out.")
    fresh = [event for _, event in rows if event.id not in there]
    taken = [event for event in fresh if members or event.kind != "member"]
    store.append_all(taken)
    return Imported(len(rows), len(taken), len(fresh) - len(taken))


def _events_in(path: Path) -> Iterator[tuple[str, Event]]:
    """Each event after where it stands; one that stands again, just as it was, is passed over."""
    seen: dict[str, tuple[str, Event]] = {}
    for where, row in _rows(path):
        try:
            event = read(row)
        except MalformedRow as error:
            raise DataError(f"{where}: {error.field}: {error}.") from None
        before = seen.setdefault(event.id, (where, event))
        if before[1] != event:
            raise DataError(f"{where}: id: another event at {before[0]} has it.", "Give one of the two another id, or leave it out.")
        if before[0] == where:
            yield where, event


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if not path.is_file():
        raise DataError(f"There is no file of events at {path}.")
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(_LINE + 1):
            number += 1
            if len(line) > _LINE:
                raise DataError(f"{path}:{number}: the line is longer than {_LINE:,} bytes.")
            if line.strip():
                yield f"{path}:{number}", _object(line, f"{path}:{number}")


def _object(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: not UTF-8: byte {error.start + 1} of the line.") from None
    except RecursionError:
        raise DataError(f"{where}: lists within lists without end.") from None
    except ValueError as error:
        raise DataError(f"{where}: not JSON: {getattr(error, 'msg', error)}.") from None
    if not isinstance(row, dict):
        raise DataError(f"{where}: expected an object, found {type(row).__name__}.")
    return row


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return row


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")
