"""Super-NaturalInstructions: a JSON file per task, its definition and up to thousands of instances (LIMA takes one of each of 50 tasks)."""

from __future__ import annotations

import bisect
import glob
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from thousand.conversation import MalformedRow, check, text
from thousand.errors import RecipeError
from thousand.gather.files import UNREADABLE, SourceFile, expand
from thousand.gather.readers.record import not_utf8, too_long
from thousand.gather.rows import LONGEST_ROW, Candidate, Reading, Row, Unit, reject

_SOURCE = "tasks"
_LARGEST = 1 << 26  # bytes; the collection asks for no more than 50 MB


def natural_instructions(*, path: str | list[str], per_task: int = 1, categories: list[str] | None = None) -> Reading:
    """Candidates from task files: the definition and the input are the prompt, the first output is the response.

    Of each task the instances are taken whose hashes are lowest: chance, but the same whatever their order. The others are
    not rows. Every instance that cannot be read is a rejection. The categories of the task are the tags, its URL is the
    link and its ``Instance License`` the licence. A file that breaks off gives of what stood before, and one rejection.

    Args:
        path: a folder of ``task*.json``, a file, a pattern, or a list of them; files also as .gz or .zst.
        per_task: how many instances of each task; memory grows with it.
        categories: tasks of other categories are left out; None leaves out none.

    Raises:
        DataError: a file is missing or of another kind.
        RecipeError: ``per_task`` is less than 1.
    """
    if per_task < 1:
        raise RecipeError(f"natural_instructions: per_task: {per_task} takes nothing.", "Give 1 or more.")
    given = [path] if isinstance(path, str) else path
    files = expand([f"{glob.escape(each)}/task*.json" if Path(each).expanduser().is_dir() else each for each in given], (".json",))
    wanted = None if categories is None else frozenset(each.casefold() for each in categories)
    return Reading([Unit(_SOURCE, file.size, partial(_rows, file, per_task, wanted)) for file in files])


class _Instance(NamedTuple):
    """What is kept of an instance until the task is read: compared by its hash, then by its place."""

    digest: str
    number: int
    given: str
    answer: str


def _rows(file: SourceFile, per_task: int, wanted: frozenset[str] | None) -> Iterator[Row]:
    task: dict[str, Any] = {}
    chosen: list[_Instance] = []
    number = 0
    body, fault = _read(file)
    try:
        for field, value, raw in _fields(body):
            if field != "Instances":
                task[field] = value
                if field == "Categories" and not _is_wanted(value, wanted):
                    return
                continue
            number += 1
            try:
                bisect.insort(chosen, _instance(value, number, raw))
                del chosen[per_task:]
            except MalformedRow as error:
                yield reject(_SOURCE, f"{file.name}:{number}", str(error), raw, error.field)
    except (ValueError, RecursionError) as error:
        why = "lists within lists without end" if isinstance(error, RecursionError) else str(error)
        fault = fault or f"not JSON, what follows is not read: {why}"
    if fault:
        yield reject(_SOURCE, file.name, fault)
    if not _is_wanted(task.get("Categories"), wanted):
        return
    if not fault and not number:
        yield reject(_SOURCE, file.name, "the file has no Instances: is it a task?")
    for each in sorted(chosen, key=lambda instance: instance.number):
        origin = f"{file.name}:{each.number}"
        try:
            yield _candidate(task, each, origin)
        except MalformedRow as error:
            yield reject(_SOURCE, origin, str(error), each.given, error.field)


def _read(file: SourceFile) -> tuple[str, str | None]:
    """The text of a file, or as much of it as can be had and why there is no more."""
    data = bytearray()
    fault = None
    try:
        with file.open() as stream:
            while len(data) <= _LARGEST and (chunk := stream.read1(1 << 20)):
                data += chunk
    except UNREADABLE as error:
        fault = f"the file breaks off here, what follows is not read: {error}"
    if len(data) > _LARGEST:
        fault = f"the file is longer than {_LARGEST:,} bytes, what follows is not read"
    return data[:_LARGEST].decode("utf-8-sig", "surrogateescape"), fault


