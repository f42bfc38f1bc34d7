"""The rows of an annotated set, whatever its columns are called."""

from __future__ import annotations

import csv
import gzip
import json
import unicodedata
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from thousand import tables
from thousand.errors import DataError, RecipeError

Preference = Literal["first", "second", "neither", "unsure"]
_LABELS: dict[str, Preference] = {
    **dict.fromkeys(("a", "1", "a-is-better", "a-is-slightly-better"), "first"),
    **dict.fromkeys(("b", "2", "b-is-better", "b-is-slightly-better"), "second"),
    **dict.fromkeys(("tie", "neither", "0"), "neither"),
}
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)  # day 0 of spreadsheets
_DAYS = (20_000, 80_000)  # from 1954 to 2119; as seconds since 1970 they would all be of the first of January 1970


class Columns(BaseModel):
    """Which column says what. Left out, the names are those of open-instruct's annotations.

    Attributes:
        prompt: the text that was answered. id: its name; None names it by its text. sample: of a model's answers to one prompt the
            number; None where each has one.
        answers, models: of the answer shown first and of the second.
        preference: which of them is preferred, a label; ``labels`` says what each stands for.
        who: the annotator. at: when: ISO 8601, seconds since 1970, or a spreadsheet's days; what names no zone is UTC.
        acceptable: of each answer, whether it is; ``acceptable_labels`` says what a label stands for.
        claim: the model that the others are compared with; None takes the one in most pairs.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: str = "prompt"
    id: str | None = None
    sample: str | None = None
    answers: tuple[str, str] = ("completion_a", "completion_b")
    models: tuple[str, str] = ("model_a", "model_b")
    preference: str = "preference"
    labels: dict[str, Preference] = Field(default_factory=lambda: dict(_LABELS))
    who: str = "evaluator"
    at: str | None = None
    acceptable: tuple[str, str] | None = None
    acceptable_labels: dict[str, Literal["Excellent", "Pass", "Fail"]] = {"yes": "Pass", "no": "Fail"}
    claim: str | None = None


@dataclass(frozen=True)
class Annotation:
    """One row.

    Attributes:
        said: what is preferred, as they were shown; raw: the label. acceptable, acceptable_raw: the same of each answer, where it is said.
        at: UTC, ISO 8601; None where the set does not say.
    """

    prompt: str
    prompt_id: str | None
    sample: int
    answers: tuple[str, str]
    models: tuple[str, str]
    said: Preference
    raw: str
    who: str
    at: str | None
    acceptable: tuple[str | None, ...] = ()
    acceptable_raw: tuple[str, ...] = ()


def read_columns(path: Path) -> Columns:
    """The columns as a YAML file names them.

    Raises:
        RecipeError: it is missing, not YAML, or names what does not exist; with file and field.
    """
    try:
        return Columns.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except OSError as error:
        raise RecipeError(f"{path} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: not YAML: {getattr(error, 'problem', error)}.") from None
    except ValidationError as error:
        problem = error.errors()[0]
        raise RecipeError(
            f"{path}: {'.'.join(map(str, problem['loc']))}: {problem['msg']}.", "Labels such as yes and no need quotes."
        ) from None


def annotations_in(path: Path, columns: Columns) -> Iterator[tuple[str, Annotation]]:
    """Each row after where it stands.

    Raises:
        DataError: the file cannot be read, is empty, or a row lacks something or has an unknown label; with file, row and field.
    """
    empty = True
    for where, row in _rows(path):
        empty = False
        yield where, _annotation(row, where, columns)
    if empty:
        raise DataError(f"{path} has no rows.")


def _annotation(row: Mapping[str, Any], where: str, columns: Columns) -> Annotation:
    def text(field: str, *, blank: bool = False) -> str:
        value = row.get(field)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = f"{value:g}"
        if not isinstance(value, str) or not (blank or value.strip()) or not _sound(value):
            what = "is missing" if value is None else f"expected text, found {value!r:.80}"
            raise DataError(
                f"{where}: {field}: {what}.", f"The row has: {', '.join(map(str, row))}. Name the columns in a file: --columns."
            )
        return value

    def label(field: str, known: Mapping[str, Any]) -> tuple[Any, str]:
        raw = text(field).strip()
        if raw not in known:
            raise DataError(f"{where}: {field}: {raw!r:.80} stands for nothing.", f"The columns know: {', '.join(known)}.")
        return known[raw], raw

    def named(field: str) -> str:
        value = text(field).strip()
        if len(value) > 100 or any(unicodedata.category(each).startswith(("C", "Zl", "Zp")) for each in value):
            raise DataError(f"{where}: {field}: {value!r:.80} is not a name of up to 100 characters.")
        return value

    said, raw = label(columns.preference, columns.labels)
    found = [label(field, columns.acceptable_labels) for field in columns.acceptable or ()]
    models = named(columns.models[0]), named(columns.models[1])
    if models[0] == models[1]:
        raise DataError(f"{where}: {columns.models[1]}: {models[1]!r} is compared with itself.")
    return Annotation(
        prompt=text(columns.prompt),
        prompt_id=named(columns.id) if columns.id else None,
        sample=_whole(row.get(columns.sample), where, columns.sample) if columns.sample else 0,
        answers=(text(columns.answers[0], blank=True), text(columns.answers[1], blank=True)),
        models=models,
        said=said,
        raw=raw,
        who=named(columns.who),
        at=_moment(row.get(columns.at), where, columns.at) if columns.at else None,
        acceptable=tuple(word for word, _ in found),
        acceptable_raw=tuple(raw for _, raw in found),
    )


def _sound(text: str) -> bool:
    return text.isascii() or text.encode("utf-8", "replace").decode() == text


def _whole(value: Any, where: str, field: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if not 0 <= number < 2**31:
        raise DataError(f"{where}: {field}: expected a number from 0, found {value!r:.80}.")
    return number


def _moment(value: Any, where: str, field: str) -> str:
    try:
        try:
            number = float(value)
        except ValueError:
            moment = datetime.fromisoformat(str(value))
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        else:
            days = _DAYS[0] <= number <= _DAYS[1]
            moment = _EPOCH + timedelta(days=number) if days else datetime.fromtimestamp(number, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise DataError(
            f"{where}: {field}: {value!r:.80} is no moment.", "ISO 8601, seconds since 1970, or a spreadsheet's days."
        ) from None
    return moment.isoformat(timespec="milliseconds")


def _rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not path.is_file():
        raise DataError(f"There is no file {path}.")
    try:
        if path.suffix == ".parquet":
            for number, row in enumerate(tables.read(path).to_pylist(), 1):
                yield f"{path}, row {number}", row
            return
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as stream:
            if ".csv" in path.suffixes:
                for number, record in enumerate(csv.DictReader(stream), 2):
                    yield f"{path}, row {number}", record
                return
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield f"{path}:{number}", _object(line, f"{path}:{number}")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read: {error}.") from None


def _object(line: str, where: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: not JSON: {getattr(error, 'msg', 'too deep')}.") from None
    if not isinstance(row, dict):
        raise DataError(f"{where}: expected an object, found {type(row).__name__}.")
    return row
