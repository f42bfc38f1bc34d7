"""Conversations written by hand, in YAML or JSON (LIMA, section 2.2): short files that their authors correct by line number."""

from __future__ import annotations

import codecs
import difflib
from collections.abc import Iterator, Mapping
from functools import partial
from io import BufferedReader
from typing import Any, cast

import yaml

from thousand import conversation
from thousand.conversation import MalformedRow, Message
from thousand.gather.files import UNREADABLE, SourceFile, expand
from thousand.gather.readers import Record, records
from thousand.gather.readers.record import too_long
from thousand.gather.rows import LONGEST_ROW, Candidate, Reading, Row, Unit, reject

_YAML = (".yaml", ".yml")
_FIELDS = ("prompt", "response", "system", "messages", "tags", "author", "licence", "license")
_LARGEST = 1 << 22  # bytes of YAML; the 200 of LIMA have half a million
_DEEPEST = 8  # lists within lists; a conversation needs 4
_DAMAGED = "\ufffd"


def authored(*, path: str | list[str], author: str | None = None, licence: str | None = None) -> Reading:
    """Candidates from a list of entries, each with ``prompt`` and ``response`` or with ``messages``.

    An entry may have ``system`` beside its prompt, and ``tags``, ``author``, ``licence``. Any other field rejects it: a
    misspelt name would lose what stands under it. In YAML every value is the text that was written, ``No`` and ``1.10`` too.
    Nothing is ever constructed; tags such as ``!!python/object`` and aliases, which a few lines can blow up to gigabytes
    with, reject their entry. A candidate's origin names the line on which its entry begins.

    Args:
        path: .yaml, .yml, .jsonl, .ndjson or .json, each also as .gz or .zst: a file, a pattern, or a list of them.
        author: of the entries that name none.
        licence: of the entries that name none.

    Raises:
        DataError: a file is missing or of another kind.
    """
    files = expand(path, (*_YAML, ".jsonl", ".ndjson", ".json"))
    return Reading([Unit(file.name, file.size, partial(_rows, file, author, licence)) for file in files])


def _rows(file: SourceFile, author: str | None, licence: str | None) -> Iterator[Row]:
    for record in _entries(file) if file.kind in _YAML else records(file):
        origin = f"{file.name}:{record.position}" if record.position else file.name
        if record.fault is not None:
            yield reject(file.name, origin, record.fault, record.text() if record.row is not None else record.raw)
            continue
        try:
            yield _candidate(record.row, file.name, origin, author, licence)
        except MalformedRow as error:
            yield reject(file.name, origin, str(error), record.text(), error.field)


def _candidate(row: Any, source: str, origin: str, author: str | None, licence: str | None) -> Candidate:
    if not isinstance(row, Mapping):
        raise MalformedRow("", f"expected fields with names, found {type(row).__name__}")
    for field in row:
        if field not in _FIELDS:
            near = difflib.get_close_matches(str(field)[:100], _FIELDS, n=1)
            raise MalformedRow(str(field), f"no such field; {f'did you mean {near[0]}?' if near else 'there are: ' + ', '.join(_FIELDS)}")
    messages = _messages(row)
    length = sum(len(message["content"]) for message in messages)
    if length > LONGEST_ROW:
        raise MalformedRow("", too_long(length))
    tags = row.get("tags") or []
    return Candidate(
        source,
        origin,
        messages,
        "messages" if "messages" in row else "prompt_response",
        author=conversation.text(row, "author", required=False) or author,
        licence=next((found for name in ("licence", "license") if (found := conversation.text(row, name, required=False))), licence),
        tags=[conversation.text({"tags": each}, "tags") for each in (tags if isinstance(tags, list) else [tags])] or None,
    )


def _messages(row: Mapping[str, Any]) -> list[Message]:
    if "messages" in row:
        if beside := [name for name in ("prompt", "response", "system") if name in row]:
            raise MalformedRow(beside[0], "stands beside messages; write the one or the other")
        return conversation.read(row, "messages")
    messages = conversation.read(row, "prompt_response")
    system = conversation.text(row, "system", required=False)
    return [{"role": "system", "content": system}, *messages] if system.strip() else messages


