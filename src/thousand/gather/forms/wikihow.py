"""wikiHow: articles from the published CSV files or from JSON, the title as prompt and the body as response (LIMA, section 2.1)."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import Any

from thousand.conversation import MalformedRow, check, text
from thousand.gather.articles import Article, Section, article, categories, clean, letters, markdown, step, title_of
from thousand.gather.files import SourceFile, expand
from thousand.gather.readers import KINDS, records
from thousand.gather.readers.record import too_long
from thousand.gather.rows import LONGEST_ROW, Candidate, Reading, Row, Unit, reject

LEFT_OUT = (
    *("Warnings", "Tips", "Things You'll Need", "References", "Sources and Citations", "Community Q&A", "Expert Q&A"),
    *("Related wikiHows", "Related Articles", "Video", "Ads", "Advertisement"),
)
_LICENCE = "CC BY-NC-SA 3.0"  # https://www.wikihow.com/wikiHow:Creative-Commons

_BETWEEN = re.compile(r'(?:;\n|\n\n)\s{0,9},\s{0,9}|(?<=[.!?:)"”])\s{0,9},\s{1,9}(?=["“(]?[A-Z0-9])')  # paragraphs of one cell


def wikihow(*, path: str | list[str], leave_out: tuple[str, ...] = LEFT_OUT, licence: str | None = _LICENCE) -> Reading:
    """Candidates from articles: the title as a question, the body as headed sections of numbered steps.

    Three shapes of rows are known by their fields. ``wikihowSep.csv`` has a row for each step: those of one title are one
    article, wherever they stand, kept in a temporary file until the end. ``wikihowAll.csv`` has a row for each method, its
    bold lines and its paragraphs each in one cell; a row in which they cannot be paired is a rejection. In JSON an article
    is a title with ``methods``, ``sections`` or ``parts``, with ``steps``, or with a ``text``. Categories are the tags.

    Links, images, addresses and citation marks are taken out; "This article" becomes "The following answer".

    Args:
        path: JSON Lines, JSON, CSV, TSV or Parquet: a file, a pattern, or a list of them.
        leave_out: headings of sections that are left out, whatever their letters' case and punctuation.
        licence: of the articles that name none.

    Raises:
        DataError: a file is missing or of another kind.
    """
    left_out = frozenset(letters(each) for each in leave_out)
    return Reading([Unit(file.name, file.size, partial(_rows, file, left_out, licence)) for file in expand(path, KINDS)])


def _rows(file: SourceFile, left_out: frozenset[str], licence: str | None) -> Iterator[Row]:
    with closing(_Steps()) as steps:
        for record in records(file):
            origin = f"{file.name}:{record.position}" if record.position else file.name
            if record.fault is not None:
                yield reject(file.name, origin, record.fault, record.raw)
                continue
            try:
                row = record.row
                if not isinstance(row, Mapping):
                    raise MalformedRow("", f"expected fields with names, found {type(row).__name__}")
                if "headline" in row and ("sectionLabel" in row or "overview" in row):
                    steps.add(row, origin)
                else:
                    yield _candidate(_article(row), row, file, origin, left_out, licence)
            except MalformedRow as error:
                yield reject(file.name, origin, str(error), record.text(), error.field)
        for title, origin, rows in steps.articles():
            try:
                yield _candidate(_joined(title, rows), {}, file, origin, left_out, licence)
            except MalformedRow as error:
                yield reject(file.name, origin, str(error), title, error.field)


def _article(row: Mapping[str, Any]) -> Article:
    """The article of a row that has all of it."""
    if not isinstance(row.get("headline"), str) or not isinstance(row.get("text"), str):
        return article(row)
    # The second method of an article is called "How to Be an Organised Artist2".
    return Article(re.sub(r"(?<=[a-z])\d{1,2}$", "", title_of(row)), "", [Section(steps=_paired(row))])


def _candidate(
    found: Article, row: Mapping[str, Any], file: SourceFile, origin: str, left_out: frozenset[str], licence: str | None
) -> Candidate:
    sections = [each for each in found.sections if letters(each.label) not in left_out and (each.text or each.steps)]
    body = markdown(found.intro, sections)
    if not sections:
        raise MalformedRow("", "nothing is left of the article without its title, its introduction and what is left out")
    if len(body) > LONGEST_ROW:
        raise MalformedRow("", too_long(len(body)))
    return Candidate(
        file.name,
        origin,
        check([{"role": "user", "content": _question(found.title)}, {"role": "assistant", "content": body}]),
        "wikihow",
        group=f"{file.name}:{found.title}",
        licence=text(row, "licence", required=False) or text(row, "license", required=False) or licence,
        link=text(row, "url", required=False) or text(row, "link", required=False) or None,
        tags=categories(row),
    )


def _question(title: str) -> str:
    """A title as somebody would ask it: LIMA has "How to cook an omelette?"."""
    if title.endswith("?"):
        return title
    if not re.match(r"(how|what|why|when|where|which|who)\b", title, re.IGNORECASE):
        title = f"How to {title}"
    return f"{title.rstrip('.!')}?"


def _paired(row: Mapping[str, Any]) -> list[str]:
    """The steps of a row of ``wikihowAll.csv``: lists written with commas between them, into text that has commas of its own."""
    headlines = [line.strip(" ,") for line in re.split(r",?[ \t]{0,9}\r?\n", text(row, "headline")) if line.strip(" ,")]
    paragraphs = _BETWEEN.split(text(row, "text").replace("\r\n", "\n"))
    if len(headlines) != len(paragraphs):
        raise MalformedRow("text", f"{len(headlines)} bold lines, {len(paragraphs)} paragraphs: not to be paired; take wikihowSep.csv")
    return [_bold(headline, paragraph) for headline, paragraph in zip(headlines, paragraphs, strict=True)]


def _bold(headline: str, paragraph: str) -> str:
    """A step of the CSV files. Its sub-points stand behind two blank lines, one on each line."""
    first, *points = re.split(r"\n{3,}", paragraph.replace("\r\n", "\n").strip(" ,;\n"))
    bullets = [f"- {point}" for part in points for line in part.split("\n") if (point := clean(line, "text"))]
    return "\n".join([step(clean(headline, "headline"), clean(first, "text")), *bullets]).strip()


def _joined(title: str, rows: Iterator[Mapping[str, str]]) -> Article:
    """The article of the rows of ``wikihowSep.csv``."""
    sections: dict[str, Section] = {}
    intro = ""
    length = 0
    for row in rows:
        length += sum(map(len, row.values()))
        if length > LONGEST_ROW:
            raise MalformedRow("", too_long(length))
        intro = intro or clean(row["overview"], "overview")
        label = clean(row["sectionLabel"], "sectionLabel")
        if found := _bold(row["headline"], row["text"]):
            sections.setdefault(label, Section(label)).steps.append(found)
    return Article(title, intro, list(sections.values()))


class _Steps:
    """Rows of steps until the end of the file, by the titles of their articles: in memory while they are few, then on the disk."""

    def __init__(self) -> None:
        self._store = sqlite3.connect("")
        self._store.execute("pragma journal_mode = off")
        self._store.execute("pragma cache_size = -65536")  # 64 MB before it goes to disk
        self._store.execute("create table articles (id integer primary key, title text unique, origin text)")
        self._store.execute("create table steps (id integer primary key, article integer, row text)")

    def add(self, row: Mapping[str, Any], origin: str) -> None:
        """One step, under its title."""
        title = title_of(row)
        fields = {name: text(row, name, required=False) for name in ("overview", "headline", "text", "sectionLabel")}
        if not fields["headline"].strip() and not fields["text"].strip():
            raise MalformedRow("headline", "neither a bold line nor a text")
        self._store.execute("insert or ignore into articles (title, origin) values (?, ?)", (title, origin))
        [article] = self._store.execute("select id from articles where title = ?", (title,)).fetchone()
        self._store.execute("insert into steps (article, row) values (?, ?)", (article, json.dumps(fields)))

    def articles(self) -> Iterator[tuple[str, str, Iterator[Mapping[str, str]]]]:
        """Titles in the order of their first steps, with the place of that step and all steps."""
        self._store.execute("create index by_article on steps (article, id)")
        for number, title, origin in self._store.execute("select id, title, origin from articles order by id"):
            rows = self._store.execute("select row from steps where article = ? order by id", (number,))
            yield title, origin, (json.loads(row) for (row,) in rows)

    def close(self) -> None:
        """Give the memory and the disk back."""
        self._store.close()