def _fields(body: str) -> Iterator[tuple[str, Any, str]]:
    """The fields of an object in their order, each with its text; the elements of ``Instances`` one by one.

    Raises:
        ValueError: it is not JSON from here on.
    """
    cursor = _Cursor(body)
    mark = cursor.take("{")
    if cursor.peek() == "}":
        mark = cursor.take("}")
    while mark != "}":
        field, _ = cursor.value()
        cursor.take(":")
        if field == "Instances" and cursor.peek() == "[":
            mark = cursor.take("[")
            if cursor.peek() == "]":
                mark = cursor.take("]")
            while mark != "]":
                yield (field, *cursor.value())
                mark = cursor.take(",]")
        else:
            yield (str(field), *cursor.value())
        mark = cursor.take(",}")
    if cursor.peek():
        raise ValueError(f"text after the end of the task, at character {cursor.at + 1}")


class _Cursor:
    """A place in a JSON text."""

    def __init__(self, body: str) -> None:
        self._body = body
        self._decoder = json.JSONDecoder()
        self.at = 0

    def peek(self) -> str:
        """The next character that is not white space; nothing at the end."""
        while self.at < len(self._body) and self._body[self.at] in " \t\r\n":
            self.at += 1
        return self._body[self.at : self.at + 1]

    def take(self, marks: str) -> str:
        """Pass one of these characters."""
        mark = self.peek()
        if not mark or mark not in marks:
            raise ValueError(f"expected {' or '.join(marks)} at character {self.at + 1}")
        self.at += 1
        return mark

    def value(self) -> tuple[Any, str]:
        """Pass a value; it and its text."""
        self.peek()
        start = self.at
        value, self.at = self._decoder.raw_decode(self._body, start)
        return value, self._body[start : self.at]


def _instance(value: Any, number: int, raw: str) -> _Instance:
    fault = too_long(len(raw)) if len(raw) > LONGEST_ROW else not_utf8(raw)
    if fault:
        raise MalformedRow("", fault)
    if not isinstance(value, Mapping):
        raise MalformedRow("", f"expected an input and an output, found {type(value).__name__}")
    outputs = value.get("output")
    first = outputs[0] if isinstance(outputs, list) and outputs else outputs
    given, answer = text(value, "input"), text({"output": first}, "output")
    if not answer.strip():
        raise MalformedRow("output", "empty output")
    digest = hashlib.sha256(f"{given}\x1f{answer}".encode()).hexdigest()
    return _Instance(digest, number, given, answer)


def _candidate(task: Mapping[str, Any], instance: _Instance, origin: str) -> Candidate:
    definition = "\n\n".join(_texts(task.get("Definition")))
    if not definition:
        raise MalformedRow("Definition", "the task has no definition")
    prompt = "\n\n".join(part for part in (text({"Definition": definition}, "Definition"), instance.given.strip()) if part)
    return Candidate(
        source=_SOURCE,
        origin=origin,
        messages=check([{"role": "user", "content": prompt}, {"role": "assistant", "content": instance.answer.strip()}]),
        form="natural_instructions",
        licence=", ".join(_texts(task.get("Instance License"))) or None,
        link=next((url for url in _texts(task.get("URL")) if url.startswith(("http://", "https://"))), None),
        tags=_texts(task.get("Categories")),
    )


def _is_wanted(categories: Any, wanted: frozenset[str] | None) -> bool:
    return wanted is None or any(each.casefold() in wanted for each in _texts(categories))


def _texts(value: Any) -> list[str]:
    """The texts of a field: a list in the collection's second version, one text in its first."""
    return [each.strip() for each in (value if isinstance(value, list) else [value]) if isinstance(each, str) and each.strip()]
