"""Pairs of answers to one prompt, of which the first is preferred, from files of rows.

A row has ``prompt``, ``chosen`` and ``rejected``. The prompt is a text or messages; the answers are texts, one message, or the whole
conversation. Without a prompt both are whole conversations that differ in their last answer alone: messages, or transcripts as
HH-RLHF has them (Bai et al. 2022), with "\\n\\nHuman: " and "\\n\\nAssistant: " before the turns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from thousand import tables
from thousand.conversation import MalformedRow, Message, check, content_id, text, turn
from thousand.errors import DataError
from thousand.gather.files import SourceFile, expand
from thousand.gather.readers import KINDS, Record, records
from thousand.gather.rows import Rejected, reject

_TURN = re.compile(r"(?:\A|\n\n)(Human|Assistant):[ \t]?")
_ROLES = {"Human": "user", "Assistant": "assistant"}


@dataclass(frozen=True)
class Pairs:
    """What files of pairs gave.

    Attributes:
        table: schema `tables.PAIRS`, in the order of the files. rejected: schema `tables.REJECTED`.
    """

    table: pa.Table
    rejected: pa.Table

    @property
    def reasons(self) -> Mapping[str, int]:
        """Rows that are no pair, by reason, the most frequent first."""
        return dict(Counter(self.rejected["reason"].to_pylist()).most_common())

    def sentence(self) -> str:
        """The account in words."""
        total = self.table.num_rows + self.rejected.num_rows
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in self.reasons.items())
        return f"{total:,} rows read = {self.table.num_rows:,} pairs + {self.rejected.num_rows:,} rejected ({reasons or 'none'})."


def read_pairs(path: str | Sequence[str]) -> Pairs:
    """The pairs in JSON Lines, JSON, CSV, TSV, Parquet and Arrow, each text format also as .gz or .zst.

    A row whose two answers are the same, or that says what a row before it says, is rejected like one that cannot be read.

    Args:
        path: a file, a pattern, a folder, or a list of them.

    Raises:
        DataError: a file is missing or of another kind, or there is no pair at all.
    """
    found: dict[str, dict[str, Any]] = {}
    rejected: list[Rejected] = []
    for file in expand(path, KINDS, folders=True):
        for origin, record, pair in _read(file):
            if isinstance(pair, Rejected):
                rejected.append(pair)
            elif pair["pair_id"] in found:
                first = "the same pair stands there before"
                rejected.append(reject(file.name, origin, first, record.text()))
            else:
                found[pair["pair_id"]] = pair
    columns = [each._asdict() for each in rejected]
    pairs = Pairs(pa.Table.from_pylist(list(found.values()), tables.PAIRS), pa.Table.from_pylist(columns, tables.REJECTED))
    if not found:
        first_fault = rejected[0] if rejected else None
        why = f" {first_fault.origin}: {first_fault.field or 'row'}: {first_fault.reason}." if first_fault else ""
        raise DataError(f"There is no pair in {path}.{why}", "Each row needs prompt, chosen and rejected, or two conversations.")
    return pairs


def _read(file: SourceFile) -> Iterator[tuple[str, Record, dict[str, Any] | Rejected]]:
    for record in records(file):
        origin = f"{file.name}:{record.position}" if record.position else file.name
        if record.fault is not None:
            yield origin, record, reject(file.name, origin, record.fault, record.raw)
            continue
        try:
            yield origin, record, _pair(record.row) | {"origin": origin}
        except MalformedRow as error:
            yield origin, record, reject(file.name, origin, str(error), record.text(), error.field)


def _pair(row: Any) -> dict[str, Any]:
    """A row of `tables.PAIRS`, but for its origin."""
    if not isinstance(row, Mapping):
        raise MalformedRow("", f"expected fields with names, found {type(row).__name__}")
    asked = _prompt(row)
    (before, chosen), (other, rejected) = (_answer(row, field, asked) for field in ("chosen", "rejected"))
    system = text(row, "system") if isinstance(row.get("system"), str) else ""
    if system.strip() and before[0]["role"] != "system":
        told: Message = {"role": "system", "content": system}
        before, other = [told, *before], [told, *other]
    if before != other:
        raise MalformedRow("rejected", "the two conversations part before their last answers")
    if chosen.strip() == rejected.strip():
        raise MalformedRow("rejected", "the two answers are the same")
    said: Message = {"role": "assistant", "content": rejected}
    name = content_id([*before, {"role": "assistant", "content": chosen}, said])
    return {"pair_id": name, "messages": before, "chosen": chosen, "rejected": rejected}


def _prompt(row: Mapping[str, Any]) -> list[Message] | None:
    """What is asked; None where the row says it in its conversations alone."""
    if row.get("prompt") is None:
        return None
    turns = _turns(row, "prompt")
    if turns is None:
        return check([{"role": "user", "content": text(row, "prompt")}], answered=False)
    while turns and turns[-1]["role"] == "assistant" and not turns[-1]["content"].strip():  # "\n\nAssistant:" before the answer
        turns = turns[:-1]
    return check(turns, answered=False)


def _answer(row: Mapping[str, Any], field: str, asked: list[Message] | None) -> tuple[list[Message], str]:
    """What stands before the last answer, and that answer."""
    turns = _turns(row, field)
    if turns is None:
        if asked is None:
            raise MalformedRow("prompt", f"expected text or messages, found nothing, and {field} is no conversation")
        turns = [*asked, {"role": "assistant", "content": text(row, field)}]
    elif asked is not None and turns and turns[0]["role"] == "assistant":
        turns = [*asked, *turns]
    try:
        check(turns)
    except MalformedRow as error:
        raise MalformedRow(field, str(error)) from None
    before = turns[:-1]
    if asked is not None and before != asked:
        longer, shorter = sorted((before, asked), key=len, reverse=True)
        if longer[len(longer) - len(shorter) :] != shorter:  # one may leave out what stands before the question
            raise MalformedRow(field, "its conversation asks something else than the prompt")
        before = longer
    return before, turns[-1]["content"]


def _turns(row: Mapping[str, Any], field: str) -> list[Message] | None:
    """The turns of a field with messages or a transcript; None where it holds a plain text."""
    value = row.get(field)
    if isinstance(value, list):
        return [_message(each, f"{field}[{i}]") for i, each in enumerate(value)]
    written = text(row, field)
    if not written.startswith(("\n\nHuman:", "Human:")):
        return None
    _, *parts = _TURN.split(written)
    return [{"role": _ROLES[who], "content": said.strip()} for who, said in zip(parts[::2], parts[1::2], strict=True)]  # type: ignore[typeddict-item]


def _message(value: Any, field: str) -> Message:
    if not isinstance(value, Mapping):
        raise MalformedRow(field, f"expected a message, found {type(value).__name__}")
    keys = ("from", "value") if "from" in value else ("role", "content")
    try:
        return turn(value, *keys)
    except MalformedRow as error:
        raise MalformedRow(f"{field}.{error.field}", str(error)) from None
