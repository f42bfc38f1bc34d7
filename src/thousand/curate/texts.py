"""What a signal looks at: the prompts and responses of some candidates, and words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from thousand.conversation import Message, prompt_of, response_of

Values = NDArray[np.float64]
"""One value per candidate, NaN where it could not be computed."""

COLUMNS = ["id", "messages", "score", "source", "tags"]

_UNSPACED = "\u3040-\u30ff\u3400-\u9fff"  # kana and Chinese characters: written without spaces, so each counts as a word
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+(?:['\u2019][^\W{_UNSPACED}]+)*")
_ASCII = bytes(ord(chr(i).lower()) if chr(i).isalnum() or chr(i) in "_'" else ord(" ") for i in range(128)) + bytes(range(128, 256))
"""For every byte of UTF-8 the one to put for it: a small letter for a capital, a space for an ASCII character of no word."""
_ODD = re.compile(r"[^a-z0-9_ ]")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\n+")


@dataclass(frozen=True)
class Measured:
    """Values with the reason for every one that could not be computed.

    Attributes:
        values: NaN where there is none.
        reasons: of the same length; None where there is a value.
    """

    values: Values
    reasons: Sequence[str | None]


@dataclass(frozen=True)
class Texts:
    """Some candidates as texts, all of one length.

    Attributes:
        prompts: everything before the last answer.
        responses: the last answer.
        scores: what the source says of it (votes), NaN where it says nothing.
        conversations: all the turns.
        sources: the names of their sources, such as ``chat:pool.jsonl``.
        tags: of each.
    """

    prompts: Sequence[str]
    responses: Sequence[str]
    scores: Values
    conversations: Sequence[Sequence[Message]] = ()
    sources: Sequence[str] = ()
    tags: Sequence[Sequence[str]] = ()

    @classmethod
    def of(cls, candidates: pa.Table) -> Texts:
        """The texts of a part of the candidates with the columns `COLUMNS`."""
        conversations = candidates["messages"].to_pylist()
        return cls(
            [prompt_of(messages) for messages in conversations],
            [response_of(messages) for messages in conversations],
            np.array(candidates["score"].to_numpy(zero_copy_only=False), dtype=np.float64),
            conversations,
            candidates["source"].to_pylist(),
            [tags or [] for tags in candidates["tags"].to_pylist()],
        )

    def __len__(self) -> int:
        return len(self.responses)

    @cached_property
    def words(self) -> list[list[str]]:
        """The words of the responses."""
        return [words(response) for response in self.responses]

    @cached_property
    def prose(self) -> list[str]:
        """The responses without their code, where rules about language do not apply."""
        return [_CODE.sub(" ", response) if "`" in response else response for response in self.responses]


@dataclass(frozen=True)
class Pool:
    """What a signal may need to know of the pool as a whole: in how many candidates each word occurs."""

    candidates: int
    frequency: Mapping[str, int]

    def rarity(self, word: str) -> float:
        """Inverse document frequency: 0 for a word that every response has, larger for rarer ones."""
        return float(np.log((self.candidates + 1) / (self.frequency.get(word, 0) + 1)))


def words(text: str) -> list[str]:
    """The words of a text in small letters: what `_WORD` finds in it, and most of it without that slow search."""
    line = (text if text.isascii() else text.lower()).encode().translate(_ASCII).decode()
    found: list[str] = []
    done = 0
    for odd in _ODD.finditer(line):  # an apostrophe or something that is not ASCII: only the piece around it is searched
        at = odd.start()
        if at >= done:
            start, end = max(done, line.rfind(" ", done, at) + 1), line.find(" ", at)
            end = end if end >= 0 else len(line)
            found += line[done:start].split()
            found += _WORD.findall(line, start, end)
            done = end
    found += line[done:].split()
    return found


def words_one_by_one(text: str) -> Iterator[str]:
    """The words of a text as they are asked for, where only the first few may be."""
    return (match.group() for match in _WORD.finditer(text.lower()))


def count(texts: Sequence[str], pattern: re.Pattern[str], screen: str) -> Values:
    """How often a pattern occurs in each text.

    Args:
        screen: a pattern in RE2's language, in any case, that finds something wherever ``pattern`` does. It reads all texts at
            some hundred million characters a second, so that Python's own, a hundred times slower, reads those few where
            there may be something.
    """
    values = np.zeros(len(texts))
    if texts:
        held = pc.match_substring_regex(pa.array(texts, pa.large_string()), screen, ignore_case=True)
        for row in np.flatnonzero(held.to_numpy(zero_copy_only=False)).tolist():
            values[row] = len(pattern.findall(texts[row]))
    return values


def sentences(text: str) -> list[str]:
    """The sentences and lines of a text, without what surrounds them."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part.strip()]
