"""Conversations in files of rows: OpenAI messages, ShareGPT, LIMA's own release, Alpaca, Dolly, prompt and response, OASST's trees."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import Any

from thousand import conversation
from thousand.conversation import MalformedRow, Message
from thousand.errors import DataError, RecipeError
from thousand.gather import trees
from thousand.gather.files import SourceFile, expand
from thousand.gather.readers import KINDS, Record, records
from thousand.gather.readers.record import too_long
from thousand.gather.rows import LONGEST_ROW, Candidate, Reading, Row, Unit, reject
from thousand.gather.trees import Branch, Messages, Node

FORMS = {**conversation.FORMS, **trees.FORMS}
_DESCRIPTION = ("score", "author", "licence", "license", "link", "tags", "group", "question_id")
_FURTHER = ("input", "context", "history")  # what some forms may have besides the fields they are known by


def chat(
    *,
    path: str | list[str],
    form: str | None = None,
    columns: dict[str, str] | None = None,
    licence: str | None = None,
) -> Reading:
    """Candidates from JSON Lines, JSON, CSV, TSV, Parquet and Arrow, each text format also as .gz or .zst.

    A row's fields ``score``, ``author``, ``licence`` (or ``license``), ``link``, ``tags`` and ``group`` (or ``question_id``) are
    taken where they stand and are not null; one of the wrong type rejects its row. Groups are the file's own: the same
    group in two files is two groups.

    Of OASST's trees, nested or one message per row, every best-ranked answer is a candidate, with all turns that lead to it;
    other answers, and messages that are deleted or not approved, are rejections. A tree is a group.

    Args:
        path: a file, a pattern such as ``pool/*.jsonl.gz``, a folder (a data set saved by `datasets`, a clone from the
            Hub), ``hf:owner/name`` for a data set that is in the local cache of Hugging Face, or a list of them.
        form: one of `FORMS`, for rows that are recognised wrongly; recognised row by row by default.
        columns: what a column is called in the file, and what the form calls it: ``{title: prompt, text: response}``.
        licence: of the rows that name none.

    Raises:
        DataError: a file is missing or of another kind; a column of ``columns`` stands in no row of a file.
        RecipeError: ``form`` or ``columns`` name what there is not.
    """
    if form is not None and form not in FORMS:
        raise RecipeError(f"chat: form {form!r} is not known.", f"There are: {', '.join(FORMS)}.")
    _check(columns or {})
    files = expand(path, KINDS, folders=True)
    return Reading([Unit(file.name, file.size, partial(_rows, file, form, columns or {}, licence)) for file in files])


def _check(columns: Mapping[str, str]) -> None:
    known = sorted({*_FURTHER, *_DESCRIPTION}.union(*FORMS.values()))
    for name, field in columns.items():
        if field not in known:
            raise RecipeError(f"chat: columns.{name}: {field!r} is not a field of any form.", f"There are: {', '.join(known)}.")
    if len(set(columns.values())) < len(columns):
        raise RecipeError("chat: columns: two columns stand for the same field.", "Give each field one column.")


def _rows(file: SourceFile, form: str | None, columns: Mapping[str, str], licence: str | None) -> Iterator[Row]:
    unseen = set(columns)
    readable = answered = False
    with closing(Messages()) as messages:
        for record in records(file):
            origin = f"{file.name}:{record.position}" if record.position else file.name
            if record.fault is not None:
                answered = True
                yield reject(file.name, origin, record.fault, record.raw)
                continue
            try:
                readable = True
                if isinstance(record.row, Mapping):
                    unseen -= record.row.keys()
                for row in _of(record, file.name, origin, form, columns, licence, messages):
                    answered = True
                    yield row
            except MalformedRow as error:
                answered = True
                yield reject(file.name, origin, str(error), record.text(), error.field)
        for tree in messages.trees():
            for row in _tree(tree, file.name, trees.MESSAGE, licence):
                answered = True
                yield row
    if not answered:
        yield reject(file.name, file.name, "no message of its trees is answered")
    if unseen and readable:
        raise DataError(f"No row of {file.path} has a field {', '.join(sorted(unseen))}.", "Correct the source's columns in the recipe.")


def _of(
    record: Record, source: str, origin: str, form: str | None, columns: Mapping[str, str], licence: str | None, messages: Messages
) -> Iterable[Row]:
    """What a row of a file gives: a candidate, those of a tree, or for now nothing: a message of a tree waits for the others."""
    row = record.row
    if not isinstance(row, Mapping):
        raise MalformedRow("", f"expected fields with names, found {type(row).__name__}")
    if columns:
        renamed = {columns[name]: value for name, value in row.items() if name in columns}
        row = {name: value for name, value in row.items() if name not in columns} | renamed
    found = form or trees.recognise(row) or conversation.recognise(row)
    if found == trees.MESSAGE:
        messages.add(record.position, row)
        return []
    if found == trees.TREE:
        return _tree(trees.branches(Node(str(record.position), row.get("prompt")), trees.within), source, found, licence)
    return [_candidate(row, source, origin, found, licence)]


def _tree(tree: Iterable[Branch], source: str, form: str, licence: str | None) -> Iterator[Row]:
    """The rows of one tree, which is a group: its conversations begin alike."""
    group = None
    for node, turns, fault in tree:
        group = group or f"{source}:{node.place.partition('.')[0]}"
        origin = f"{source}:{node.place}"
        try:
            if fault is not None:
                raise fault
            tags = [each for each in (_text(node.row, "lang"),) if each]
            yield Candidate(source, origin, _short(turns), form, group, None, _text(node.row, "user_id"), licence, None, tags or None)
        except MalformedRow as error:
            row = {key: value for key, value in node.row.items() if key != "replies"} if isinstance(node.row, Mapping) else node.row
            yield reject(source, origin, str(error), json.dumps(row, ensure_ascii=False, default=repr), error.field)


def _short(messages: list[Message]) -> list[Message]:
    length = sum(len(message["content"]) for message in messages)
    if length > LONGEST_ROW:
        raise MalformedRow("", too_long(length))
    return messages


def _candidate(row: Mapping[str, Any], source: str, origin: str, form: str, licence: str | None) -> Candidate:
    messages = _short(conversation.read(row, form))
    group = _text(row, "group") or _text(row, "question_id")
    return Candidate(
        source,
        origin,
        messages,
        form,
        group=f"{source}:{group}" if group else None,
        score=_score(row),
        author=_text(row, "author"),
        licence=_text(row, "licence") or _text(row, "license") or licence,
        link=_text(row, "link"),
        tags=_tags(row),
    )


def _score(row: Mapping[str, Any]) -> float | None:
    value = row.get("score")
    if value is None or value == "":
        return None
    try:
        score = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        score = math.nan
    if not math.isfinite(score):
        raise MalformedRow("score", f"expected a number, found {str(value)[:100]!r}")
    return score


def _text(row: Mapping[str, Any], field: str) -> str | None:
    value = row.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return conversation.text(row, field)


def _tags(row: Mapping[str, Any]) -> list[str] | None:
    value = row.get("tags")
    if value is None or value == "":
        return None
    if not isinstance(value, list):
        return [conversation.text(row, "tags")]
    return [conversation.text({"tags": each}, "tags") for each in value]
