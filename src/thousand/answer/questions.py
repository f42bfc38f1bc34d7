"""Questions of knowledge from the files people keep them in: sentences to finish, and multiple choice in several columns' names."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from thousand.answer.prompts import read_rows
from thousand.conversation import MalformedRow, text
from thousand.errors import DataError

_LETTERS = "ABCDEFGHIJ"
_CELL = 1 << 20
"""Most characters of one cell of a CSV file."""


class Sentence(NamedTuple):
    """A sentence to finish: its start, and what must follow."""

    start: str
    expected: str


class Choices(NamedTuple):
    """A question with several answers, of which one is right.

    Attributes:
        question: what is asked; of HellaSwag's rows, a text to go on with.
        choices: at least two, all different.
        answer: the position of the right one.
        form: whose names the columns have.
        goes_on: whether the choices go on with the question, instead of answering it.
    """

    question: str
    choices: tuple[str, ...]
    answer: int
    form: str = "choices"
    goes_on: bool = False


Question = Sentence | Choices


def read_questions(path: Path) -> list[Question]:
    """Questions of knowledge from JSON Lines, plain or gzipped, or from CSV or TSV with a header.

    A row is a sentence to finish (``prompt`` and ``response``) or has several choices, in one of these forms, which may be mixed:

    - ``question``, ``choices`` (a list), ``answer``: its position from 0, its letter, or its text. So are MMLU's rows.
    - ``question``, ``A``, ``B``, ... and ``answer``: MMLU's in CSV.
    - ``question`` (or ``question_stem``), ``choices`` of ``text`` and ``label``, ``answerKey``: ARC, OpenBookQA, CommonsenseQA.
    - ``ctx``, ``endings``, ``label``: HellaSwag.

    Raises:
        DataError: the file is missing or empty, or a row is no question; with file, line and field.
    """
    delimiter = {".csv": ",", ".tsv": "\t"}.get(path.suffix)
    questions: list[Question] = []
    for line, row in _delimited(path, delimiter) if delimiter else read_rows(path):
        try:
            questions.append(_question(row))
        except MalformedRow as error:
            raise DataError(
                f"{path}:{line}: {error.field or 'row'}: {error}.",
                "A question of knowledge has a prompt and a response, or a question, its choices and the answer.",
            ) from None
    return questions


def _question(row: Mapping[str, Any]) -> Question:
    for form, fields, read in _FORMS:
        if all(field in row for field in fields):
            return read(row, form)
    if "prompt" in row:
        return Sentence(_text(row, "prompt"), _text(row, "response"))
    known = "; ".join(", ".join(fields) for _, fields, _ in _FORMS)
    raise MalformedRow("row", f"it has the fields {_short(', '.join(map(str, row)))}, and a question has prompt, response; {known}")


def _arc(row: Mapping[str, Any], form: str) -> Question:
    stem = "question" if "question" in row else "question_stem"
    given = row["choices"]
    if isinstance(given, Mapping):  # as the hub has it: a list of each
        texts, labels = given.get("text"), given.get("label")
    elif isinstance(given, list) and all(isinstance(each, Mapping) for each in given):  # as it was published
        texts, labels = [each.get("text") for each in given], [each.get("label") for each in given]
    else:
        texts, labels = given, list(_LETTERS[: len(given)]) if isinstance(given, list) else None
    choices = _choices(texts, "choices.text")
    if not isinstance(labels, list) or len(labels) != len(choices):
        raise MalformedRow("choices.label", f"expected {len(choices)} labels, one for each text")
    names = [str(each).strip() for each in labels]
    key = str(row["answerKey"]).strip()
    if names.count(key) != 1:
        raise MalformedRow("answerKey", f"{_short(row['answerKey'])} is not one of the labels {', '.join(names)}")
    return Choices(_text(row, stem), choices, names.index(key), form)


def _hellaswag(row: Mapping[str, Any], form: str) -> Question:
    choices = _choices(row["endings"], "endings")
    return Choices(_text(row, "ctx"), choices, _position(row["label"], choices, "label"), form, goes_on=True)


def _plain(row: Mapping[str, Any], form: str) -> Question:
    choices = _choices(row["choices"], "choices")
    return Choices(_text(row, "question"), choices, _position(row["answer"], choices, "answer"), form)


def _lettered(row: Mapping[str, Any], form: str) -> Question:
    letters = [letter for letter in _LETTERS if row.get(letter) not in (None, "")]
    if letters != list(_LETTERS[: len(letters)]):
        raise MalformedRow("choices", f"the columns {', '.join(letters)} leave one out")
    choices = _choices([row[letter] for letter in letters], "choices")
    return Choices(_text(row, "question"), choices, _position(row["answer"], choices, "answer"), form)


_FORMS: Sequence[tuple[str, Sequence[str], Callable[[Mapping[str, Any], str], Question]]] = (
    ("choices, in ARC's columns", ("question", "choices", "answerKey"), _arc),
    ("choices, in OpenBookQA's columns", ("question_stem", "choices", "answerKey"), _arc),
    ("choices, in HellaSwag's columns", ("ctx", "endings", "label"), _hellaswag),
    ("choices, in MMLU's columns", ("question", "choices", "answer"), _plain),
    ("choices, in MMLU's columns", ("question", "A", "B", "answer"), _lettered),
)


def _choices(value: Any, field: str) -> tuple[str, ...]:
    if isinstance(value, str) and value.lstrip().startswith("["):  # a cell of a CSV file
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise MalformedRow(field, "a list as JSON belongs here") from None
    if not isinstance(value, list) or len(value) < 2:
        raise MalformedRow(field, "expected a list of two choices or more")
    found = tuple(_number_or_text(each, f"{field}[{i}]") for i, each in enumerate(value))
    if twice := next((each for i, each in enumerate(found) if each in found[:i]), None):
        raise MalformedRow(field, f"{_short(twice)} stands there twice: neither could be the right one")
    return found


def _position(value: Any, choices: Sequence[str], field: str) -> int:
    """Where the right choice stands, by its text, its position or its letter."""
    said = value.strip() if isinstance(value, str) else str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
    meant = set()
    if isinstance(value, str) and said in choices:
        meant.add(choices.index(said))
    if said.isascii() and said.isdecimal() and len(said) < 4 and int(said) < len(choices):
        meant.add(int(said))
    if len(said) == 1 and said in _LETTERS[: len(choices)]:
        meant.add(_LETTERS.index(said))
    if len(meant) > 1:
        raise MalformedRow(field, f"{_short(value)} is a choice, and the place of another; use a letter, or a number")
    if not meant:
        raise MalformedRow(field, f"{_short(value)} is neither a choice nor its position from 0 to {len(choices) - 1} nor its letter")
    return meant.pop()


def _number_or_text(value: Any, field: str) -> str:
    """A choice, which may be a number."""
    return _text({field: json.dumps(value) if isinstance(value, int | float) and not isinstance(value, bool) else value}, field).strip()


def _text(row: Mapping[str, Any], field: str) -> str:
    value = text(row, field)
    if not value.strip():
        raise MalformedRow(field, "expected text that says something")
    return value


def _short(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= 80 else f"{said[:79]}…"


def _delimited(path: Path, delimiter: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a CSV file after the lines they end in. Raises DataError: as `read_rows`."""
    if not path.is_file():
        raise DataError(f"There is no file {path}.", "Check the path in the recipe; relative paths start where the command is run.")
    csv.field_size_limit(_CELL)
    empty = True
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        try:
            header = [each.strip() for each in next(reader, [])]
            if len(set(header)) != len(header):
                raise DataError(f"{path}:1: a column stands twice in the header.", "Give each column a name of its own.")
            for cells in reader:
                if not cells:
                    continue
                if len(cells) != len(header):
                    raise DataError(f"{path}:{reader.line_num}: {len(cells)} cells, the header has {len(header)}.", "Mend the row.")
                empty = False
                yield reader.line_num, dict(zip(header, cells, strict=True))
        except (csv.Error, UnicodeDecodeError, OSError) as error:
            raise DataError(
                f"{path}:{reader.line_num}: cannot be read: {error}.", "The file must be CSV in UTF-8, with a header."
            ) from None
    if empty:
        raise DataError(f"{path} is empty.", "There must be at least one row under the header.")
