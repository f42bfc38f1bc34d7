"""The kinds of judge: one that rates an answer by itself, one that compares two, and verdicts that were given elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from thousand.conversation import Message
from thousand.endpoint import Preview

Key = tuple[str, int]
"""An arm and a seed."""
Progress = Callable[[int], None]
"""Is told how many cases are done."""


@dataclass(frozen=True)
class Answered:
    """One answer.

    Attributes:
        text: the last thing that was said; None where there is no answer, and then ``why`` says why.
        turns: the whole dialogue, where the prompt had several turns to be answered.
    """

    arm: str
    seed: int
    text: str | None
    why: str | None = None
    turns: Sequence[Message] = ()


@dataclass(frozen=True)
class Case:
    """What is before a judge: a prompt, and the answer to be rated, or two to be compared in the order in which they are shown.

    Attributes:
        prompt: as one text. messages: the same turn by turn.
        order: of two answers: ``ab``, or ``ba`` where the second arm's stands first.
        reference, checks, tags: what the prompt's row has for judges, see `thousand.tables.PROMPTS`.
    """

    prompt_id: str
    sample: int
    prompt: str
    messages: Sequence[Message]
    answers: tuple[Answered, ...]
    order: Literal["ab", "ba"] | None = None
    reference: str | None = None
    checks: Sequence[Mapping[str, str]] = ()
    tags: Sequence[str] = ()

    @property
    def texts(self) -> list[str]:
        """The last thing that each answer says."""
        return [each.text or "" for each in self.answers]


@dataclass(frozen=True)
class Said:
    """What a judge says of one case.

    Attributes:
        verdict: of one that compares: which of the two, as they were shown, or a tie; None where there is none.
        ratings: of one that rates, by criterion; NaN or None where there is none.
        raw: what it said, word for word. why: why there is no verdict, or a rating without a number.
        seconds, tokens, cost: None where they are not known.
        key: of what was asked; the verb makes one where a judge has none.
    """

    verdict: Literal["first", "second", "tie"] | None = None
    ratings: Mapping[str, float | None] = field(default_factory=dict)
    raw: str | None = None
    why: str | None = None
    seconds: float | None = None
    tokens: int | None = None
    cost: float | None = None
    key: str | None = None


def _every(_: Case) -> str | None:
    return None


def _free(cases: Sequence[Case], sample: int) -> Preview:
    return Preview(len(cases), 0, 0, cost=0.0, at_most=0.0)


@dataclass(frozen=True)
class Asked:
    """A judge that is asked.

    Attributes:
        name: under which its verdicts stand in the ledger.
        ask: from cases to what it says of each, in order.
        criteria: of its ratings. A judge without ``overall`` decides nothing; what it says is reported beside.
        leaves: why a case is not for this judge, or None where it is.
        preview: what cases will cost; with a sample of 0 it says so without asking.
    """

    name: str
    ask: Callable[[Sequence[Case], Progress], Sequence[Said]]
    criteria: tuple[str, ...] = ("overall",)
    leaves: Callable[[Case], str | None] = _every
    preview: Callable[[Sequence[Case], int], Preview] = _free

    @property
    def decides(self) -> bool:
        """Whether its verdicts say which arm wins."""
        return "overall" in self.criteria


@dataclass(frozen=True)
class Rater(Asked):
    """Rates answers one by one."""


@dataclass(frozen=True)
class Comparer(Asked):
    """Compares two answers to a prompt. It is asked twice, each answer first once."""


@dataclass(frozen=True)
class Imported:
    """Verdicts in a file.

    Attributes:
        awaited: where there is no file yet, nobody has judged, and that is no error.
    """

    name: str
    path: Path | None
    decides: bool = True
    awaited: bool = False


Judge = Rater | Comparer | Imported
