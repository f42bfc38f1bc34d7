"""JSON: a list of rows, read one at a time, so that memory holds a few rows and not the file.

Many files called .json hold JSON Lines: one that does not begin with ``[`` is read as such.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from io import BufferedReader
from typing import Any

from thousand.gather.files import UNREADABLE, SourceFile
from thousand.gather.readers.json_lines import DECODER, json_lines
from thousand.gather.readers.record import NamedTwice, Record, not_utf8, too_long
from thousand.gather.rows import LONGEST_ROW

_CHUNK = 1 << 20
_BLANK = re.compile(r"\s+")
_LENIENT = json.JSONDecoder()


def json_list(file: SourceFile) -> Iterator[Record]:
    """The elements of the list. A fault in the JSON itself ends the file: what follows cannot be told apart."""
    with file.open() as stream:
        window = _Window(stream)
        if window.peek() == "[":
            window.at += 1
            yield from _elements(window)
            return
    for count, record in enumerate(json_lines(file)):
        if count == 0 and record.fault:
            yield record._replace(fault="neither a list of rows nor one row per line; nothing of the file is read", position=1)
            return
        yield record


class _Window:
    """The part of a text that is being looked at.

    Attributes:
        text: what has been read and not yet passed.
        at: the next character, an index into ``text``.
        ended: whether the text is read to its end.
    """

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self.text = ""
        self.at = 0
        self.ended = False

    def grow(self) -> None:
        """Forget what is passed and read as much again as is left, so that a long row is looked at only a few times."""
        rest = self.text[self.at :]
        more = bytearray()
        while len(more) < max(_CHUNK, len(rest)):
            try:
                chunk = self._stream.read1(_CHUNK)
            except UNREADABLE:
                if not more:
                    raise
                break  # what stands before the break comes first
            if not chunk:
                break
            more += chunk
        self.ended = not more
        self.text, self.at = rest + self._decoder.decode(more, final=self.ended), 0

    def peek(self) -> str:
        """The next character that is not white space; nothing at the end."""
        while True:
            if blank := _BLANK.match(self.text, self.at):
                self.at = blank.end()
            if self.at < len(self.text):
                return self.text[self.at]
            if self.ended:
                return ""
            self.grow()


def _elements(window: _Window) -> Iterator[Record]:
    number = 0
    while (mark := window.peek()) != "]":
        number += 1
        if number > 1 and mark == ",":
            window.at += 1
            window.peek()
        elif number > 1 or not mark:
            yield _broken(number, window, "expected a comma or the end of the list")
            return
        while True:
            try:
                row, end, fault = _decode(window)
                # A value that ends with the window may go on behind it: 12 may be 123.
                if end < len(window.text) or window.ended:
                    break
            except RecursionError:
                yield _broken(number, window, "lists within lists without end")
                return
            except ValueError as error:
                if window.ended or len(window.text) - window.at > LONGEST_ROW:
                    yield _broken(number, window, getattr(error, "msg", str(error)))
                    return
            window.grow()
        raw = window.text[window.at : end]
        window.at = end
        yield Record(number, row, raw, fault or (too_long(len(raw)) if len(raw) > LONGEST_ROW else not_utf8(raw)))
    window.at += 1
    if window.peek():
        yield _broken(number + 1, window, "text after the end of the list")


def _decode(window: _Window) -> tuple[Any, int, str | None]:
    """The next value, where it ends, and what is wrong with it though it is whole."""
    try:
        return *DECODER.raw_decode(window.text, window.at), None
    except NamedTwice as error:
        return *_LENIENT.raw_decode(window.text, window.at), f"not a row: {error}"


def _broken(number: int, window: _Window, reason: str) -> Record:
    rest = window.text[window.at : window.at + LONGEST_ROW]
    return Record(number, raw=rest, fault=f"not JSON, what follows is not read: {reason}")
