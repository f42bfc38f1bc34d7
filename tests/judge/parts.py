"""Judges for tests, as a recipe's ``function: {call: ...}`` finds them, and answers for them to judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from thousand import tables
from thousand.judge import Answered, Case

Rate = Callable[[Sequence[tuple[str, str]]], list[dict[str, object]]]


def by_length(*, limit: int = 6) -> Rate:
    """Rates an answer by its length, up to a limit; one that says "?" cannot be read."""

    def rate(pairs):
        return [
            {"raw": "unreadable", "correct": None}
            if answer == "?"
            else {"overall": min(len(answer), limit), "correct": len(answer) > 2, "raw": answer}
            for _, answer in pairs
        ]

    return rate


def not_a_number() -> Rate:
    return lambda pairs: [{"overall": float("nan")} for _ in pairs]


def constant(*, value: object) -> Rate:
    return lambda pairs: [{"overall": value, "style": None} for _ in pairs]


def forgetful() -> Rate:
    return lambda pairs: [{"overall": 1} for _ in pairs][1:]


def no_judge() -> str:
    return "a text"


def answers(*texts: str, samples: int = 1) -> pa.Table:
    """Answers to the prompts p0, p1, ..."""
    rows = [
        {
            "prompt_id": f"p{i // samples}",
            "sample": i % samples,
            "prompt": f"question {i // samples}",
            "answer": text,
            "stop": "end_of_turn",
            "tokens": len(text),
            "seconds": 0.0,
        }
        for i, text in enumerate(texts)
    ]
    return pa.Table.from_pylist(rows, schema=tables.ANSWERS)


def prompts(*rows: dict[str, Any]) -> pa.Table:
    """Prompts p0, p1, ... as `answers` names them, with what else the rows give."""
    asked = [{"prompt_id": f"p{i}", "messages": [{"role": "user", "content": f"question {i}"}]} | row for i, row in enumerate(rows)]
    return pa.Table.from_pylist(asked, schema=tables.PROMPTS)


def case(prompt: str, *texts: str, **more: Any) -> Case:
    """What a judge is shown of one prompt."""
    given = {"messages": [{"role": "user", "content": prompt}], "order": "ab" if len(texts) > 1 else None} | more
    return Case("p", 0, prompt, answers=tuple(Answered("ab"[i], 0, text) for i, text in enumerate(texts)), **given)


def arms(count: int = 6) -> dict[tuple[str, int], pa.Table]:
    """The claim's answers are the longer ones to even prompts."""
    ours = [f"{'long ' * 5 if i % 2 == 0 else ''}ours {i}" for i in range(count)]
    theirs = [f"{'long ' * 5 if i % 2 else ''}theirs {i}" for i in range(count)]
    return {("claim", 0): answers(*ours), ("other", 3): answers(*theirs)}
