"""JSON Lines: one row per line. A broken line costs that line and no other."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from io import BufferedReader

from thousand.gather.files import SourceFile, Unreadable
from thousand.gather.readers.record import Record, named_once
from thousand.gather.rows import LONGEST_ROW

DECODER = json.JSONDecoder(object_pairs_hook=named_once)


def json_lines(file: SourceFile) -> Iterator[Record]:
    """Every line that is not blank."""
    with file.open() as stream:
        for number, line in enumerate(lines(stream), start=1):
            if line.strip():
                yield _record(number, line)


def lines(stream: BufferedReader) -> Iterator[bytes]:
    """Lines with their ends, without a byte order mark. One longer than the longest row is cut just beyond that length.

    Raises:
        Unreadable: a byte order mark says that the text is not UTF-8.
    """
    first = True
    while line := stream.readline(LONGEST_ROW + 1):
        if first and line.startswith(codecs.BOM_UTF8):
            line = line[len(codecs.BOM_UTF8) :]
        elif first and line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise Unreadable("the file is UTF-16 or UTF-32, nothing of it is read: save it as UTF-8")
        first = False
        rest = line
        while rest and len(line) > LONGEST_ROW and not rest.endswith(b"\n"):
            rest = stream.readline(1 << 20)
        yield line


def _record(number: int, line: bytes) -> Record:
    if len(line) > LONGEST_ROW:
        return Record(number, raw=line, fault=f"the line is longer than {LONGEST_ROW:,} bytes")
    try:
        return Record(number, DECODER.decode(line.decode("utf-8")), line)
    except UnicodeDecodeError as error:
        return Record(number, raw=line, fault=f"not UTF-8: the byte {line[error.start]:#04x} at byte {error.start + 1} of the line")
    except RecursionError:
        return Record(number, raw=line, fault="not a row: lists within lists without end")
    except json.JSONDecodeError as error:
        return Record(number, raw=line, fault=f"not JSON: {error.msg} at character {error.pos + 1} of the line")
    except ValueError as error:  # a number of thousands of digits, a name that stands twice
        return Record(number, raw=line, fault=f"not JSON that can be read: {error}")
