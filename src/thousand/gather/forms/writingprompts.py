"""r/WritingPrompts: prompts and the stories told to them, from Pushshift's dumps or from pairs of text files (LIMA, section 2.1)."""

from __future__ import annotations

import hashlib
import html
import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import Any

from thousand.conversation import MalformedRow, check, text
from thousand.errors import DataError
from thousand.gather.files import UNREADABLE, SourceFile, expand
from thousand.gather.posts import Posts, Question
from thousand.gather.readers import records
from thousand.gather.readers.json_lines import lines
from thousand.gather.readers.record import too_long
from thousand.gather.rows import LONGEST_ROW, Candidate, Reading, Row, Unit, reject

_SUBREDDIT = "WritingPrompts"
_SOURCE = f"r/{_SUBREDDIT}"
_DUMPS = (".ndjson", ".jsonl", ".json")
_PAIRS = {".wp_source": ".wp_target", ".source": ".target"}
_LONGEST_TITLE = 3_000  # characters; Reddit allows 300
_TAG = r"\[\s*([A-Za-z]{2}|meta|modpost|contest)\s*\]"  # [WP], [EU]; tokenised: [ WP ]
_TAGS = re.compile(rf"^(?:\s*{_TAG})+|(?:{_TAG}\s*)+$", re.IGNORECASE)
_GONE = re.compile(r"\s*\[\s*(deleted|removed)(\s+by\s+(user|reddit|moderator))?\s*\]\s*", re.IGNORECASE)


def writingprompts(*, path: str | list[str]) -> Reading:
    """Candidates from Pushshift's dumps of submissions and comments, or from ``train.wp_source`` beside ``train.wp_target``.

    Of a dump every comment that answers a submission directly is one row: a candidate with the submission's title as
    prompt, its votes as score, the submission as group, and tags such as WP, taken off the title; or a rejection, as are
    what was deleted or removed and what moderators wrote. Replies to comments, posts of other subreddits, and submissions
    without a story are not rows; submissions that cannot be used are rejections. All dumps named are joined; a comment may
    stand before its submission, and waits in a temporary file. LIMA's prompts of r/AskReddit are for testing: not read here.

    Of a pair of files every line is one row. ``<newline>`` becomes a line break; equal prompts are one group. The stories
    of the published files are tokenised, with spaces around punctuation: they stay so.

    Args:
        path: files, patterns such as ``reddit/*.zst``, or a list of them.

    Raises:
        DataError: a file is missing or of another kind, or a source has no target.
    """
    files = expand(path, (*_DUMPS, *_PAIRS, *_PAIRS.values()))
    pairs = _pairs([file for file in files if file.kind not in _DUMPS])
    units = [Unit(source.name, source.size + target.size, partial(_paired, source, target)) for source, target in pairs]
    # Submissions first, so that few comments wait.
    dumps = sorted((file for file in files if file.kind in _DUMPS), key=lambda file: not re.search(r"submission|\bRS_", file.name))
    if dumps:
        units.insert(0, Unit(_SOURCE, sum(file.size for file in dumps), partial(_joined, dumps)))
    return Reading(units)


def _joined(files: Sequence[SourceFile]) -> Iterator[Row]:
    found = False
    with closing(Posts()) as posts:
        for file in files:
            for record in records(file):
                origin = f"{file.name}:{record.position}" if record.position else file.name
                row: Row | None
                if record.fault is not None:
                    row = reject(_SOURCE, origin, record.fault, record.raw)
                else:
                    try:
                        row = _post(record.row, origin, posts)
                    except MalformedRow as error:
                        row = reject(_SOURCE, origin, str(error), record.text(), error.field)
                if row is not None:
                    found = True
                    yield row
        for story in posts.waiting():
            found = True
            question = posts.question(int(story["submission"], 36))
            if question is not None:
                yield _candidate(story, question)
                continue
            reason = "its submission is not in the files or could not be used"
            yield reject(_SOURCE, story["origin"], reason, json.dumps(story, ensure_ascii=False), "parent_id")
    if not found:
        yield reject(_SOURCE, files[0].name, f"the files have no stories of {_SOURCE}: are they its submissions and its comments?")


def _post(row: Any, origin: str, posts: Posts) -> Row | None:
    """What a post gives: a row for a comment, nothing for a submission, which is remembered."""
    if not isinstance(row, Mapping):
        raise MalformedRow("", f"expected fields with names, found {type(row).__name__}")
    subreddit = row.get("subreddit")
    if isinstance(subreddit, str) and subreddit.casefold() != _SUBREDDIT.casefold():
        return None
    comment = "body" in row and "parent_id" in row
    if not comment and "title" not in row:
        raise MalformedRow("", "neither a submission with a title nor a comment with a body and a parent_id")
    parent = text(row, "parent_id") if comment else ""
    if parent.startswith("t1_"):
        return None
    identity = text(row, "id")
    number = _number(identity, "id")
    if not posts.first(2 * number + comment):
        raise MalformedRow("id", "a post with this id stands earlier in the files")
    if not comment:
        posts.remember(number, _submission(row))
        return None
    if not parent.startswith("t3_"):
        raise MalformedRow("parent_id", f"expected t3_ and the id of a submission, found {parent[:100]!r}")
    submission = parent.removeprefix("t3_")
    asked = _number(submission, "parent_id")
    story = _story(row) | {"origin": origin, "submission": submission, "id": identity}
    question = posts.question(asked)
    if question is None:
        posts.wait(number, story)
        return None
    return _candidate(story, question)


