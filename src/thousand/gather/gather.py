"""``gather``: sources to candidates. Every row read becomes a candidate or a rejection with its reason; none is lost."""

from __future__ import annotations

import functools
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thousand import manifest, registry, tables
from thousand.conversation import content_id
from thousand.engine import HERE, Engine
from thousand.errors import DataError
from thousand.gather.parts import Parts
from thousand.gather.rows import Candidate, Reading, Unit
from thousand.recipe import Choice

FORMS = "thousand.gather.forms"
_SHOWN = 3  # rejections quoted when nothing could be read
_STEP = 1000  # rows between two reports of progress
_SHARD = 1 << 24  # bytes of small files that are read together


@dataclass(frozen=True)
class Counts:
    """How many rows of one source were read, and what became of them."""

    read: int
    candidates: int
    rejected: int


@dataclass(frozen=True)
class Gathered:
    """What came in.

    Attributes:
        read: rows found. What a row is, the form says: a line, an answer. A break in a file counts as one.
        kept: rows of the table of candidates.
        rejected: rows of the table of rejections.
        by_source: the same for each source, by the name it has in the tables: "chat:pool.jsonl".
        forms: for each source, the forms its candidates were recognised by, with their number.

    Raises:
        RuntimeError: the books do not balance, which no input may bring about.
    """

    read: int
    kept: int
    rejected: int
    by_source: Mapping[str, Counts]
    forms: Mapping[str, Mapping[str, int]]

    def __post_init__(self) -> None:
        counted = [sum(getattr(each, part) for each in self.by_source.values()) for part in ("read", "candidates", "rejected")]
        if self.read != self.kept + self.rejected or counted != [self.read, self.kept, self.rejected]:
            raise RuntimeError(
                f"gather lost count: {self.read} rows read, {self.kept} candidates and {self.rejected} rejected are written; "
                f"by source {counted}"
            )


def gather(
    sources: Sequence[Choice], out: Path, rejected: Path, *, progress: Callable[[int], None] | None = None, by: Engine = HERE
) -> Gathered:
    """Read every source into the table of candidates and the table of rejections.

    The same files in the same order give the same rows with the same ids, wherever they lie and whoever reads them. Memory is
    bounded whatever the size of the sources. Interrupted, it goes on with the shards that were not read to their end.

    Args:
        sources: forms with their options, as under ``pool`` in a recipe.
        out: a folder for `thousand.tables.CANDIDATES`, in parts of at most 10,000 rows.
        rejected: a folder for `thousand.tables.REJECTED`.
        progress: told the number of rows read so far, now and then and at the end.

    Raises:
        RecipeError: a form is not known, or an option of it does not fit.
        DataError: a file is missing, or no row of any is a candidate; then says what was read and the first reasons.
    """
    work = shards(sources)
    _clear(out, rejected, work)
    read = functools.partial(_read, out=out, rejected=rejected, tick=progress if by.here else None)
    books: list[_Book] = []
    for book in by.run(read, work):
        books.append(book)
        if progress is not None:
            progress(sum(sum(each.read.values()) for each in books))
    counts = [sum((Counter(getattr(book, part)) for book in books), Counter[str]()) for part in ("read", "kept", "rejected")]
    if not counts[1]:
        manifest.remove(out)
        raise _empty(counts[0], [each for book in books for each in book.first][:_SHOWN])
    for folder, schema in ((out, tables.CANDIDATES), (rejected, tables.REJECTED)):
        if not any(folder.glob("*.parquet")):
            tables.write(folder / "part-00000-000.parquet", schema.empty_table(), schema)
    for done in out.glob("shard-*.json"):
        done.unlink()
    forms: dict[str, Counter[str]] = {}
    for each in books:
        for source, found in each.forms.items():
            forms.setdefault(source, Counter()).update(found)
    return Gathered(
        read=counts[0].total(),
        kept=tables.count(out),
        rejected=tables.count(rejected),
        by_source={source: Counts(*(each[source] for each in counts)) for source in counts[0]},
        forms={source: dict(found.most_common()) for source, found in forms.items()},
    )


@dataclass(frozen=True)
class _Shard:
    """Units that are read together, each with the name its source has in the tables.

    Attributes:
        key: of the options they are read with and of their sizes, so that what another pool left is not taken for this one's.
    """

    number: int
    units: Sequence[tuple[str, Unit]]
    key: str

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.number:05d}"


