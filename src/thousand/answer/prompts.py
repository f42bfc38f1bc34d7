"""Reading held-out prompts and questions of knowledge from the files people keep them in."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand import tables
from thousand.conversation import MalformedRow, content_id, read
from thousand.errors import DataError


def read_prompts(path: Path) -> pa.Table:
    """Held-out prompts from JSON Lines, plain or gzipped, in any form of `thousand.conversation`.

    An answer that stands in a row is left out. A row's own ``id`` is kept; otherwise its content names it.

    Returns:
        Schema `tables.PROMPTS`.

    Raises:
        DataError: the file is missing or empty, or a row is not a prompt; with file, line and field. A prompt set is small
            and every comparison stands on it, so nothing in it is skipped.
    """
    ids: list[str] = []
    conversations = []
    for line, row in _rows(path):
        try:
            messages = read(row, answered=False)
        except MalformedRow as error:
            raise DataError(f"{path}:{line}: {error.field or 'row'}: {error}.", "Mend the row or take it out.") from None
        ids.append(str(row["id"]) if row.get("id") is not None else content_id(messages))
        conversations.append(messages)
    twice = {each for each in ids if ids.count(each) > 1} if len(set(ids)) < len(ids) else set()
    if twice:
        raise DataError(f"{path}: the prompt {min(twice)!r} stands there twice.", "Comparisons are paired by prompt: give each one id.")
    return pa.table({"prompt_id": ids, "messages": pa.array(conversations, tables.MESSAGES)}, schema=tables.PROMPTS)


def read_questions(path: Path) -> list[tuple[str, str]]:
    """Questions of knowledge: (start of a sentence, what must follow), from rows with ``prompt`` and ``response``.

    Raises:
        DataError: as `read_prompts`.
    """
    questions = []
    for line, row in _rows(path):
        for field in ("prompt", "response"):
            if not isinstance(row.get(field), str) or not row[field].strip():
                raise DataError(f"{path}:{line}: {field}: expected text.", "A question of knowledge has a prompt and a response.")
        questions.append((row["prompt"], row["response"]))
    return questions


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    if not path.is_file():
        raise DataError(f"There is no file {path}.", "Check the path in the recipe; relative paths start where the command is run.")
    empty = True
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as stream:
        try:
            for number, line in enumerate(stream, 1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                except json.JSONDecodeError as error:
                    raise DataError(f"{path}:{number}: not JSON: {error.msg}.", "The file must be JSON Lines.") from None
                if not isinstance(row, dict):
                    raise DataError(f"{path}:{number}: expected an object, found {type(row).__name__}.")
                empty = False
                yield number, row
        except (UnicodeDecodeError, OSError, EOFError, zlib.error) as error:
            raise DataError(f"{path} cannot be read: {error}.") from None
    if empty:
        raise DataError(f"{path} is empty.", "There must be at least one row.")
