"""Stack Exchange dumps: the ``Posts.xml`` of one or more sites, in its .7z or by itself, one candidate per answer (LIMA, section 2.1)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from io import BufferedReader

from thousand.conversation import MalformedRow, check
from thousand.errors import DataError, RecipeError
from thousand.gather import exchanges
from thousand.gather.files import UNREADABLE, SourceFile, expand
from thousand.gather.html import text_of
from thousand.gather.markup import Markup
from thousand.gather.posts import Posts, Question
from thousand.gather.rows import Candidate, Reading, Rejected, Row, Unit, reject
from thousand.gather.seven_zip import open_member
from thousand.gather.xml import XMLError, elements

_QUESTION, _ANSWER = "1", "2"
_OWN_DOMAINS = {f"{name}.com" for name in ("stackoverflow", "superuser", "serverfault", "askubuntu", "stackapps")} | {"mathoverflow.net"}
_ELSEWHERE = re.compile(r"\b(this|these|following|below|above|here)\b", re.IGNORECASE)


def stackexchange(
    *, path: str | list[str], site: str | None = None, split: str | None = None, least_score: int | None = None, seed: int = 0
) -> Reading:
    """Candidates from the official archives (.7z), read as they are, and from ``Posts.xml`` files, plain or as .gz or .zst.

    Every answer is one row read: a candidate with its question as prompt, its votes as score, the question as group, and
    the question's tags, with ``accepted`` where the asker accepted it; or a rejection. Questions without answers, and
    posts that are neither, are not rows. A file that breaks off keeps what stood before and adds one rejection.

    The prompt is the title where it can stand alone and the question's id, hashed with the seed, says so (for half of them);
    otherwise title and body. LIMA uses one or the other at random. All answers to a question share its prompt.

    Args:
        path: a file, a pattern such as ``dumps/*.7z``, or a list of them.
        site: the site's name, such as ``coffee``; taken by default from ``coffee.stackexchange.com.7z``,
            ``coffee.Posts.xml`` or ``coffee.stackexchange.com/Posts.xml``. Without a site there are no links to the posts.
        split: ``stem`` or ``other``: the files of other exchanges are left out, by the lists in `thousand.gather.exchanges`.
        least_score: answers with fewer votes are rejected, with that reason; None rejects none. LIMA's 10 is better asked
            for as a rule of curation, where it can change without reading the dump again.
        seed: of the choice between title and body.

    Raises:
        DataError: a file is missing or of another kind; no file is of the split, or one does not say of which site it is.
        RecipeError: ``site`` is not the name of a site, or ``split`` not that of a split.
    """
    if site is not None and not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", site):
        raise RecipeError(f"stackexchange: site: {site!r} is not the name of a site.", "Write it as in coffee or bicycles.meta.")
    if split not in (None, *exchanges.SPLITS):
        raise RecipeError(f"stackexchange: split: {split!r} is not known.", f"There are: {', '.join(exchanges.SPLITS)}.")
    dumps = [_Dump.of(file, site) for file in expand(path, (".xml", ".7z"))]
    if split is not None:
        dumps = _only(dumps, split)
    return Reading([Unit(dump.name, dump.file.size, partial(_rows, dump, least_score, seed)) for dump in dumps])


def _only(dumps: list[_Dump], split: str) -> list[_Dump]:
    unknown = [str(dump.file.path) for dump in dumps if dump.host is None]
    if unknown:
        raise DataError(f"split: {unknown[0]} does not say of which site it is.", "Name it as in coffee.Posts.xml, or give its site.")
    found = [dump for dump in dumps if exchanges.split_of(dump.host or "") == split]
    if not found:
        raise DataError(f"No site of the split {split!r} is among {', '.join(sorted(dump.name for dump in dumps))}.", "Give other files.")
    return found


@dataclass(frozen=True)
class _Dump:
    """A file and the site it is of.

    Attributes:
        name: the site, or the file's name where the site is not known.
        host: where its posts can be seen.
    """

    file: SourceFile
    name: str
    host: str | None

    @classmethod
    def of(cls, file: SourceFile, site: str | None) -> _Dump:
        """The site as given, or as the file's name or its folder's says."""
        name = file.path.name.lower()
        if site is None and (match := re.match(r"([a-z0-9][a-z0-9.-]*?)[.-]posts\.xml", name)):
            site = match[1]
        if site is None and (match := re.fullmatch(r"(?!posts\.7z)([a-z0-9][a-z0-9.-]*?)(?:[.-]posts)?\.7z", name)):
            site = match[1]
        if site is None and (
            match := re.fullmatch(r"([a-z0-9][a-z0-9.-]*\.(?:com|net))(?:-posts)?", file.path.absolute().parent.name.lower())
        ):
            site = match[1]
        if site is None:
            return cls(file, file.name, None)
        site = site.removesuffix(".stackexchange.com")
        undated = re.sub(r"-\d{4}$", "", site)  # people keep beer-2014 beside beer
        own = next((domain for domain in _OWN_DOMAINS if undated in (domain, domain.rpartition(".")[0])), None)
        return cls(file, site, own or (undated if undated.endswith((".com", ".net")) else f"{undated}.stackexchange.com"))

    def open(self) -> BufferedReader:
        """The XML of its posts."""
        stream = open_member(self.file.path, "Posts.xml") if self.file.kind == ".7z" else self.file.open()
        return Markup(stream.detach())

    def reject(self, post: Mapping[str, str], reason: str, field: str | None = None) -> Rejected:
        origin = f"{self.file.name}:#{post['Id']}" if "Id" in post else self.file.name
        return reject(self.name, origin[:300], reason, json.dumps(post, ensure_ascii=False), field)


def _rows(dump: _Dump, least_score: int | None, seed: int) -> Iterator[Row]:
    found = False
    with closing(Posts()) as posts, dump.open() as stream:
        try:
            for post in elements(stream, "row"):
                try:
                    row = _row(post, dump, posts, least_score, seed)
                except MalformedRow as error:
                    row = dump.reject(post, str(error), error.field)
                if row is not None:
                    found = True
                    yield row
        except (XMLError, *UNREADABLE) as error:
            found = True
            yield reject(dump.name, dump.file.name, f"the file cannot be read further, what follows is lost: {error}")
        # In a dump an answer comes after its question, unless posts were merged or moved.
        for post in posts.waiting():
            found = True
            question = posts.question(_number(post, "ParentId"))
            if question is None:
                yield dump.reject(post, f"its question {post['ParentId']} is not in the file or could not be read", "ParentId")
                continue
            try:
                yield _candidate(post, question, dump, least_score)
            except MalformedRow as error:
                yield dump.reject(post, str(error), error.field)
    if not found:
        yield reject(dump.name, dump.file.name, "the file has no answers: is it the Posts.xml of a dump?")


def _row(post: Mapping[str, str], dump: _Dump, posts: Posts, least_score: int | None, seed: int) -> Row | None:
    """What a post gives: a row for an answer, nothing for a question, which is remembered."""
    identity = _number(post, "Id")
    kind = post.get("PostTypeId")
    if kind is None:
        raise MalformedRow("PostTypeId", "the post does not say whether it is a question or an answer")
    if kind not in (_QUESTION, _ANSWER):
        return None
    if not posts.first(identity):
        raise MalformedRow("Id", "a post with this id stands earlier in the file")
    if kind == _QUESTION:
        accepted = _number(post, "AcceptedAnswerId") if post.get("AcceptedAnswerId") else None
        posts.remember(identity, Question(_prompt(post, seed), accepted, _tags(post)))
        return None
    question = posts.question(_number(post, "ParentId"))
    if question is None:
        posts.wait(identity, post)
        return None
    return _candidate(post, question, dump, least_score)


def _candidate(post: Mapping[str, str], question: Question, dump: _Dump, least_score: int | None) -> Candidate:
    identity = post["Id"]
    answer = _text(post)
    if not answer:
        raise MalformedRow("Body", "nothing is left of the answer without links, images and markup")
    score = _score(post)
    if least_score is not None and (score is None or score < least_score):
        raise MalformedRow("Score", f"score {score:g}, least_score asks for {least_score}" if score is not None else "no score")
    return Candidate(
        source=dump.name,
        origin=f"{dump.file.name}:#{identity}",
        messages=check([{"role": "user", "content": question.prompt}, {"role": "assistant", "content": answer}]),
        form="stackexchange",
        group=f"{dump.name}:#{post['ParentId']}",
        score=score,
        author=post.get("OwnerDisplayName") or (f"user {post['OwnerUserId']}" if post.get("OwnerUserId") else None),
        licence=_licence(post),
        link=f"https://{dump.host}/a/{identity}" if dump.host else None,
        tags=[*question.tags, *(["accepted"] if question.accepted == int(identity) else [])],
    )


def _prompt(post: Mapping[str, str], seed: int) -> str:
    title = " ".join(post.get("Title", "").split())
    if _stands_alone(title) and hashlib.sha256(f"{seed}:{post['Id']}".encode()).digest()[0] % 2:
        return title
    prompt = "\n\n".join(part for part in (title, _text(post)) if part)
    if not prompt:
        raise MalformedRow("Title", "the question has neither title nor body")
    return prompt


def _stands_alone(title: str) -> bool:
    """Whether a title can be answered without its body: a whole question that points nowhere else."""
    return title.endswith("?") and len(title.split()) >= 6 and not _ELSEWHERE.search(title)


def _text(post: Mapping[str, str]) -> str:
    try:
        return text_of(post.get("Body", ""))
    except ValueError as error:
        raise MalformedRow("Body", str(error)) from None


def _number(post: Mapping[str, str], field: str) -> int:
    value = post.get(field, "")
    if not re.fullmatch(r"[0-9]{1,15}", value):
        raise MalformedRow(field, f"expected the number of a post, found {value[:100]!r}")
    return int(value)


def _score(post: Mapping[str, str]) -> float | None:
    value = post.get("Score")
    if value is None:
        return None
    if not re.fullmatch(r"-?[0-9]{1,15}", value):
        raise MalformedRow("Score", f"expected a number of votes, found {value[:100]!r}")
    return float(value)


def _tags(post: Mapping[str, str]) -> list[str]:
    """Tags are written ``<a><b>`` in older dumps, ``|a|b|`` in newer ones."""
    return [tag for tag in re.split(r"[<>|]+", post.get("Tags", "")) if tag]


def _licence(post: Mapping[str, str]) -> str | None:
    """As the post says, or by the day it was written: https://stackoverflow.com/help/licensing."""
    if post.get("ContentLicense"):
        return post["ContentLicense"]
    day = post.get("CreationDate", "")[:10]
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        return None
    return "CC BY-SA 2.5" if day < "2011-04-08" else "CC BY-SA 3.0" if day < "2018-05-02" else "CC BY-SA 4.0"