def _submission(row: Mapping[str, Any]) -> Question:
    title, more = text(row, "title"), text(row, "selftext", required=False)
    if row.get("removed_by_category") or _GONE.fullmatch(title) or _GONE.fullmatch(more):
        raise MalformedRow("selftext", "the submission was deleted or removed")
    prompt, tags = _prompt(html.unescape(title))
    return Question(prompt, None, tags)


def _story(row: Mapping[str, Any]) -> dict[str, str]:
    body, author = text(row, "body"), text(row, "author", required=False)
    if _GONE.fullmatch(body):
        raise MalformedRow("body", "the comment was deleted or removed")
    if author == "AutoModerator" or row.get("distinguished") or row.get("stickied") is True:
        raise MalformedRow("author", "written by a moderator in that office: not a story")
    told = html.unescape(body).replace("\u200b", "").strip()  # Reddit's own editor leaves zero-width spaces
    if not told:
        raise MalformedRow("body", "empty comment")
    return {"body": told, "author": "" if _GONE.fullmatch(author) else author, "score": _score(row)}


def _candidate(story: Mapping[str, str], question: Question) -> Candidate:
    return Candidate(
        source=_SOURCE,
        origin=story["origin"],
        messages=check([{"role": "user", "content": question.prompt}, {"role": "assistant", "content": story["body"]}]),
        form="pushshift",
        group=f"{_SOURCE}:{story['submission']}",
        score=float(story["score"]) if story["score"] else None,
        author=story["author"] or None,
        link=f"https://www.reddit.com/r/{_SUBREDDIT}/comments/{story['submission']}/_/{story['id']}/",
        tags=question.tags,
    )


def _prompt(title: str) -> tuple[str, list[str]]:
    """A title without the tags that stand before or behind it, and the tags."""
    if len(title) > _LONGEST_TITLE:
        raise MalformedRow("title", f"the title is {len(title):,} characters long, more than {_LONGEST_TITLE:,}")
    tags = [tag.upper() for run in _TAGS.finditer(title) for tag in re.findall(_TAG, run[0], re.IGNORECASE)]
    prompt = " ".join(_TAGS.sub("", title).split())
    if not prompt:
        raise MalformedRow("title", "nothing is left of the title without its tags")
    return prompt, tags


def _number(identity: str, field: str) -> int:
    if not re.fullmatch(r"[0-9a-z]{1,11}", identity):
        raise MalformedRow(field, f"expected an id of Reddit, found {identity[:100]!r}")
    return int(identity, 36)


def _score(row: Mapping[str, Any]) -> str:
    value = row.get("score")
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 1e15:
        raise MalformedRow("score", f"expected a number of votes, found {str(value)[:100]!r}")
    return str(value)


def _pairs(files: Sequence[SourceFile]) -> Iterator[tuple[SourceFile, SourceFile]]:
    named = {_plain_name(file): file for file in files}
    for name, file in named.items():
        stem = name.removesuffix(file.kind)
        partner = _PAIRS.get(file.kind)
        if partner is not None and stem + partner in named:
            yield file, named[stem + partner]
            continue
        missing = partner or next(source for source, target in _PAIRS.items() if target == file.kind)
        if stem + missing not in named:
            raise DataError(f"{file.path} stands without {stem}{missing}.", f"Name both: a pattern such as {stem}.* does.")


def _plain_name(file: SourceFile) -> str:
    return re.sub(r"\.(gz|zst)$", "", file.name.lower())


def _paired(source: SourceFile, target: SourceFile) -> Iterator[Row]:
    number = 0
    for number, (asked, told) in enumerate(itertools.zip_longest(_lines(source), _lines(target)), start=1):
        origin = f"{source.name}:{number}"
        fault = next((line for line in (asked, told) if isinstance(line, str)), None)
        if fault is None and (asked is None or told is None):
            short, long = (source, target) if asked is None else (target, source)
            fault = f"{short.name} ends before this line and {long.name} goes on, what follows is not read: do they belong together?"
        if fault is not None or not isinstance(asked, bytes) or not isinstance(told, bytes):
            yield reject(source.name, origin, fault or "")
            return
        try:
            yield _pair(asked, told, source.name, origin)
        except MalformedRow as error:
            yield reject(source.name, origin, str(error), asked + told, error.field)
    if not number:
        yield reject(source.name, source.name, "the file has no rows")


def _lines(file: SourceFile) -> Iterator[bytes | str]:
    """The lines of a file; where it breaks off, why."""
    try:
        with file.open() as stream:
            yield from lines(stream)
    except UNREADABLE as error:
        yield f"{file.name} breaks off here, what follows is not read: {error}"


def _pair(asked: bytes, told: bytes, source: str, origin: str) -> Candidate:
    if len(asked) + len(told) > LONGEST_ROW:
        raise MalformedRow("", too_long(len(asked) + len(told)))
    title, story = (_text(line, side) for line, side in ((asked, "source"), (told, "target")))
    if _GONE.fullmatch(story):
        raise MalformedRow("target", "the story was deleted or removed")
    prompt, tags = _prompt(title)
    return Candidate(
        source=source,
        origin=origin,
        messages=check([{"role": "user", "content": prompt}, {"role": "assistant", "content": story}]),
        form="source_target",
        group=f"{source}:{hashlib.sha256(prompt.encode()).hexdigest()[:16]}",
        tags=tags,
    )


def _text(line: bytes, side: str) -> str:
    try:
        found = text({side: line.decode("utf-8")}, side)
    except UnicodeDecodeError as error:
        raise MalformedRow(side, f"not UTF-8: the byte {line[error.start]:#04x} at byte {error.start + 1} of the line") from None
    return "\n".join(part.strip() for part in found.split("<newline>")).strip()