def _entries(file: SourceFile) -> Iterator[Record]:
    """The elements of the lists of a YAML file, as they were written. From a fault in the YAML itself on nothing can be told apart."""
    line = found = 0
    with file.open() as stream:
        events: Iterator[Any] = yaml.parse(cast(Any, _Lines(stream)), Loader=yaml.SafeLoader)
        try:
            for event in events:
                line = event.start_mark.line + 1
                if isinstance(event, yaml.DocumentStartEvent):
                    top = next(events)
                    if not isinstance(top, yaml.SequenceStartEvent):
                        yield Record(line, fault="expected a list of entries, each beginning with a dash; what follows is not read")
                        return
                elif isinstance(event, yaml.NodeEvent):
                    found += 1
                    faults: list[str] = []
                    row = _plain(event, events, faults, 1)
                    yield Record(line, row, fault=faults[0] if faults else None)
        except (yaml.YAMLError, ValueError) as error:  # an escape beyond Unicode is a ValueError
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or getattr(error, "reason", None) or error
            yield Record(mark.line + 1 if mark else line, fault=f"not YAML, what follows is not read: {problem}")
            return
        except UNREADABLE as error:
            yield Record(line, fault=f"the file breaks off here, what follows is not read: {error}")
            return
    if not found:
        yield Record(0, fault="the file has no rows")


def _plain(event: Any, events: Iterator[Any], faults: list[str], depth: int) -> Any:
    """The text, list or mapping that begins with an event; what may not stand there is added to the faults."""
    line = event.start_mark.line + 1
    if depth > _DEEPEST:
        raise yaml.YAMLError(f"lists within lists on line {line}, more than {_DEEPEST} deep")
    if isinstance(event, yaml.AliasEvent):
        faults.append(f"the alias *{event.anchor} on line {line}: write out what it stands for")
        return f"*{event.anchor}"
    if event.tag is not None:
        faults.append(f"the tag {event.tag} on line {line}: only text, lists and fields are read")
    if isinstance(event, yaml.SequenceStartEvent):
        return [_plain(each, events, faults, depth + 1) for each in _until(yaml.SequenceEndEvent, events)]
    if isinstance(event, yaml.MappingStartEvent):
        fields: dict[str, Any] = {}
        for key in _until(yaml.MappingEndEvent, events):
            name = str(_plain(key, events, faults, depth + 1))
            if name in fields:
                faults.append(f"{name} is given twice, again on line {key.start_mark.line + 1}")
            fields[name] = _plain(next(events), events, faults, depth + 1)
        return fields
    if _DAMAGED in event.value:
        faults.append(f"the text that begins on line {line} is not UTF-8 or has control characters")
    if event.style is None and event.value in ("", "~", "null"):
        return None
    return event.value.removesuffix("\n") if event.style in ("|", ">") else event.value


def _until(end: type[yaml.Event], events: Iterator[Any]) -> Iterator[Any]:
    """The events up to one that ends what they stand in."""
    while not isinstance(event := next(events), end):
        yield event


class _Lines:
    """A stream of text for YAML's reader, which would give up a whole file for one byte: what no text may hold becomes U+FFFD.

    It breaks off where nobody has written by hand any more, since YAML takes long to read.
    """

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._left = _LARGEST

    def read(self, size: int) -> str:
        """A line, or a part of a long one; nothing at the end."""
        while True:
            if self._left < 0:
                raise OSError(f"it is longer than {_LARGEST:,} bytes; write so many entries as JSON Lines")
            data = self._stream.readline(min(size, self._left + 1))
            self._left -= len(data)
            line = self._decoder.decode(data, final=not data)
            if line or not data:
                return yaml.reader.Reader.NON_PRINTABLE.sub(_DAMAGED, line)
