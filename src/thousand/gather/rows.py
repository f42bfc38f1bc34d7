"""What a source form yields, row by row: a candidate, or a rejection with its reason."""

from __future__ import annotations

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
