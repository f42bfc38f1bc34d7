"""What a source form gives: units that can be read one by one, and of each its rows, a candidate or a rejection with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from thousand.conversation import Message

LONGEST_ROW = 10_000_000  # characters; the longest book a model could be taught in one turn is shorter
LONGEST_RAW = 1_000_000  # characters of a rejected row that are kept


class Candidate(NamedTuple):
    """One conversation as it stood in a source.

    Attributes:
        source: where it came from within its form: a file's name, a site. The verb puts the form's name before it.
        origin: file and position, unique within the source; never an absolute path.
        form: the form the row was recognised by, reported for each source.
    """

    source: str
    origin: str
    messages: list[Message]
    form: str
    group: str | None = None
    score: float | None = None
    author: str | None = None
    licence: str | None = None
    link: str | None = None
    tags: list[str] | None = None


class Rejected(NamedTuple):
    """A row, a break in a file, or a whole file that could not be read. Make it with `reject`."""

    source: str
    origin: str
    field: str | None
    reason: str
    raw: str


Row = Candidate | Rejected


@dataclass(frozen=True)
class Unit:
    """A piece of a source that can be read by itself, in any process: most often one file.

    Attributes:
        source: the source that all of its rows name.
        size: bytes, on the disk.
        rows: reads it from the start. It is called in other processes, so it must pickle: a `functools.partial` of a function does.
    """

    source: str
    size: int
    rows: Callable[[], Iterator[Row]]


@dataclass(frozen=True)
class Reading:
    """What a form found to read, in order; to iterate over it reads all of it."""

    units: Sequence[Unit]

    def __iter__(self) -> Iterator[Row]:
        for unit in self.units:
            yield from unit.rows()


def reject(source: str, origin: str, reason: str, raw: str | bytes = "", field: str | None = None) -> Rejected:
    """A rejection whose texts can be written anywhere: what is not UTF-8 is escaped, what is absurdly long is cut and said to be."""
    if len(raw) > LONGEST_RAW:
        reason = f"{reason} (the row is {len(raw):,} long; its first {LONGEST_RAW:,} are kept)"
    return Rejected(source, origin, _plain(field[:200]) if field else None, _plain(reason[:2000]), _plain(raw[:LONGEST_RAW]))


def _plain(text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else _bytes(text)
    return data.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def _bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")  # as they stood in the file
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace")
