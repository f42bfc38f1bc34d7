"""Reading held-out prompts from the files people keep them in."""

from __future__ import annotations

import contextlib
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand import tables
from thousand.conversation import MalformedRow, Message, content_id, read, recognise, response_of, text
from thousand.errors import DataError


def read_prompts(path: Path) -> pa.Table:
    """Held-out prompts from JSON Lines, plain or gzipped, in any form of `thousand.conversation`.

    Besides, a row may have ``turns``, a list of texts, as MT-bench does: the user's turns, each of which is answered before the
    next is asked. A row's own ``id`` is kept (of such a row ``question_id`` too); otherwise its content names it. The
    ``reference`` is a text, or a list of one for each turn, of which the last is kept: it is the last answer that is compared with
    it. An answer that stands in a row without one is its reference; it is not shown to the model. ``checks`` are a list of what a
    right answer must pass, each ``{KIND: VALUE}``; ``tags`` are a text or a list of them. What judges ask for may be a number.

    Returns:
        Schema `tables.PROMPTS`.

    Raises:
        DataError: the file is missing or empty, or a row is not a prompt; with file, line and field. A prompt set is small
            and every comparison stands on it, so nothing in it is skipped.
    """
    found: dict[str, dict[str, Any]] = {}
    for line, row in read_rows(path):
        try:
            prompt = _prompt(row)
        except MalformedRow as error:
            raise DataError(f"{path}:{line}: {error.field or 'row'}: {error}.", "Mend the row or take it out.") from None
        name = prompt["prompt_id"]
        if name in found:
            raise DataError(
                f"{path}:{line}: the prompt {name!r} stands there twice.", "Comparisons are paired by prompt: give each one id."
            )
        found[name] = prompt
    return pa.Table.from_pylist(list(found.values()), tables.PROMPTS)


def _prompt(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `tables.PROMPTS`."""
    name, reference = row.get("id"), _texts(row, "reference")
    if _has_turns(row):
        turns = _texts(row, "turns")
        if not turns:
            raise MalformedRow("turns", "no turns")
        messages: list[Message] = [{"role": "user", "content": each} for each in turns]
        name = row.get("question_id") if name is None else name
    else:
        messages = read(row, answered=False)
        if not reference:
            with contextlib.suppress(MalformedRow):  # it has no answer
                reference = [response_of(read(row))]
    return {
        "prompt_id": str(name) if name is not None else content_id(messages),
        "messages": messages,
        "reference": reference[-1] if reference else None,
        "checks": _checks(row) or None,
        "tags": _texts(row, "tags") or None,
    }


def _has_turns(row: Mapping[str, Any]) -> bool:
    try:
        recognise(row)
    except MalformedRow:
        return "turns" in row
    return False


def _texts(row: Mapping[str, Any], field: str) -> list[str]:
    """A field that holds a text or a list of them; nothing where there is none."""
    value = row.get(field)
    if value is None:
        return []
    named = {f"{field}[{i}]": each for i, each in enumerate(value)} if isinstance(value, list) else {field: value}
    return [_text(each, name) for name, each in named.items()]


def _checks(row: Mapping[str, Any]) -> list[dict[str, str]]:
    """What a right answer must pass. Which kinds there are, the judge knows."""
    checks = row.get("checks")
    if not isinstance(checks, list | None):
        raise MalformedRow("checks", f"expected a list of checks, found {type(checks).__name__}")
    found = []
    for i, check in enumerate(checks or []):
        if isinstance(check, dict) and set(check) == {"kind", "value"}:
            check = {_text(check["kind"], f"checks[{i}].kind"): check["value"]}
        if not isinstance(check, dict) or len(check) != 1:
            raise MalformedRow(f"checks[{i}]", 'expected one kind and its value, such as {"contains": "Paris"}')
        found += [{"kind": kind, "value": _text(value, f"checks[{i}].{kind}")} for kind, value in check.items()]
    return found


def _text(value: Any, field: str) -> str:
    """A text that says something, or a number as text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return json.dumps(value)
    found = text({field: value}, field)
    if not found.strip():
        raise MalformedRow(field, "empty text")
    return found


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file of JSON Lines, plain or gzipped, after their line numbers. Raises DataError: as `read_prompts`."""
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
                except (ValueError, RecursionError) as error:
                    raise DataError(
                        f"{path}:{number}: not JSON: {getattr(error, 'msg', 'too deep')}.", "The file must be JSON Lines."
                    ) from None
                if not isinstance(row, dict):
                    raise DataError(f"{path}:{number}: expected an object, found {type(row).__name__}.")
                empty = False
                yield number, row
        except (UnicodeDecodeError, OSError, EOFError, zlib.error) as error:
            raise DataError(f"{path} cannot be read: {error}.") from None
    if empty:
        raise DataError(f"{path} is empty.", "There must be at least one row.")
