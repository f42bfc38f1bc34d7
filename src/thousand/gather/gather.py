"""``gather``: sources to candidates. Every row read becomes a candidate or a rejection with its reason; none is lost."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from thousand import registry, tables
from thousand.conversation import content_id
from thousand.errors import DataError
from thousand.gather.parts import Parts
from thousand.gather.rows import Candidate, Rejected, Row
from thousand.recipe import Choice

FORMS = "thousand.gather.forms"
_SHOWN = 3  # rejections quoted when nothing could be read
_STEP = 1000  # rows between two reports of progress


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


def gather(sources: Sequence[Choice], out: Path, rejected: Path, *, progress: Callable[[int], None] | None = None) -> Gathered:
    """Read every source into the table of candidates and the table of rejections.

    The same files in the same order give the same rows with the same ids, wherever they lie. Memory is bounded whatever the
    size of the sources.

    Args:
        sources: forms with their options, as under ``pool`` in a recipe.
        out: a folder for `thousand.tables.CANDIDATES`, in parts of at most 50,000 rows.
        rejected: a folder for `thousand.tables.REJECTED`.
        progress: told the number of rows read so far, now and then and at the end.

    Raises:
        RecipeError: a form is not known, or an option of it does not fit.
        DataError: a file is missing, or no row of any is a candidate; then says what was read and the first reasons.
    """
    streams = [_open(choice, place) for place, choice in enumerate(sources)]  # all, so that a missing file shows before hours of reading
    names = _Names()
    read, kept, refused = Counter[str](), Counter[str](), Counter[str]()
    forms: dict[str, Counter[str]] = {}
    first: list[Rejected] = []
    candidates, rejections = Parts(out, tables.CANDIDATES), Parts(rejected, tables.REJECTED)
    count = 0
    for place, (choice, stream) in enumerate(zip(sources, streams, strict=True)):
        for row in stream:
            source = names.of(place, f"{choice.name}:{row.source}")
            read[source] += 1
            count += 1
            if isinstance(row, Candidate):
                kept[source] += 1
                forms.setdefault(source, Counter())[row.form] += 1
                candidates.add(*_candidate(source, row))
            else:
                refused[source] += 1
                first += [row] if len(first) < _SHOWN else []
                rejections.add((source, row.origin, row.field, row.reason, row.raw), len(row.raw))
            if progress is not None and count % _STEP == 0:
                progress(count)
    candidates.close()
    rejections.close()
    if progress is not None:
        progress(count)
    if not kept:
        raise _empty(read, first)
    return Gathered(
        read=count,
        kept=tables.count(out),
        rejected=tables.count(rejected),
        by_source={source: Counts(read[source], kept[source], refused[source]) for source in read},
        forms={source: dict(found.most_common()) for source, found in forms.items()},
    )


def _open(choice: Choice, place: int) -> Iterator[Row]:
    where = f"pool.{place}"
    form = registry.bind(registry.find(FORMS, choice.name, where), choice.options, f"{where}.{choice.name}")
    rows: Iterator[Row] = form()
    return rows


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


def _candidate(source: str, row: Candidate) -> tuple[tuple[object, ...], int]:
    """A row of the table, and its size."""
    content = content_id(row.messages)
    identity = hashlib.sha256(f"{source}\x1f{row.origin}\x1f{content}".encode()).hexdigest()[:16]
    described = (row.group, row.score, row.author, row.licence, row.link, row.tags)
    size = sum(len(message["content"]) for message in row.messages)
    return (identity, content, source, row.origin, row.messages, *described), size


def _empty(read: Mapping[str, int], first: Sequence[Rejected]) -> DataError:
    files = ", ".join(f"{source} ({rows:,} rows)" for source, rows in read.items()) or "no files"
    reasons = "; ".join(f"{row.origin}: {f'{row.field}: ' if row.field else ''}{row.reason}" for row in first)
    return DataError(
        f"The pool is empty: of {sum(read.values()):,} rows read none is a candidate. Read: {files}.",
        f"The first rejections: {reasons}. Mend the files, or say in the recipe which form they have." if first else "Give a source.",
    )
