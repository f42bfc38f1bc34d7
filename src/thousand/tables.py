"""The tables that pass between verbs: their columns, and how they are written, read and identified.

A table is an Arrow table in one Parquet file, or a folder of such files. Files are written beside their place and moved
there when whole, so that a reader never sees half a table.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from thousand.errors import DataError

MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))

CANDIDATES = pa.schema(
    [
        ("id", pa.string()),  # unique: of the content and of where it stood
        ("content", pa.string()),  # of the messages alone: equal for equal conversations, wherever they stood
        ("source", pa.string()),  # "chat:pool.jsonl", "stackexchange:coffee"
        ("origin", pa.string()),  # file and position: "pool.jsonl:17", "coffee.Posts.xml:#24"
        ("messages", MESSAGES),
        ("group", pa.string()),  # what competes for one place: the answers to one question
        ("score", pa.float64()),  # votes, ratings; null where the source has none
        ("author", pa.string()),
        ("licence", pa.string()),
        ("link", pa.string()),
        ("tags", pa.list_(pa.string())),
    ]
)
REJECTED = pa.schema(
    [
        ("source", pa.string()),
        ("origin", pa.string()),
        ("field", pa.string()),  # what in the row was wrong; null when the row could not be read at all
        ("reason", pa.string()),
        ("raw", pa.string()),  # the row as it stood
    ]
)
LEDGER = pa.schema(
    [
        ("id", pa.string()),
        ("content", pa.string()),
        ("kept", pa.bool_()),
        ("reasons", pa.list_(pa.string())),  # every one, not the first; empty when kept
        ("twin", pa.string()),  # id of the surviving copy
        ("similarity", pa.float64()),  # to the twin: Jaccard or cosine, 1.0 for an exact copy
        ("unmeasured", pa.list_(pa.string())),  # "signal: why it has no value"
    ]
)
"""The ledger's own columns. One column per signal follows them: float64, null where it could not be computed."""
SELECTION = pa.schema(
    [
        ("rank", pa.int32()),
        ("id", pa.string()),
        ("content", pa.string()),
        ("source", pa.string()),
        ("origin", pa.string()),
        ("messages", MESSAGES),
        ("licence", pa.string()),
        ("author", pa.string()),
        ("link", pa.string()),
        ("gain", pa.float64()),  # what the pick added to the strategy's objective
        ("quality", pa.float64()),
        ("stratum", pa.string()),  # the stratum it was chosen for, or the quotas it counts for
        ("nearest", pa.string()),  # id of the nearest earlier pick
        ("similarity", pa.float64()),  # to it, a cosine
        ("stands_for", pa.int64()),  # rows that were not picked and are nearest to this pick
        ("displaced", pa.list_(pa.string())),  # ids of the nearest of them, at most three
        ("reason", pa.string()),
    ]
)
PAIRS = pa.schema(
    [
        ("pair_id", pa.string()),  # of what is said: equal for equal pairs
        ("origin", pa.string()),  # file and position: "pairs.jsonl:17"
        ("messages", MESSAGES),  # the prompt; it ends with the user's turn
        ("chosen", pa.string()),
        ("rejected", pa.string()),
    ]
)
PROMPTS = pa.schema(
    [
        ("prompt_id", pa.string()),
        ("messages", MESSAGES),
        ("reference", pa.string()),  # an answer to measure others by; null where there is none
        ("checks", pa.list_(pa.struct([("kind", pa.string()), ("value", pa.string())]))),  # what a right answer must pass, each of them
        ("tags", pa.list_(pa.string())),
    ]
)
ANSWERS = pa.schema(
    [
        ("prompt_id", pa.string()),
        ("sample", pa.int32()),
        ("prompt", pa.string()),
        ("answer", pa.string()),  # null where there is none
        ("stop", pa.string()),  # "end_of_turn", "limit" or "error"; null where a server does not say
        ("tokens", pa.int32()),  # null where a server does not count them
        ("seconds", pa.float64()),  # of the batch it was in, shared out by tokens; of a server's call
        ("cut", pa.bool_()),  # the prompt was cut to fit the context; null where only a server knows
        ("reason", pa.string()),  # why there is no answer, or why it is not known how it stopped
        ("turns", MESSAGES),  # the whole dialogue, answers included, where the prompt has several turns to be answered
        ("shown", pa.int32()),  # examples that stood before the prompt; null where none were to
    ]
)
KNOWLEDGE = pa.schema(
    [
        ("question_id", pa.string()),
        ("question", pa.string()),
        ("expected", pa.string()),
        ("said", pa.string()),  # how the model went on, or the choice that it finds likeliest
        ("known", pa.bool_()),  # null where it cannot be said
        ("form", pa.string()),  # "sentence", "choices", or "harness: TASK"
        ("by_token", pa.bool_()),  # of choices: known, had the mean over tokens decided in the place of that over characters
        ("reason", pa.string()),  # why it cannot be said
    ]
)
"""A table from before there were other questions than sentences has no last three columns."""
CHECKPOINTS = pa.schema(
    [
        ("epoch", pa.int32()),
        ("rating", pa.float64()),  # mean over the dev prompts, by the judge that decides; null where nothing was judged
        ("low", pa.float64()),  # its 95% interval over prompts
        ("high", pa.float64()),
        ("perplexity", pa.float64()),  # of held-out examples; null where there are none
        ("ended", pa.float64()),  # shares of the dev answers: ended by themselves,
        ("limit", pa.float64()),  # were stopped by the limit,
        ("repeats", pa.float64()),  # went round in a circle at their end
        ("known", pa.float64()),  # share of the questions of knowledge; null where nothing was asked
        ("forgot", pa.float64()),  # p-value of knowing less than the base
        ("chosen", pa.bool_()),
    ]
)
SHIFT = pa.schema(
    [
        ("prompt_id", pa.string()),
        ("position", pa.int32()),  # in the aligned model's answer, from 1; null in the one row of a prompt that was not measured
        ("token", pa.string()),
        ("token_id", pa.int32()),  # null at the end of the turn
        ("kind", pa.string()),  # by its rank in the base: "unshifted" (1), "marginal" (2 or 3), "shifted"; "end" of the turn, which
        ("rank", pa.int32()),  # the base does not have; null where the base has no such token there
        ("probability", pa.float64()),  # by the base
        ("kl", pa.float64()),  # KL(aligned || base) in nats at this place; null where the two have other tokens there
        ("reason", pa.string()),  # why something is null
    ]
)
VERDICTS = pa.schema(
    [
        ("prompt_id", pa.string()),
        ("sample", pa.int32()),
        ("judge", pa.string()),  # people at a desk: "people" together, "people:NAME" each of them
        ("criterion", pa.string()),  # "overall", "correct", ...
        ("a", pa.string()),  # arm
        ("a_seed", pa.int32()),
        ("b", pa.string()),  # arm; null when one answer was rated by itself
        ("b_seed", pa.int32()),
        ("order", pa.string()),  # which answer was shown first: "ab" or "ba"; null for a rating
        ("verdict", pa.string()),  # "a", "b" or "tie"; null for a rating or where there is none
        ("rating", pa.float64()),  # null for a pair or where there is none
        ("raw", pa.string()),  # what the judge said
        ("why", pa.string()),  # why there is neither verdict nor rating
        ("seconds", pa.float64()),  # these three once for what was asked once: null in the row of a further criterion,
        ("tokens", pa.int64()),  # 0 in a row whose question equals another's
        ("cost", pa.float64()),  # in the judge's currency; null when free or unknown
        ("key", pa.string()),  # of what was asked: prompt, answers in their order, judge and settings
    ]
)

