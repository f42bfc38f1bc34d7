"""Judges for tests, as a recipe's ``function: {call: ...}`` finds them, and answers for them to judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa

from thousand import tables

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


def words() -> Rate:
    return lambda pairs: [{"overall": "very good", "why": "it is"} for _ in pairs]


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
