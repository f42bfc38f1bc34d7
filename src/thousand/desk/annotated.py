"""Sets that people annotated elsewhere: pairs of answers with who preferred which. At a desk they become answers and events like its own.

In a new folder each model becomes an arm with its answers; into a run that is there only verdicts on its own answers go. What somebody
said is kept word for word beside what it stands for: five steps of preference are a, b or a tie, and their strength stays in ``raw``.
Of several verdicts of one person on the same pair the last counts.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from thousand import tables
from thousand.conversation import Message, content_id
from thousand.desk.annotations import Annotation, Columns, annotations_in
from thousand.desk.blind import Order, Shown, name, secret_of
from thousand.desk.events import Event, read
from thousand.desk.items import Item, Task, answer_files, claim_of, items, name_claim, read_answers
from thousand.desk.store import Store
from thousand.errors import DataError

_ARM = re.compile(r"[^A-Za-z0-9._-]+")
_NAMESPACE = uuid.UUID("6f1d3c0e-4a53-5b0e-9b0c-7a5b8c1d2e3f")


@dataclass(frozen=True)
class Account:
    """What came of a file: ``rows = verdicts on pairs + superseded + other``.

    Attributes:
        verdicts: on pairs; graded: on answers by themselves.
        superseded: rows after which the same person judged the same pair again.
        other: rows on pairs in which the claim is not.
        fresh: verdicts that the desk did not have.
    """

    rows: int
    verdicts: int
    graded: int
    superseded: int
    other: int
    people: int
    fresh: int


def import_annotated(run: Path, path: Path, columns: Columns | None = None) -> Account:
    """Read a set into a folder's desk. The same file read again adds nothing.

    Args:
        run: a run directory, or a folder that is not there yet.
        path: JSON Lines, plain or gzipped, CSV, or Parquet.

    Raises:
        DataError: the file cannot be read, a row lacks something or says what the columns do not know, a model answered one prompt in
            two ways, or a row is of answers that are not in the run; with file, row and field.
    """
    columns = columns or Columns()
    rows = list(annotations_in(path, columns))
    claim = columns.claim and _arm(columns.claim)
    if not answer_files(run):
        claim = claim or _commonest(rows)
        _write_answers(run, rows)
        name_claim(run, claim)
    there = claim_of(run)
    if there is None or claim not in (None, there):
        raise DataError(f"The claim of {run} is {there or 'not named'}, not {claim}.", "Leave claim out, or import into a new folder.")
    answers = read_answers(run)
    known = {_of(item): item for task in ("pair", "accept") for item in items(_task(task), answers, there)}
    said, superseded, other = _said(rows, known, there, path)
    secret = secret_of(run)
    events = [_event(secret, who, shown, row, word, raw) for (who, _), (shown, row, word, raw) in said.items()]
    with Store.at(run) as store:
        had = {event.id for event in store.events(kinds=["verdict"])}
        store.append_all(events)
    pairs = sum(shown.item.task == "pair" for shown, *_ in said.values())
    people = len({row.who for _, row in rows})
    return Account(len(rows), pairs, len(said) - pairs, superseded, other, people, sum(event.id not in had for event in events))


_Place = tuple[Task, str, int, frozenset[str]]
_Told = tuple[Shown, Annotation, str, str]


def _task(task: str) -> Task:
    return "pair" if task == "pair" else "accept"


def _of(item: Item) -> _Place:
    return item.task, item.prompt_id, item.sample, frozenset(each.arm for each in item.answers)


def _said(
    rows: Iterable[tuple[str, Annotation]], known: Mapping[_Place, Item], claim: str, path: Path
) -> tuple[dict[tuple[str, str], _Told], int, int]:
    """By person and item the last thing said, in the order in which each first came; how many rows were replaced and are of others."""
    said: dict[tuple[str, str], _Told] = {}
    superseded = other = 0
    for where, row in rows:
        arms = tuple(_arm(model) for model in row.models)
        for at, word in enumerate(row.acceptable):
            if word is not None:
                item = _found(known, ("accept", _prompt_id(row), row.sample, frozenset({arms[at]})), [row.answers[at]], where)
                said[row.who, item.key] = Shown(item, None), row, word, row.acceptable_raw[at]
        if claim not in arms:
            other += 1
            continue
        item = _found(known, ("pair", _prompt_id(row), row.sample, frozenset(arms)), row.answers, where)
        order: Order = "ab" if arms[0] == claim else "ba"
        superseded += (row.who, item.key) in said
        said[row.who, item.key] = Shown(item, order), row, row.said, row.raw
    return said, superseded, other


def _found(known: Mapping[_Place, Item], place: _Place, texts: Iterable[str], where: str) -> Item:
    item = known.get(place)
    if item is None or {each.text for each in item.answers} != set(texts):
        what = " and ".join(sorted(place[3]))
        raise DataError(f"{where}: these answers of {what} to {place[1]!r} are not in the run.", "Import into a new folder.")
    return item


def _write_answers(run: Path, rows: Iterable[tuple[str, Annotation]]) -> None:
    """A table of answers for each model, as a run writes it."""
    found: dict[str, dict[tuple[str, int], tuple[str, str, str]]] = {}
    models: dict[str, str] = {}
    for where, row in rows:
        for model, text in zip(row.models, row.answers, strict=True):
            arm = _arm(model)
            if models.setdefault(arm, model) != model:
                raise DataError(f"{where}: the models {models[arm]!r} and {model!r} would both be the arm {arm}.", "Rename one of them.")
            before = found.setdefault(arm, {}).setdefault((_prompt_id(row), row.sample), (row.prompt, text, where))
            if before[:2] != (row.prompt, text):
                raise DataError(
                    f"{where}: {model} answers {_prompt_id(row)!r} in another way than at {before[2]}.",
                    "Name a column that numbers the answers of a model to one prompt: sample.",
                )
    for arm, given in found.items():
        made = [
            {"prompt_id": prompt_id, "sample": sample, "prompt": prompt, "answer": text}
            for (prompt_id, sample), (prompt, text, _) in given.items()
        ]
        tables.write(run / "arms" / arm / "seed-0" / "answers.parquet", pa.Table.from_pylist(made, schema=tables.ANSWERS))


def _commonest(rows: Iterable[tuple[str, Annotation]]) -> str:
    """The model that stands in most pairs, of several the first by name."""
    counts: dict[str, int] = {}
    for _, row in rows:
        for model in row.models:
            counts[_arm(model)] = counts.get(_arm(model), 0) + 1
    return min(counts, key=lambda arm: (-counts[arm], arm))


def _event(secret: bytes, who: str, shown: Shown, row: Annotation, word: str, raw: str) -> Event:
    record = json.dumps([who, shown.item.key, shown.order, word, raw, row.at])
    event = {
        "id": str(uuid.uuid5(_NAMESPACE, record)),
        "who": who,
        "at": row.at or datetime.now(UTC).isoformat(timespec="milliseconds"),
        "kind": "verdict",
        "subject": name(secret, who, shown),
        "after": {"said": word, "raw": raw},
    }
    return read(event)


def _prompt_id(row: Annotation) -> str:
    message: Message = {"role": "user", "content": row.prompt}
    return row.prompt_id or content_id([message])


def _arm(model: str) -> str:
    """A model's name as that of a folder."""
    return _ARM.sub("-", model).strip("-.") or "model"