PEOPLE = "people"
"""The judge that those are together who judged at the desk."""

_TIMINGS = {"seconds"}
_BLOCK = 8192


def person(name: str) -> str:
    """The judge that one person is."""
    return f"{PEOPLE}:{name}"


def write(path: Path, table: pa.Table, schema: pa.Schema | None = None) -> None:
    """Write one Parquet file, whole or not at all.

    Args:
        schema: the columns the table must have, in any order; further columns follow them.

    Raises:
        DataError: a column of the schema is missing or has a type that cannot be cast without loss.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    conformed = conform(table, schema) if schema is not None else table
    partial = path.with_name(f"{path.name}.partial")
    pq.write_table(conformed, partial, compression="zstd")
    os.replace(partial, path)


def write_parts(folder: Path, batches: Iterable[pa.Table], schema: pa.Schema) -> int:
    """Write a stream of tables as ``part-00000.parquet``, ... and return the rows written. An empty stream writes one empty part."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = 0
    part = -1
    for part, batch in enumerate(batches):
        write(folder / f"part-{part:05d}.parquet", batch, schema)
        rows += batch.num_rows
    if part < 0:
        write(folder / "part-00000.parquet", schema.empty_table(), schema)
    return rows


def read(path: Path, columns: list[str] | None = None) -> pa.Table:
    """A table from one Parquet file or a folder of parts, in part order.

    Raises:
        DataError: nothing is there, it is not Parquet, or it has no such column.
    """
    return pa.concat_tables([part.read(columns) for part in _parts(path, columns)])


