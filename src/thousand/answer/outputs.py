"""Answers that were made elsewhere: files of any two models' outputs as tables of answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand import tables
from thousand.answer.prompts import read_rows
from thousand.conversation import MalformedRow, Message, content_id, prompt_of, read, response_of
from thousand.errors import DataError

_ANSWERS = ("response", "output", "completion", "answer")


def read_answers(path: Path) -> pa.Table:
    """Answers from Parquet as `answer` writes it, or from JSON Lines or one JSON list, in any form of `thousand.conversation`.

    A row's prompt is what stands before its last answer. A row's own ``id`` is kept; otherwise the prompt's content names it. Several
    rows of one prompt are its samples, in their order.

    Returns:
        Schema `tables.ANSWERS`; how answers stopped and what they took is not known.

    Raises:
        DataError: the file cannot be read, or a row is no answer to a prompt; with file, row and field.
    """
    if path.suffix == ".parquet":
        table = tables.read(path)
        for field in tables.ANSWERS:
            if field.name not in (*table.column_names, "prompt_id", "sample", "prompt", "answer"):  # what may be unknown
                table = table.append_column(field, pa.nulls(table.num_rows, field.type))
        return tables.conform(table, tables.ANSWERS)
    samples: dict[str, int] = {}
    asked: dict[str, str] = {}
    found = []
    for where, row in _objects(path):
        try:
            messages = _conversation(row)
        except MalformedRow as error:
            raise DataError(f"{path}{where}: {error.field or 'row'}: {error}.", "A row needs a prompt and an answer to it.") from None
        name = str(row["id"]) if row.get("id") is not None else content_id(messages[:-1])
        prompt = prompt_of(messages)
        if asked.setdefault(name, prompt) != prompt:
            raise DataError(f"{path}{where}: id: {name!r} is another prompt further up.", "Give each prompt an id of its own.")
        samples[name] = samples.get(name, -1) + 1
        found.append({"prompt_id": name, "sample": samples[name], "prompt": prompt, "answer": response_of(messages)})
    return pa.Table.from_pylist(found, tables.ANSWERS)


def _conversation(row: Mapping[str, Any]) -> list[Message]:
    """The conversation of a row. An empty answer is an answer, and a bad one: only the question must say something."""
    empty = [field for field in _ANSWERS if isinstance(row.get(field), str) and not row[field].strip()]
    if not empty:
        return read(row)
    spoken = read({**row, empty[0]: "-"})
    return [*spoken[:-1], {"role": "assistant", "content": ""}]


def _objects(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows of a file, each after where it stands in it."""
    if path.suffix != ".json":
        yield from ((f":{number}", row) for number, row in read_rows(path))
        return
    if not path.is_file():
        raise DataError(f"There is no file {path}.")
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from None
    if not isinstance(rows, list) or not rows:
        raise DataError(f"{path}: expected a list of rows.", "JSON Lines files end in .jsonl.")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise DataError(f"{path}, row {number}: expected an object, found {type(row).__name__}.")
        yield f", row {number}", row