@dataclass
class _Book:
    """What was read of one shard, by source, and the first rejections; written beside the parts when the shard is done."""

    read: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    forms: dict[str, Counter[str]] = field(default_factory=dict)
    first: list[str] = field(default_factory=list)


def shards(sources: Sequence[Choice]) -> list[_Shard]:
    """Every unit of every source, in order, small ones together. All are found first: a missing file shows before hours of reading."""
    names = _Names()
    found: list[list[tuple[str, Unit]]] = []
    keys: list[Any] = []
    room = 0
    for place, choice in enumerate(sources):
        where = f"pool.{place}"
        form = registry.bind(registry.find(FORMS, choice.name, where), choice.options, f"{where}.{choice.name}")
        reading: Reading = form()
        for unit in reading.units:
            if not found or unit.size > room:
                found.append([])
                keys.append([])
                room = _SHARD
            source = names.of(place, f"{choice.name}:{unit.source}")
            found[-1].append((source, unit))
            keys[-1].append([source, unit.size, choice.options])
            room -= unit.size
    return [_Shard(number, units, manifest.key_of("shard", {}, keys[number])) for number, units in enumerate(found)]


def _clear(out: Path, rejected: Path, shards: Sequence[_Shard]) -> None:
    """Take away what another pool left: parts of shards that there are not, and of those that were not read to their end."""
    whole = {shard.name for shard in shards if _finished(out, shard) is not None}
    for folder in (out, rejected):
        for path in (*folder.glob("part-*.parquet"), *folder.glob("shard-*.json")):
            if path.name.split(".")[0].split("-")[1] not in whole:
                path.unlink()


def _finished(out: Path, shard: _Shard) -> _Book | None:
    """What was read of a shard, if that is done."""
    try:
        record = json.loads((out / f"shard-{shard.name}.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return _Book(**record["book"]) if record["key"] == shard.key else None


def _read(shard: _Shard, *, out: Path, rejected: Path, tick: Callable[[int], None] | None) -> _Book:
    """Read one shard into parts of its own, unless that is done."""
    finished = _finished(out, shard)
    if finished is not None:
        return finished
    name = f"part-{shard.name}"
    candidates, rejections = Parts(out, tables.CANDIDATES, name), Parts(rejected, tables.REJECTED, name)
    book = _Book()
    count = 0
    for source, unit in shard.units:
        for row in unit.rows():
            book.read[source] += 1
            count += 1
            if isinstance(row, Candidate):
                book.kept[source] += 1
                book.forms.setdefault(source, Counter())[row.form] += 1
                candidates.add(*candidate(source, row))
            else:
                book.rejected[source] += 1
                if len(book.first) < _SHOWN:
                    book.first.append(f"{row.origin}: {f'{row.field}: ' if row.field else ''}{row.reason}")
                rejections.add((source, row.origin, row.field, row.reason, row.raw), len(row.raw))
            if tick is not None and count % _STEP == 0:
                tick(count)
    candidates.close()
    rejections.close()
    manifest.write_text(out / f"shard-{shard.name}.json", json.dumps({"key": shard.key, "book": vars(book)}))
    return book


class _Names:
    """Names of sources. Where two entries of a pool would give the same name, the later one's is numbered, so that ids stay unique."""

    def __init__(self) -> None:
        self._given: dict[tuple[int, str], str] = {}
        self._times: Counter[str] = Counter()

    def of(self, place: int, name: str) -> str:
        known = self._given.get((place, name))
        if known is None:
            self._times[name] += 1
            known = name if self._times[name] == 1 else f"{name} ({self._times[name]})"
            self._given[place, name] = known
        return known


def candidate(source: str, row: Candidate) -> tuple[tuple[object, ...], int]:
    """A row of the table, and its size."""
    content = content_id(row.messages)
    identity = hashlib.sha256(f"{source}\x1f{row.origin}\x1f{content}".encode()).hexdigest()[:16]
    described = (row.group, row.score, row.author, row.licence, row.link, row.tags)
    size = sum(len(message["content"]) for message in row.messages)
    return (identity, content, source, row.origin, row.messages, *described), size


def _empty(read: Mapping[str, int], first: Sequence[str]) -> DataError:
    files = ", ".join(f"{source} ({rows:,} rows)" for source, rows in read.items()) or "no files"
    return DataError(
        f"The pool is empty: of {sum(read.values()):,} rows read none is a candidate. Read: {files}.",
        f"The first rejections: {'; '.join(first)}. Mend the files, or say in the recipe which form they have."
        if first
        else "Give a source.",
    )
