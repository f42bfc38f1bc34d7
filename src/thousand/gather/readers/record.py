"""One row of a file as it was found, before anyone asks whether it is a conversation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from thousand.gather.rows import LONGEST_ROW


class Record(NamedTuple):
    """A row, or a fault where a row should be.

    Attributes:
        position: from 1: the line in JSON Lines; the row, not counting a header, in the other formats; 0 for the whole file.
        row: what was read; meaningless where there is a fault.
        raw: the row as it stood, where the format has such a thing.
        fault: why it could not be read.
    """

    position: int
    row: Any = None
    raw: str | bytes = ""
    fault: str | None = None

    def text(self) -> str | bytes:
        """The row as it stood, or as JSON where it stood as columns."""
        return self.raw or json.dumps(self.row, ensure_ascii=False, default=repr)


class NamedTwice(ValueError):
    """An object that gives one name two values."""


def named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; of two values for one name `json` would lose the first.

    Raises:
        NamedTwice: a name stands twice.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        raise NamedTwice(f"the name {twice([name for name, _ in pairs])!r} stands twice in one object")
    return found


def twice(names: Sequence[str]) -> str | None:
    """The first name that has stood before, shortened where it is absurdly long."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name[:100]
        seen.add(name)
    return None


def too_long(length: int) -> str:
    """The fault of a row of so many characters."""
    return f"the row is {length:,} characters long, more than {LONGEST_ROW:,}"


def not_utf8(text: str) -> str | None:
    """The fault of a text decoded with ``surrogateescape``, if it has bytes that are not UTF-8."""
    if text.isascii():
        return None
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return f"not UTF-8: the byte {ord(text[error.start]) - 0xDC00:#04x} at character {error.start + 1}"
    return None