def batches(path: Path, columns: list[str] | None = None, rows: int = 8192) -> Iterator[pa.Table]:
    """The table in pieces of at most ``rows`` rows, in part order; memory is bounded by a few pieces."""
    for part in _parts(path, columns):
        for batch in part.iter_batches(batch_size=rows, columns=columns):
            if batch.num_rows:
                yield pa.Table.from_batches([batch])


def count(path: Path) -> int:
    """The number of rows of a table."""
    return sum(int(part.metadata.num_rows) for part in _parts(path))


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with the schema's columns first, cast to its types."""
    missing = [name for name in schema.names if name not in table.column_names]
    if missing:
        raise DataError(f"The table has no column {', '.join(missing)}.", f"It has: {', '.join(table.column_names)}.")
    further = [name for name in table.column_names if name not in schema.names]
    try:
        required = table.select(schema.names).cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DataError(f"The table's columns do not have the types they must have: {error}") from error
    for name in further:
        required = required.append_column(table.schema.field(name), table[name])
    return required


def digest(path: Path) -> str:
    """What a table, a file or a folder of files says, as a hash; the same for the same content however it was made.

    A Parquet table is hashed by its values, without timings; anything else by its bytes.

    Raises:
        DataError: nothing is there, or a Parquet table is not one.
    """
    if not path.exists():
        raise DataError(f"There is nothing at {path}.", "Run the verb that writes it first, or check the path.")
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file())
        return _hash(f"{p.relative_to(path).as_posix()}:{digest(p)}" for p in files)
    if path.suffix == ".parquet":
        return digest_values(read(path))
    return digest_bytes(path)


def digest_bytes(path: Path) -> str:
    """A file's bytes as a hash."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:32]


def digest_values(table: pa.Table) -> str:
    """What a table says, as `digest` has it: without timings, however it was cut."""
    table = table.drop_columns([name for name in table.column_names if name in _TIMINGS])
    whole = hashlib.sha256(str(table.schema.remove_metadata()).encode())
    for start in range(0, table.num_rows, _BLOCK):  # in equal pieces, however the file was cut into row groups
        for column in table.slice(start, _BLOCK).columns:
            _feed(whole, column.combine_chunks())
    return whole.hexdigest()[:32]


def _feed(whole: hashlib._Hash, array: pa.Array) -> None:
    """Add an array's values. Where there is none, memory holds whatever the file's layout left there, so nulls are told apart first."""
    whole.update(np.packbits(array.is_valid().to_numpy(zero_copy_only=False)).tobytes())
    array = array.drop_null()
    if pa.types.is_list(array.type):
        whole.update(array.value_lengths().to_numpy(zero_copy_only=False))
        _feed(whole, array.flatten())
    elif pa.types.is_struct(array.type):
        for field in array.flatten():
            _feed(whole, field)
    else:
        whole.update(memoryview(pa.record_batch([array], ["values"]).serialize()))


def _hash(lines: Iterable[str]) -> str:
    whole = hashlib.sha256()
    for line in lines:
        whole.update(line.encode() + b"\n")
    return whole.hexdigest()[:32]


def _parts(path: Path, columns: list[str] | None = None) -> Iterator[pq.ParquetFile]:
    """The files of a table, open, one after the other; `pyarrow.dataset` would import pandas, in every worker."""
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not files or not all(file.exists() for file in files):
        raise DataError(f"There is no table at {path}.", "Run the verb that writes it first, or check the path.")
    for file in files:
        try:
            part = pq.ParquetFile(file)
        except pa.ArrowInvalid as error:
            raise DataError(f"{file} is not a Parquet table: {error}") from error
        with part:
            missing = [name for name in columns or [] if name not in part.schema_arrow.names]
            if missing:
                raise DataError(
                    f"The table at {path} has no column {', '.join(missing)}.", f"It has: {', '.join(part.schema_arrow.names)}."
                )
            yield part
